package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

func TestALeaseIsTrustedByTheLaterClock(t *testing.T) {
	t.Parallel()
	sent := time.Now()
	wall := sent.Round(0)
	l := account.Lease{Sent: sent, For: time.Minute}
	for name, test := range map[string]struct {
		lease account.Lease
		now   time.Time
		want  time.Duration
	}{
		"at once":                            {l, sent, time.Minute},
		"later":                              {l, sent.Add(50 * time.Second), 10 * time.Second},
		"after its end":                      {l, sent.Add(time.Hour), -59 * time.Minute},
		"after a sleep of the laptop":        {l, wall.Add(time.Hour), -59 * time.Minute}, // the monotonic clock has stood still
		"without a monotonic reading at all": {account.Lease{Sent: wall, For: time.Minute}, wall.Add(time.Second), 59 * time.Second},
		"a lease nobody may trust":           {account.Lease{Sent: sent}, sent, 0},
	} {
		if got := test.lease.Left(test.now); got != test.want {
			t.Errorf("%s: %v left, want %v", name, got, test.want)
		}
	}
}

func TestFreeSlots(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		slots account.Slots
		want  int
	}{
		"none taken":              {account.Slots{Concurrency: 3}, 3},
		"some taken":              {account.Slots{Concurrency: 3, InFlight: 2}, 1},
		"all taken":               {account.Slots{Concurrency: 3, InFlight: 3}, 0},
		"fewer than before":       {account.Slots{Concurrency: 1, InFlight: 3}, 0},
		"while everything pauses": {account.Slots{Concurrency: 3, Paused: &account.Pause{}}, 0},
	} {
		if got := test.slots.Free(); got != test.want {
			t.Errorf("%s: %d are free, want %d", name, got, test.want)
		}
	}
}

func TestWhatOrders(t *testing.T) {
	t.Parallel()
	record, failed := account.Operation{RecordID: "rec-1"}, account.Operation{RecordID: "rec-1", Failed: true}
	for name, test := range map[string]struct {
		request account.Request
		want    bool
	}{
		"a new account that is queued":         {account.Request{Stage: account.Queued, Kind: account.Create}, true},
		"an enrollment that is queued":         {account.Request{Stage: account.Queued, Kind: account.Enroll}, false},
		"an enrollment that is prepared":       {account.Request{Stage: account.Preparing, Kind: account.Enroll}, false},
		"before its order":                     {account.Request{Stage: account.Provisioning}, true},
		"with a token and no record":           {account.Request{Stage: account.Provisioning, Order: account.Operation{Token: "t"}}, true},
		"while AWS works":                      {account.Request{Stage: account.Provisioning, Order: record}, false},
		"with a leftover to clear":             {account.Request{Stage: account.Provisioning, Order: failed}, true},
		"while the leftover is cleared":        {account.Request{Stage: account.Provisioning, Order: failed, Clearing: record}, false},
		"before a dead product is terminated":  {account.Request{Stage: account.Recovering}, true},
		"while the dead product is terminated": {account.Request{Stage: account.Recovering, Clearing: record}, false},
		"assigning":                            {account.Request{Stage: account.Assigning}, false},
		"failed":                               {account.Request{Stage: account.Failed}, false},
		"cancelled":                            {account.Request{Stage: account.Cancelled}, false},
		"done":                                 {account.Request{Stage: account.Done}, false},
	} {
		if got := test.request.Orders(); got != test.want {
			t.Errorf("%s: Orders = %t", name, got)
		}
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	if account.FenceOf(t.Context()) != nil {
		t.Error("there is a fence where nobody has put one")
	}
	ended := errors.New("the claim has ended")
	var state error
	f := account.NewFence(func() error { return state })
	ctx := account.WithFence(t.Context(), f)
	if account.FenceOf(ctx) != f || f.Unknown() {
		t.Fatal("the fence is another one, or something has left already")
	}
	if err := f.Leave(); err != nil || !f.Unknown() {
		t.Errorf("a call that left: %v, unknown %t", err, f.Unknown())
	}
	f.Answered()
	if f.Unknown() {
		t.Error("what was answered is unknown")
	}
	state = ended
	if err := f.Leave(); !errors.Is(err, ended) || f.Unknown() {
		t.Errorf("a call that must not leave: %v, unknown %t", err, f.Unknown())
	}
	state = nil
	if err := errors.Join(f.Leave(), f.Leave()); err != nil {
		t.Fatal(err)
	}
	if f.Answered(); !f.Unknown() {
		t.Error("one of two was answered, and nothing is unknown")
	}
}
