// Package member looks into member accounts of the organization: it enters them through a role, and finds there what
// Control Tower would stumble over.
//
// Whatever it asks changes nothing. An error that lasts (no permission, a service that the account has not subscribed to)
// is an [account.Refused]; any other may pass.
//
// It imports account, precheck and retry.
package member

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/vend-cli/vend/internal/precheck"
)

// Options are how accounts are entered.
type Options struct {
	Management func(context.Context) (string, error) // id of the account that execution roles have to trust
	Attempts   int                                   // of one look; 0 is 4
}

// Client enters accounts from the management account. It is safe for concurrent use.
type Client struct {
	cfg     aws.Config
	sts     *sts.Client
	options Options
}

// New makes a client. The caller may assume roles in member accounts.
func New(cfg aws.Config, o Options) *Client {
	cfg = cfg.Copy()
	if cfg.Retryer != nil {
		attempts, inner := o.Attempts, cfg.Retryer
		if attempts == 0 {
			attempts = 4
		}
		cfg.Retryer = func() aws.Retryer { return awsretry.AddWithMaxAttempts(inner(), attempts) }
	}
	return &Client{cfg: cfg, sts: sts.NewFromConfig(cfg), options: o}
}

// Account is a member account from inside. It is safe for concurrent use.
type Account struct {
	id, role string
	cfg      aws.Config // of the role's session
	options  Options
}

// Enter becomes the first of the roles that lets itself be assumed in the account. The error is [precheck.ErrNoEntry] when
// none does (AWS Security Token Service API Reference, AssumeRole: a role that is missing and one that does not trust the
// caller are answered alike).
func (c *Client) Enter(ctx context.Context, accountID string, roles []string) (*Account, error) {
	for _, role := range roles {
		entered, err := c.assume(ctx, accountID, role)
		if err != nil || entered != nil {
			return entered, err
		}
	}
	return nil, precheck.ErrNoEntry
}

// Assumable says whether Control Tower's execution role lets itself be assumed in the account, now.
func (c *Client) Assumable(ctx context.Context, accountID string) (bool, error) {
	entered, err := c.assume(ctx, accountID, precheck.ExecutionRole)
	return entered != nil, err
}

// assume becomes a role; nil when it does not let itself be assumed.
func (c *Client) assume(ctx context.Context, accountID, role string) (*Account, error) {
	out, err := c.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn:         aws.String("arn:" + partition(c.cfg.Region) + ":iam::" + accountID + ":role/" + role),
		RoleSessionName: aws.String("vend"), DurationSeconds: aws.Int32(900),
	})
	switch {
	case code(err) == "AccessDenied":
		return nil, nil //nolint:nilnil // there is no such role for us, which is an answer
	case err != nil:
		return nil, fmt.Errorf("assume role %s in account %s: %w", role, accountID, judge("sts.AssumeRole", err))
	case out.Credentials == nil:
		return nil, fmt.Errorf("assume role %s in account %s: the answer holds no credentials", role, accountID)
	}
	k := out.Credentials
	session := c.cfg.Copy()
	session.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(k.AccessKeyId), aws.ToString(k.SecretAccessKey), aws.ToString(k.SessionToken))
	return &Account{id: accountID, role: role, cfg: session, options: c.options}, nil
}

// Role is the role that the account was entered through.
func (a *Account) Role() string { return a.role }

// Regions says which Regions there are, and which of them the account uses (Amazon EC2 API Reference, DescribeRegions).
func (a *Account) Regions(ctx context.Context) (map[string]bool, error) {
	out, err := ec2.NewFromConfig(a.cfg).DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("list Regions of account %s: %w", a.id, judge("ec2.DescribeRegions", err))
	}
	enabled := map[string]bool{}
	for _, r := range out.Regions {
		enabled[aws.ToString(r.RegionName)] = aws.ToString(r.OptInStatus) != "not-opted-in"
	}
	return enabled, nil
}

