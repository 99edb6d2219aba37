package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// The kinds of faults: of API requests, and of events.
const (
	kindError            = "error"
	kindErrorAfterEffect = "error-after-effect"
	kindDropAfterEffect  = "drop-after-effect"
	kindDelay            = "delay"
	kindFailRecord       = "fail-record"
	kindFailInstance     = "fail-instance"
	kindLoseEvent        = "lose-event"
	kindDuplicateEvent   = "duplicate-event"
	kindDelayEvent       = "delay-event"

	createAssignment = "sso.CreateAccountAssignment"
	deleteAssignment = "sso.DeleteAccountAssignment"
)

var (
	requestKinds = []string{kindError, kindErrorAfterEffect, kindDropAfterEffect, kindDelay, kindFailRecord, kindFailInstance}
	eventKinds   = []string{kindLoseEvent, kindDuplicateEvent, kindDelayEvent}

	// recordOperations are the operations that have a record which can fail.
	recordOperations = []string{
		"servicecatalog.ProvisionProduct", "servicecatalog.UpdateProvisionedProduct", "servicecatalog.TerminateProvisionedProduct",
		createAssignment, deleteAssignment,
	}

	// instanceOperations are the operations whose stack instances can fail.
	instanceOperations = []string{
		"cloudformation.CreateStackInstances", "cloudformation.UpdateStackInstances", "cloudformation.DeleteStackInstances",
		"cloudformation.UpdateStackSet",
	}
	twelveDigits = pattern.Compile(`^\d{12}$`)
)

// rule is one fault: it counts what matches its operation, and hits from the nth on, so many times.
type rule struct {
	Operation    string `json:"operation"`
	Nth          int    `json:"nth"`
	Times        int    `json:"times"`
	Kind         string `json:"kind"`
	Code         string `json:"code"`
	Message      string `json:"message"`
	Status       int    `json:"status"`
	Milliseconds int    `json:"ms"`
	Account      string `json:"account"`

	seen int
}

// hits counts a match, and says whether it is one that the rule is for.
func (r *rule) hits() bool {
	r.seen++
	return r.seen >= r.Nth && r.seen < r.Nth+r.Times
}

func (r *rule) record() world.RecordFault {
	account := r.Account
	if account == "none" {
		account = ""
	}
	return world.RecordFault{Code: r.Code, Message: r.Message, Account: account}
}

func (r *rule) instance() world.InstanceFault {
	return world.InstanceFault{Account: r.Account, Reason: cmp.Or(r.Message, "A fault that was asked for.")}
}

// faults are the rules in the order in which they were posted.
type faults struct {
	mu    sync.Mutex
	rules []*rule
}

// add reads rules, all or none of them.
func (f *faults) add(text []byte) error {
	var rules []*rule
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&rules); err != nil {
		return fmt.Errorf("read rules: a JSON array of rules is expected: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read rules: something follows the JSON array")
	}
	for i, r := range rules {
		if r == nil {
			return fmt.Errorf("rule %d: it is null", i+1)
		}
		if err := r.complete(); err != nil {
			return fmt.Errorf("rule %d: %w", i+1, err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, rules...)
	return nil
}

// complete fills in what may be left out, and refuses what makes no sense.
func (r *rule) complete() error {
	if r.Nth == 0 {
		r.Nth = 1
	}
	if r.Times == 0 {
		r.Times = 1
	}
	ofEvents := r.Operation == "events" || strings.HasPrefix(r.Operation, "events.aws.")
	switch {
	case r.Operation == "":
		return errors.New(`"operation" is missing`)
	case r.Nth < 0 || r.Times < 0:
		return errors.New(`"nth" and "times" must be at least 1`)
	case r.Status != 0 && (r.Status < 300 || r.Status > 599):
		return fmt.Errorf(`"status" %d is no status of an error: 300 to 599`, r.Status)
	case slices.Contains(eventKinds, r.Kind):
		if !ofEvents {
			return fmt.Errorf(`kind %q is for events: "operation" must be events, events.aws.s3 or events.aws.controltower, not %q`, r.Kind, r.Operation)
		}
	case slices.Contains(requestKinds, r.Kind):
		if ofEvents {
			return fmt.Errorf("kind %q is for API requests; for events there are: %s", r.Kind, strings.Join(eventKinds, ", "))
		}
	default:
		return fmt.Errorf("unknown kind %q; the kinds are: %s", r.Kind, strings.Join(slices.Concat(requestKinds, eventKinds), ", "))
	}
	return r.completeKind()
}

func (r *rule) completeKind() error {
	switch r.Kind {
	case kindError, kindErrorAfterEffect:
		if r.Code == "" {
			return fmt.Errorf(`kind %q needs a "code", as ThrottlingException`, r.Kind)
		}
	case kindDelay, kindDelayEvent:
		if r.Milliseconds <= 0 {
			return fmt.Errorf(`kind %q needs "ms", greater than 0`, r.Kind)
		}
	case kindFailRecord:
		if !slices.Contains(recordOperations, r.Operation) {
			return fmt.Errorf("kind %q is for %s, not %q", r.Kind, strings.Join(recordOperations, ", "), r.Operation)
		}
		if r.Account != "" && r.Account != "none" && r.Account != "created" {
			return fmt.Errorf(`"account" is none or created, not %q`, r.Account)
		}
	case kindFailInstance:
		if !slices.Contains(instanceOperations, r.Operation) {
			return fmt.Errorf("kind %q is for %s, not %q", r.Kind, strings.Join(instanceOperations, ", "), r.Operation)
		}
		if r.Account != "" && !twelveDigits.MatchString(r.Account) {
			return fmt.Errorf(`"account" is the id of the account whose stack instances fail, not %q`, r.Account)
		}
	}
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// api counts a request, and returns the first rule that hits.
func (f *faults) api(operation string) *rule {
	return f.first(func(r *rule) bool { return r.Operation == operation })
}

// event decides about an event; operation is "events." and its source.
func (f *faults) event(operation string) world.EventFault {
	r := f.first(func(r *rule) bool { return r.Operation == operation || r.Operation == "events" })
	if r == nil {
		return world.EventFault{}
	}
	return world.EventFault{
		Lose:      r.Kind == kindLoseEvent,
		Duplicate: r.Kind == kindDuplicateEvent,
		Delay:     time.Duration(r.Milliseconds) * time.Millisecond,
	}
}

// first lets every rule count, also behind the one that decides.
func (f *faults) first(matches func(*rule) bool) *rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	var decides *rule
	for _, r := range f.rules {
		if matches(r) && r.hits() && decides == nil {
			decides = r
		}
	}
	return decides
}

// pause waits in real time; false when the client has gone away meanwhile.
func pause(ctx context.Context, milliseconds int) bool {
	timer := time.NewTimer(time.Duration(milliseconds) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
