package queue_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
)

func TestPush(t *testing.T) {
	t.Parallel()
	first := account.Settings{
		Concurrency: 3, Lease: account.Duration(time.Minute), Defaults: account.Defaults{
			Assignments: []string{"A/B"}, OrganizationalUnits: map[string]account.UnitDefaults{"Prod": {Assignments: []string{"C/D"}}},
		},
	}
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				c := tab.client()
				if err := c.Pause(t.Context(), account.Pause{Code: "V3013", Reason: "somebody"}); err != nil {
					t.Fatal(err)
				}
				pushed, err := tab.struck(f, 1).Push(t.Context(), first)
				want := first
				want.Revision = 1
				if diff := cmp.Diff(want, pushed); err != nil || diff != "" {
					t.Fatalf("error %v, -want +got:\n%s", err, diff)
				}
				read, err := c.Settings(t.Context())
				if diff := cmp.Diff(want, read); err != nil || diff != "" {
					t.Errorf("error %v, -want +got:\n%s", err, diff)
				}
				slots, err := c.Slots(t.Context())
				if err != nil || slots.Concurrency != 3 || slots.Paused == nil {
					t.Errorf("slots %+v, %v: want the concurrency that was pushed, and the pause as it was", slots, err)
				}

				// Whoever has read revision 0 comes too late.
				if _, err := c.Push(t.Context(), account.Settings{}); !errors.Is(err, account.ErrStale) {
					t.Errorf("a push over one that it did not know of: %v", err)
				}
				second, err := tab.struck(f, 1).Push(t.Context(), account.Settings{Revision: 1})
				if err != nil || second.Revision != 2 {
					t.Errorf("revision %d, %v", second.Revision, err)
				}
				if _, err := c.Push(t.Context(), account.Settings{Revision: 1, Concurrency: 9}); !errors.Is(err, account.ErrStale) {
					t.Errorf("a push over one that it did not know of: %v", err)
				}
				if slots, err := c.Slots(t.Context()); err != nil || slots.Concurrency != 2 {
					t.Errorf("slots %+v, %v: want the client's own concurrency, as nothing is pushed", slots, err)
				}
				time.Sleep(3 * time.Second) // what was late arrives, and changes nothing
				if read, err := c.Settings(t.Context()); err != nil || read.Revision != 2 {
					t.Errorf("revision %d, %v", read.Revision, err)
				}
			})
		})
	}
}