// Execution describes Control Tower's execution role (IAM API Reference, GetRole, ListAttachedRolePolicies).
func (a *Account) Execution(ctx context.Context) (precheck.Execution, error) {
	client := iam.NewFromConfig(a.cfg)
	management, err := a.options.Management(ctx)
	if err != nil {
		return precheck.Execution{}, err
	}
	role, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(precheck.ExecutionRole)})
	var none *types.NoSuchEntityException
	switch {
	case errors.As(err, &none):
		return precheck.Execution{}, nil
	case err != nil:
		return precheck.Execution{}, fmt.Errorf("describe role %s of account %s: %w", precheck.ExecutionRole, a.id, judge("iam.GetRole", err))
	}
	e := precheck.Execution{Found: true, Trusts: trusts(aws.ToString(role.Role.AssumeRolePolicyDocument), management)}
	err = everyPage(func(token *string) (*string, error) {
		page, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String(precheck.ExecutionRole), Marker: token})
		if err != nil {
			return nil, err
		}
		for _, p := range page.AttachedPolicies {
			e.Administrator = e.Administrator || strings.HasSuffix(aws.ToString(p.PolicyArn), ":iam::aws:policy/AdministratorAccess")
		}
		return page.Marker, nil
	})
	if err != nil {
		return e, fmt.Errorf("list policies of role %s of account %s: %w", precheck.ExecutionRole, a.id, judge("iam.ListAttachedRolePolicies", err))
	}
	return e, nil
}

// trusts says whether a trust policy, as IAM hands it out, lets the whole of an account assume its role without a
// condition.
func trusts(document, accountID string) bool {
	if plain, err := url.QueryUnescape(document); err == nil {
		document = plain
	}
	var policy struct {
		Statement list[struct {
			Effect    string
			Principal principals
			Action    list[string]
			Condition map[string]any
		}]
	}
	if json.Unmarshal([]byte(document), &policy) != nil {
		return false
	}
	for _, s := range policy.Statement {
		acts := slices.ContainsFunc(s.Action, func(action string) bool {
			return strings.EqualFold(action, "sts:AssumeRole") || strings.EqualFold(action, "sts:*") || action == "*"
		})
		if s.Effect == "Allow" && acts && len(s.Condition) == 0 && s.Principal.holds(accountID) {
			return true
		}
	}
	return false
}

// list is a member of a policy that may be one or many.
type list[T any] []T

// UnmarshalJSON reads one or many.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	var many []T
	if json.Unmarshal(raw, &many) == nil {
		*l = many
		return nil
	}
	var one T
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*l = []T{one}
	return nil
}

// principals are the AWS principals of a statement.
type principals []string

// UnmarshalJSON reads {"AWS": …} or "*".
func (p *principals) UnmarshalJSON(raw []byte) error {
	var all string
	if json.Unmarshal(raw, &all) == nil {
		*p = principals{all}
		return nil
	}
	var by struct{ AWS list[string] }
	if err := json.Unmarshal(raw, &by); err != nil {
		return err
	}
	*p = principals(by.AWS)
	return nil
}

func (p principals) holds(accountID string) bool {
	return slices.ContainsFunc(p, func(who string) bool {
		return who == accountID || who == "*" || strings.HasPrefix(who, "arn:") && strings.HasSuffix(who, ":iam::"+accountID+":root")
	})
}

// partition is that of a Region; those that are not listed are of the largest one.
func partition(region string) string {
	for _, p := range []struct{ prefix, partition string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"us-iso-", "aws-iso"},
		{"us-isob-", "aws-iso-b"},
		{"us-isof-", "aws-iso-f"},
		{"eu-isoe-", "aws-iso-e"},
		{"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.partition
		}
	}
	return "aws"
}

// everyPage asks for page after page, each by the token that the one before it answered with, until there is none.
//
// The SDK's paginators do the same, but take the client as an interface. Of a type that is in one, the linker keeps every
// method in a program that calls methods by name, as text/template does: of EC2's client those are 700 operations, and a
// third of the size of the program.
func everyPage(ask func(token *string) (next *string, err error)) error {
	for token := (*string)(nil); ; {
		next, err := ask(token)
		if err != nil || aws.ToString(next) == "" {
			return err
		}
		token = next
	}
}
