// Package doctor looks whether what the pipeline needs is there: one check a line, each with its remedy.
//
// A check looks and changes nothing. Without credentials nothing else can be looked at, so [Examine] ends there; every
// other check stands for itself. What only makes work slower, or may be missing on purpose, is a warning.
//
// It imports account, and declares what it looks at.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Result is how a check came out.
type Result string

// The results of a check.
const (
	Pass Result = "pass"
	Warn Result = "warn"
	Fail Result = "fail"
)

// Check is one thing that was looked at.
type Check struct {
	Name    string
	Result  Result
	Code    string // of what is wrong, for `vend explain`; empty where there is none
	Message string
	Remedy  string // of what is not well
}

// Caller is who asks, and what time it is where it was asked.
type Caller struct {
	AccountID string
	ARN       string
	Date      time.Time // of the answer, in whole seconds
	Local     time.Time // by the clock of this machine, at that moment
}

// Organization is what Organizations knows.
type Organization struct {
	ManagementAccountID string
	TrustedServices     []string // service principals with trusted access; nil where that may not be looked at
}

// Zone is Control Tower's landing zone.
type Zone struct {
	Version, Latest string
	Status          string // ACTIVE, PROCESSING or FAILED
	Drift           string // IN_SYNC or DRIFTED; empty where AWS does not say
	Regions         []string
}

// Bucket is how the bucket is set up.
type Bucket struct {
	Versioned bool
	Announces bool // it sends events to EventBridge
}

// Table is how the table is set up.
type Table struct {
	Status  string // ACTIVE when it can be used
	Fitting bool   // it has the keys and the index that the pipeline needs
	Safe    bool   // it can't be deleted by mistake
}

// Inbox is how the queue of events is set up.
type Inbox struct {
	HasDeadLetters bool // what nobody can handle is put aside
	DeadLetters    int
	Waiting        int // messages
}

// Ports are what is looked at. What is nil is not looked at: it was not given, or is not needed.
type Ports struct {
	Caller         func(context.Context) (Caller, error)
	Organization   func(context.Context) (Organization, error)
	LandingZone    func(context.Context) (Zone, bool, error)
	Factory        func(context.Context) (product, version string, err error)
	IdentityCenter func(context.Context) (instance string, err error)
	Bucket         func(context.Context) (Bucket, error)
	Table          func(context.Context) (Table, error)
	Inbox          func(context.Context) (Inbox, error)
	Topic          func(context.Context) error
	Quota          func(context.Context) (account.Quota, error)
	User           func(ctx context.Context, email string) (bool, error)
}

// Subject is the pipeline that is examined.
type Subject struct {
	Region               string
	Bucket, Table, Queue string // names; empty where none was given
	Topic                string
	EnrollmentUser       string // e-mail address; empty where none was given
}

// Examine makes all checks, one after the other, and calls each with what came out. It ends early when ctx does, or when
// there are no credentials.
func Examine(ctx context.Context, p Ports, s Subject, each func(Check)) {
	e := examination{Ports: p, Subject: s, each: each}
	if !e.caller(ctx) {
		return
	}
	for _, check := range []func(context.Context){
		e.management, e.landingZone, e.factory, e.identityCenter, e.stackSets, e.bucket, e.table, e.inbox, e.topic, e.quota, e.user, e.clock,
	} {
		if ctx.Err() != nil {
			return
		}
		check(ctx)
	}
}

// NoCredentials is the check of credentials that could not even be looked for.
func NoCredentials(err error, each func(Check)) {
	e := examination{each: each}
	e.unseen(credentials, Fail, err)
}

// Before makes the checks that are cheap and decide whether a worker can do anything at all: the landing zone, Account
// Factory, Identity Center. It tells only of what is not well.
func Before(ctx context.Context, p Ports, s Subject, each func(Check)) {
	e := examination{Ports: p, Subject: s, each: func(c Check) {
		if c.Result != Pass {
			each(c)
		}
	}}
	e.landingZone(ctx)
	e.factory(ctx)
	e.identityCenter(ctx)
}

type examination struct {
	Ports
	Subject
	each func(Check)
	who  Caller
	org  Organization
}

func (e *examination) pass(name, format string, args ...any) {
	e.each(Check{Name: name, Result: Pass, Message: fmt.Sprintf(format, args...)})
}

func (e *examination) warn(name, message, remedy string) {
	e.each(Check{Name: name, Result: Warn, Message: message, Remedy: remedy})
}

func (e *examination) fail(name, code, message, remedy string) {
	if remedy == "" {
		explained, _ := account.Explain(code)
		remedy = explained.Remedy
	}
	e.each(Check{Name: name, Result: Fail, Code: code, Message: message, Remedy: remedy})
}

// unseen tells of something that could not be looked at: in AWS's words, with the remedy of its code. What the pipeline can
// do without is only a warning.
func (e *examination) unseen(name string, result Result, err error) {
	c := Check{Name: name, Result: result, Code: "V3015", Message: err.Error()}
	var refused account.Refused
	var wait account.Wait
	var unreached *url.Error
	var foreign account.Foreign
	switch {
	case errors.As(err, &refused):
		c.Code, c.Message, c.Remedy = refused.Code, refused.Reason, refused.Hint
		if refused.Answer.Message != "" {
			c.Message += ": " + refused.Answer.Message
		}
	case errors.As(err, &wait):
		c.Result, c.Code, c.Message, c.Remedy = Warn, "", wait.Why, "Run it again in a minute."
	case errors.As(err, &foreign):
		c.Message = foreign.Error()
	case errors.As(err, &unreached):
		c.Message = fmt.Sprintf("AWS can't be reached: %s: %s", unreached.URL, unreached.Err)
	default:
		if answer, ok := account.AnswerOf("", err); ok {
			c.Code, c.Message, c.Remedy = "", answer.Code+": "+answer.Message, "Run it again; --log-level debug tells more."
		}
	}
	if c.Remedy == "" {
		explained, _ := account.Explain(c.Code)
		c.Remedy = explained.Remedy
	}
	c.Message = strings.TrimSpace(c.Message)
	e.each(c)
}
