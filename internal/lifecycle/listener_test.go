package lifecycle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/lifecycle"
)

// house is an inbox, and everybody who hears of what is in it.
type house struct {
	waiting  []account.Message
	timers   []account.Due
	down     error // nobody can be woken, no upload taken in
	woken    []string
	uploads  []string
	messages []string // that were deleted
}

func (h *house) Receive(context.Context, int, time.Duration) ([]account.Message, error) {
	return h.waiting, nil
}

func (h *house) Delete(_ context.Context, messages []account.Message) error {
	for _, m := range messages {
		h.messages = append(h.messages, m.ID)
	}
	return nil
}

func (h *house) Dead(context.Context) (int, error) { return 3, nil }

func (h *house) Timers(context.Context) ([]account.Due, error) { return h.timers, nil }

func (h *house) Wake(_ context.Context, id string) error {
	if h.down == nil {
		h.woken = append(h.woken, id)
	}
	return h.down
}

func (h *house) Announce(_ context.Context, u account.Upload) error {
	if u.Bucket == "theirs" {
		return fmt.Errorf("announce: %w", account.ErrForeign)
	}
	if h.down == nil {
		h.uploads = append(h.uploads, u.Key)
	}
	return h.down
}

func sample(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile("../../samples/lifecycle/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func record(bucket, key string) string {
	return fmt.Sprintf(`{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}`, bucket, key)
}

func TestListener(t *testing.T) {
	t.Parallel()
	timers := []account.Due{
		{ID: "r-1", Name: "team-a-dev", InUse: true}, {ID: "r-2", Name: "team-b-dev", InUse: true}, {ID: "r-3", Name: "team-a-dev"}, {ID: "b-1"},
	}
	down := errors.New("the table is down")
	nameless := `{"source":"aws.controltower","detail":{"eventName":"CreateManagedAccount","serviceEventDetails":{"createManagedAccountStatus":{"state":"FAILED"}}}}`
	for name, test := range map[string]struct {
		bodies         []string
		down           error
		woken, uploads []string
		left           int // messages that come again
		ignored        int64
	}{
		"an account event wakes who waits under that name": {bodies: []string{sample(t, "create-managed-account.json")}, woken: []string{"r-1"}},
		"so does a failed one":                             {bodies: []string{sample(t, "create-managed-account-failed.json")}, woken: []string{"r-1"}},
		"one without a name wakes everybody who waits":     {bodies: []string{nameless}, woken: []string{"r-1", "r-2"}},
		"one of somebody else's account is counted":        {bodies: []string{strings.ReplaceAll(sample(t, "create-managed-account.json"), "team-a-dev", "theirs")}, ignored: 1},
		"uploads are announced, each":                      {bodies: []string{sample(t, "s3-several-records.json")}, uploads: []string{"incoming/a.csv", "incoming/b.csv"}},
		"twice is no harm":                                 {bodies: []string{sample(t, "s3-object-created.json"), sample(t, "s3-object-created.json")}, uploads: []string{"incoming/new accounts + more(1).csv", "incoming/new accounts + more(1).csv"}},
		"one of somebody else's is counted, and keeps nothing back": {bodies: []string{
			`{"Records":[` + record("theirs", "x.csv") + `,` + record("lists", "incoming/x.csv") + `,` + record("theirs", "y.csv") + `]}`,
		}, uploads: []string{"incoming/x.csv"}, ignored: 2},
		"what says nothing goes":                      {bodies: []string{sample(t, "s3-test-event.json"), sample(t, "register-organizational-unit.json")}},
		"what is not understood goes, and is counted": {bodies: []string{"hello", `{"source":"aws.ec2"}`}, ignored: 2},
		"a bad message does not keep the next one":    {bodies: []string{"hello", sample(t, "s3-object-created.json")}, uploads: []string{"incoming/new accounts + more(1).csv"}, ignored: 1},
		"what nobody could be told of comes again":    {bodies: []string{sample(t, "s3-object-created.json"), sample(t, "create-managed-account.json")}, down: down, left: 2},
		"and keeps nothing else in the queue":         {bodies: []string{sample(t, "s3-object-created.json"), "hello"}, down: down, left: 1, ignored: 1},
		"an empty inbox":                              {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{timers: timers, down: test.down}
			for i, body := range test.bodies {
				h.waiting = append(h.waiting, account.Message{ID: string(rune('a' + i)), Body: body})
			}
			var log bytes.Buffer
			l := &lifecycle.Listener{Inbox: h, Waker: h, Uploads: h, Log: slog.New(slog.NewTextHandler(&log, nil))}
			heard, err := l.Next(t.Context(), 0)
			if heard.Messages != len(test.bodies) || !errors.Is(err, test.down) {
				t.Errorf("Next = %d, %v; want %d, %v", heard.Messages, err, len(test.bodies), test.down)
			}
			if diff := cmp.Diff(test.woken, h.woken); diff != "" || !slices.Equal(heard.Woken, h.woken) {
				t.Errorf("woken, -want +got:\n%s; told of were %v", diff, heard.Woken)
			}
			if diff := cmp.Diff(test.uploads, h.uploads); diff != "" {
				t.Errorf("uploads, -want +got:\n%s", diff)
			}
			if left := len(test.bodies) - len(h.messages); left != test.left {
				t.Errorf("%d messages are left in the queue, want %d", left, test.left)
			}
			if l.Ignored() != test.ignored {
				t.Errorf("%d messages were ignored, want %d", l.Ignored(), test.ignored)
			}
			if strings.Contains(log.String(), "hello") {
				t.Errorf("the log repeats what came: %s", &log)
			}
		})
	}
}

