// Package sts is the AWS Security Token Service: who am I, and be that role for a while.
//
// It follows the AWS Security Token Service API Reference. Session policies and session tags are accepted and ignored: a
// session may do whatever its role may.
package sts

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// Service is the service, and knows how long the keys live that it gave out.
type Service struct {
	*wire.RPC
	world   *world.World
	expires map[string]time.Time // by access key
}

// New makes the service.
func New(w *world.World) *Service {
	s := &Service{world: w, expires: map[string]time.Time{}}
	s.RPC = &wire.RPC{
		SigningName: "sts",
		XMLNS:       "https://sts.amazonaws.com/doc/2011-06-15/",
		Operations: map[string]wire.Operation{
			"GetCallerIdentity": wire.Op(s.getCallerIdentity),
			"AssumeRole":        wire.Op(s.assumeRole),
		},
	}
	return s
}

// Expired says whether the key came from AssumeRole and its time is over. Call it within [world.World.Do].
func (s *Service) Expired(accessKey string) bool {
	until, ok := s.expires[accessKey]
	return ok && !s.world.Now().Before(until)
}

type callerIdentity struct {
	UserID  string `json:"UserId"`
	Account string `json:"Account"`
	ARN     string `json:"Arn"`
}

func (s *Service) getCallerIdentity(c *wire.Call, _ *struct{}) (*callerIdentity, error) {
	var inactive error
	s.world.Do(func() { inactive = s.inactive(c, c.Caller.Account) })
	if inactive != nil {
		return nil, inactive
	}
	return &callerIdentity{UserID: c.Caller.UserID, Account: c.Caller.Account, ARN: c.Caller.ARN}, nil
}

type assumeRoleInput struct {
	RoleARN         string `json:"RoleArn"`
	RoleSessionName string `json:"RoleSessionName"`
	DurationSeconds *int   `json:"DurationSeconds"`

	ExternalID string `json:"ExternalId"` // not looked at, as the rest: trust policies know no conditions here
	Policy     string `json:"Policy"`
	PolicyARNs []struct {
		ARN string `json:"arn"`
	} `json:"PolicyArns"`
	Tags []struct {
		Key   string `json:"Key"`
		Value string `json:"Value"`
	} `json:"Tags"`
	SourceIdentity string `json:"SourceIdentity"`
}

type assumeRoleOutput struct {
	Credentials     credentials     `json:"Credentials"`
	AssumedRoleUser assumedRoleUser `json:"AssumedRoleUser"`
}

type credentials struct {
	AccessKeyID     string    `json:"AccessKeyId"`
	SecretAccessKey string    `json:"SecretAccessKey"`
	SessionToken    string    `json:"SessionToken"`
	Expiration      wire.Time `json:"Expiration"`
}

type assumedRoleUser struct {
	AssumedRoleID string `json:"AssumedRoleId"`
	ARN           string `json:"Arn"`
}

var (
	sessionName = pattern.Compile(`[\w+=,.@-]*`)
	roleARN     = pattern.Compile(`^arn:aws:iam::(\d{12}):role/(.+)$`)
)

const (
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	mixed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+"
)

func (s *Service) assumeRole(c *wire.Call, in *assumeRoleInput) (*assumeRoleOutput, error) {
	var invalid wire.Invalid
	invalid.Required("roleArn", in.RoleARN)
	invalid.Length("roleArn", in.RoleARN, 20, 2048)
	invalid.Required("roleSessionName", in.RoleSessionName)
	invalid.Length("roleSessionName", in.RoleSessionName, 2, 64)
	invalid.Pattern("roleSessionName", in.RoleSessionName, sessionName)
	invalid.Range("durationSeconds", in.DurationSeconds, 900, 43_200)
	if err := invalid.Err(); err != nil {
		return nil, err
	}
	lasts := time.Hour
	if in.DurationSeconds != nil {
		lasts = time.Duration(*in.DurationSeconds) * time.Second
	}
	if strings.Contains(c.Caller.ARN, ":assumed-role/") && lasts > time.Hour {
		return nil, wire.Fail("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	parts := roleARN.FindStringSubmatch(in.RoleARN)
	if parts == nil {
		return nil, wire.Fail("ValidationError", in.RoleARN+" is invalid")
	}
	var out *assumeRoleOutput
	var inactive error
	s.world.Do(func() {
		account, path := parts[1], parts[2]
		if inactive = s.inactive(c, account); inactive != nil {
			return
		}
		role := path[strings.LastIndex(path, "/")+1:]
		if !s.world.MayAssume(world.Caller(c.Caller), account, role) {
			return
		}
		out = s.grant(account, role, in.RoleSessionName, lasts)
	})
	if inactive != nil {
		return nil, inactive
	}
	if out == nil {
		return nil, &wire.Error{
			Code: "AccessDenied", Status: http.StatusForbidden,
			Message: fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.Caller.ARN, in.RoleARN),
		}
	}
	return out, nil
}

// inactive says that STS gives out no session of the account in the Region that is asked: it is not enabled there, or STS
// is not active.
func (s *Service) inactive(c *wire.Call, account string) error {
	accounts := []string{c.Caller.Account}
	if !s.world.Otherwise("sts-inactive-for-callers-only") {
		accounts = append(accounts, account)
	}
	for _, id := range accounts {
		a := s.world.Account(id)
		switch {
		case a == nil:
		case !s.world.RegionEnabled(a, c.Region):
			return &wire.Error{Code: "InvalidClientTokenId", Status: http.StatusForbidden, Message: "The security token included in the request is invalid"}
		case !s.world.STSActive(a, c.Region):
			return &wire.Error{
				Code: "RegionDisabledException", Status: http.StatusForbidden,
				Message: "STS is not activated in this region for account:" + id + ". Your account administrator can activate STS in this region using the IAM Console.",
			}
		}
	}
	return nil
}

// grant makes up a key that is the role from now on.
func (s *Service) grant(account, role, session string, lasts time.Duration) *assumeRoleOutput {
	key := "ASIA" + s.world.Identifier("access-key", 16, upper)
	roleID := "AROA" + s.world.Identifier("role/"+account+"/"+role, 17, upper)
	until := s.world.Now().Add(lasts).Truncate(time.Second)
	who := world.Caller{
		Account: account,
		ARN:     "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + session,
		UserID:  roleID + ":" + session,
	}
	s.world.Grant(key, who)
	s.expires[key] = until
	return &assumeRoleOutput{
		Credentials: credentials{
			AccessKeyID:     key,
			SecretAccessKey: s.world.Identifier("secret-key", 40, mixed),
			SessionToken:    s.world.Identifier("session-token", 356, mixed),
			Expiration:      wire.Time{Time: until},
		},
		AssumedRoleUser: assumedRoleUser{AssumedRoleID: who.UserID, ARN: who.ARN},
	}
}
