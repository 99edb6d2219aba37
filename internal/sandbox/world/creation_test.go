package world_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// crowd is a world with a quota of accounts and, beside the management account, one account in each of the states.
func crowd(t *testing.T, quota int, states ...string) *world.World {
	t.Helper()
	accounts := make([]string, len(states))
	for i, s := range states {
		accounts[i] = fmt.Sprintf(`{"name":"a%d","email":"a%d@example.com","state":%q}`, i, i, s)
	}
	return start(t, fmt.Appendf(nil, `{"managementAccount":{"id":"111111111111","email":"root@example.com"},"quotas":{"accounts":%d},
		"root":{"id":"r-ab12","accounts":[%s]}}`, quota, strings.Join(accounts, ",")))
}

func create(w *world.World, name string) (s *world.CreateAccountStatus, err error) {
	w.Do(func() { s, err = w.CreateAccount(name+"@example.com", name, "OrganizationAccountAccessRole", nil) })
	return s, err
}

func TestWhichAccountsCountAgainstTheQuota(t *testing.T) {
	t.Parallel()
	for name, states := range map[string][]string{
		"the management account alone":        nil,
		"accounts in use":                     {"ACTIVE", "ACTIVE"},
		"an account that is not yet active":   {"PENDING_ACTIVATION"},
		"an account that is being closed":     {"PENDING_CLOSURE"},
		"a closed account, until it is gone":  {"SUSPENDED"},
		"the same in Organizations' new word": {"CLOSED"},
		"one in each state":                   {"ACTIVE", "PENDING_ACTIVATION", "PENDING_CLOSURE", "SUSPENDED", "CLOSED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counted := len(states) + 1
			w := crowd(t, counted, states...)
			if got := w.CountedAccounts(); got != counted {
				t.Errorf("%d accounts count, want %d", got, counted)
			}
			_, err := create(w, "new")
			var refused *world.Refusal
			if !errors.As(err, &refused) || refused.Reason != "ACCOUNT_NUMBER_LIMIT_EXCEEDED" {
				t.Errorf("one more than the quota: %v, want to be refused for it", err)
			}
			if _, err := create(crowd(t, counted+1, states...), "new"); err != nil {
				t.Errorf("the last one of the quota: %v", err)
			}
		})
	}
}

// An account that is being created does not count yet, so more may be begun than there is room for.
func TestTheQuotaIsReachedWhileAccountsAreCreated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := crowd(t, 2)
		var begun []*world.CreateAccountStatus
		for _, name := range []string{"first", "second"} {
			s, err := create(w, name)
			if err != nil {
				t.Fatal(err)
			}
			begun = append(begun, s)
		}
		time.Sleep(time.Hour)
		var got []string
		w.Do(func() {
			for _, s := range begun {
				got = append(got, s.State+" "+s.FailureReason)
			}
		})
		if diff := cmp.Diff([]string{"SUCCEEDED ", "FAILED ACCOUNT_LIMIT_EXCEEDED"}, got); diff != "" {
			t.Errorf("two creations where there is room for one (-want +got):\n%s", diff)
		}
	})
}

func TestHowManyAccountsARegisteredUnitMayHave(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		assumptions string
		most        int
	}{
		"by the guide":              {`{}`, 1000},
		"by the page of its quotas": {`{"accounts-of-a-registered-unit": true}`, 300},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for more, want := range []string{"", "ValidationException"} {
				accounts := make([]string, test.most+more)
				for i := range accounts {
					accounts[i] = fmt.Sprintf(`{"name":"a%d","email":"a%d@example.com"}`, i, i)
				}
				w := start(t, fmt.Appendf(nil, `{"managementAccount":{"id":"111111111111","email":"root@example.com"},"assumptions":%s,
					"quotas":{"accounts":2000},"root":{"id":"r-ab12","organizationalUnits":[{"name":"u","id":"ou-ab12-11111111","accounts":[%s]}]}}`,
					test.assumptions, strings.Join(accounts, ",")))
				var err error
				w.Do(func() { _, err = w.Govern(w.Unit("ou-ab12-11111111"), "ENABLE_BASELINE", "4.0") })
				var refused *world.Refusal
				if errors.As(err, &refused); (refused == nil) != (want == "") || refused != nil && refused.Code != want {
					t.Errorf("%d accounts: got %v, want %q", len(accounts), err, want)
				}
			}
		})
	}
}

func TestHowManyAssignmentsMayBeOutstanding(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more string
		want int
	}{
		"by default":     {`"assumptions":{}`, 10},
		"as others say":  {`"assumptions":{"outstanding-assignments":true}`, 15},
		"as a file says": {`"assumptions":{"outstanding-assignments":true},"quotas":{"outstandingAssignments":3}`, 3},
	} {
		w := start(t, fmt.Appendf(nil, `{"managementAccount":{"id":"111111111111","email":"root@example.com"},%s,"root":{"id":"r-ab12"}}`, test.more))
		taken := 0
		w.Do(func() {
			for taken < 20 {
				a := world.Assignment{Account: "111111111111", PermissionSet: fmt.Sprint(taken), PrincipalType: "USER", Principal: "u"}
				if _, err := w.Request(world.CreatesAssignment, a); err != nil {
					break
				}
				taken++
			}
		})
		if taken != test.want {
			t.Errorf("%s: %d are taken, want %d", name, taken, test.want)
		}
	}
}
