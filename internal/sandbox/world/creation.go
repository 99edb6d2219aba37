package world

import (
	"strings"
	"time"
)

// CreateAccountStatus is how far the creation of an account has come (Organizations API Reference, CreateAccountStatus).
type CreateAccountStatus struct {
	ID, AccountName      string
	State                string // IN_PROGRESS, SUCCEEDED, FAILED
	Requested, Completed time.Time
	AccountID            string
	FailureReason        string
}

// CreateAccountStatuses are the creations so far, the oldest first.
func (w *World) CreateAccountStatuses() []*CreateAccountStatus { return w.creations }

// CreateAccount begins to create an account in the root (Organizations API Reference, CreateAccount): the answer is
// IN_PROGRESS, and whether the address is free is only known at the end.
func (w *World) CreateAccount(email, name, role string, tags map[string]string) (*CreateAccountStatus, error) {
	running := 0
	for _, s := range w.creations {
		if s.State == "IN_PROGRESS" {
			running++
		}
	}
	if running >= w.Quotas.ConcurrentAccountCreations {
		return nil, &Refusal{
			Code: "ConstraintViolationException", Reason: "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
			Message: "You have exceeded the number of accounts that you can create at the same time.",
		}
	}
	if w.full() {
		return nil, &Refusal{
			Code: "ConstraintViolationException", Reason: "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
			Message: "You have exceeded the allowed number of AWS accounts.",
		}
	}
	s := w.createAccount(w.Timing.Provision/25, email, name, role, tags, func(*Account, string) {})
	return s, nil
}

func (w *World) createAccount(
	takes time.Duration, email, name, role string, tags map[string]string, done func(a *Account, failure string),
) *CreateAccountStatus {
	s := &CreateAccountStatus{
		ID: "car-" + w.Identifier("car", 32, hexadecimal), AccountName: name, State: "IN_PROGRESS", Requested: w.stamp(),
	}
	w.creations = append(w.creations, s)
	w.After(takes, func() {
		s.Completed = w.stamp()
		switch {
		case w.emailTaken(email):
			s.State, s.FailureReason = "FAILED", "EMAIL_ALREADY_EXISTS"
		case w.full():
			s.State, s.FailureReason = "FAILED", "ACCOUNT_LIMIT_EXCEEDED"
		}
		if s.State == "FAILED" {
			done(nil, s.FailureReason)
			return
		}
		a := &Account{
			ID: w.accountID(email), Name: name, Email: email, State: "ACTIVE", JoinedMethod: "CREATED", Joined: w.stamp(),
			Tags: tags,
		}
		a.AddRole(role)
		w.join(a, w.Root)
		s.State, s.AccountID = "SUCCEEDED", a.ID
		done(a, "")
	})
	return s
}

// emailTaken says whether any account of AWS has the address, here or elsewhere, closed ones included.
func (w *World) emailTaken(email string) bool {
	return w.AccountByEmail(email) != nil || w.elsewhere[strings.ToLower(email)]
}

// CountedAccounts is how many accounts count against the quota: all that are in the organization, the management account
// too, in whatever state. A closed one counts until it is closed for good, which is when Organizations lists it no more (AWS
// Organizations User Guide, "Quotas and service limits for AWS Organizations"). One that is being created does not count
// before it is there: that is why a creation can fail at its end for the quota.
func (w *World) CountedAccounts() int { return len(w.accounts) }

func (w *World) full() bool { return w.CountedAccounts() >= w.Quotas.Accounts }

func (w *World) accountID(email string) string {
	taken := func(id string) bool { return w.byID["3"+id] != nil }
	return "3" + made("account", strings.ToLower(email), 11, digits, taken)
}