// What could not be taken from the inbox, looked up or deleted is told; what was handled comes again and does no harm.
func TestAnInboxThatIsDown(t *testing.T) {
	t.Parallel()
	down := errors.New("no answer")
	for name, test := range map[string]struct {
		breaks  func(*broken)
		n       int
		deleted int
	}{
		"nothing can be received":   {func(b *broken) { b.receive = down }, 0, 0},
		"the timers can't be read":  {func(b *broken) { b.timers = down }, 2, 1},
		"nothing can be deleted":    {func(b *broken) { b.delete = down }, 2, 0},
		"the second wake goes lost": {func(b *broken) { b.wakes = 1 }, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{timers: []account.Due{{ID: "r-1", Name: "team-a-dev", InUse: true}, {ID: "r-2", Name: "team-a-dev", InUse: true}}}
			h.waiting = []account.Message{{ID: "a", Body: sample(t, "create-managed-account.json")}, {ID: "b", Body: sample(t, "s3-object-created.json")}}
			b := &broken{house: h, wakes: 99}
			test.breaks(b)
			l := &lifecycle.Listener{Inbox: b, Waker: b, Uploads: b, Log: slog.New(slog.DiscardHandler)}
			heard, err := l.Next(t.Context(), 0)
			if heard.Messages != test.n || err == nil || len(h.messages) != test.deleted {
				t.Errorf("Next = %d, %v; deleted %v; want %d and %d", heard.Messages, err, h.messages, test.n, test.deleted)
			}
		})
	}
}

type broken struct {
	*house
	receive, timers, delete error
	wakes                   int // that work
}

func (b *broken) Receive(ctx context.Context, most int, wait time.Duration) ([]account.Message, error) {
	if b.receive != nil {
		return nil, b.receive
	}
	return b.house.Receive(ctx, most, wait)
}

func (b *broken) Delete(ctx context.Context, messages []account.Message) error {
	if b.delete != nil {
		return b.delete
	}
	return b.house.Delete(ctx, messages)
}

func (b *broken) Timers(ctx context.Context) ([]account.Due, error) {
	if b.timers != nil {
		return nil, b.timers
	}
	return b.house.Timers(ctx)
}

func (b *broken) Wake(ctx context.Context, id string) error {
	if b.wakes--; b.wakes < 0 {
		return errors.New("no answer")
	}
	return b.house.Wake(ctx, id)
}
