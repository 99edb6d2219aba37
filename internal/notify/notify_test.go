package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/notify"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// post is a topic that keeps what was published, and a desk.
type post struct {
	subject, text, chat string
	sent                int
	fails               error
	slots               account.Slots
}

func (p *post) PublishBoth(_ context.Context, subject, text, https string) error {
	p.sent++
	p.subject, p.text, p.chat = subject, text, https
	return p.fails
}

func (p *post) Slots(context.Context) (account.Slots, error) { return p.slots, nil }

func (p *post) PauseTold(_ context.Context, since time.Time) error {
	p.slots.Paused.Told = p.slots.Paused.Since.Equal(since)
	return nil
}

func request(n, name string, stage account.Stage, f *account.Failure) account.Request {
	return account.Request{
		ID: "r-00000000000" + n, Name: name, Email: "canary-" + n + "@example.com", User: account.User{Email: "canary-user@example.com"},
		AccountID: "33333333330" + n, Unit: account.OrganizationalUnit{Path: "Workloads/Dev"}, Stage: stage, Failure: f,
		Order: account.Operation{Token: "canary-token"},
	}
}

func news() account.News {
	return account.News{
		Batch:   account.Batch{ID: "b-0123456789ab", Bucket: "lists", Key: "incoming/canary-file@example.com/accounts.csv", Rows: 5},
		Results: "s3://lists/results/b-0123456789ab/accounts.csv",
		Summary: map[account.Stage]int{account.Done: 1, account.Failed: 2, account.Rejected: 1, account.Queued: 1},
		Rejected: []account.Row{{
			Line: 5, Name: "canary-row@example.com", Email: "canary-row@example.com",
			Failure: &account.Failure{Code: "V1203", Message: `"canary-bad@example.com" is no address`, Hint: "correct canary-hint@example.com"},
		}},
		Done: []account.Request{request("1", "payments-dev", account.Done, nil)},
		Failed: []account.Request{
			request("2", "payments-prod", account.Failed, &account.Failure{
				Code: "V2001", Message: "the account e-mail is in use", AWSMessage: "An account with canary-aws@example.com exists.\r\nSubject: evil\x1b[2J",
				Hint: "choose another address",
			}),
			request("3", "ledger", account.Failed, &account.Failure{Code: "V2005", Message: "AWS is still working"}),
		},
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	many := news()
	for range 100 {
		many.Failed = append(many.Failed, request("4", "one-of-many", account.Failed, &account.Failure{Code: "V3007", Message: strings.Repeat("long ", 1000)}))
	}
	many.Finished = true
	accepted, finished, refused, cut := news(), news(), news(), news()
	accepted.Accepted, accepted.Done, accepted.Failed = true, nil, nil
	finished.Finished = true
	refused.Accepted, refused.Finished, refused.Rejected, refused.Done, refused.Failed, refused.Summary = true, true, nil, nil, nil, nil
	refused.Batch.Failure = &account.Failure{Code: "V1001", Message: "accounts.csv:1:1: the file is a PNG picture", Hint: "upload the list as CSV"}
	cut.Accepted, cut.Batch.Failure = true, &account.Failure{Code: "V1002", Message: "it was deleted before it had been read to its end"}
	for name, tell := range map[string]func(*notify.Teller) error{
		"accepted": func(teller *notify.Teller) error { return teller.Batch(t.Context(), accepted) },
		"digest":   func(teller *notify.Teller) error { return teller.Batch(t.Context(), news()) },
		"finished": func(teller *notify.Teller) error { return teller.Batch(t.Context(), finished) },
		"many":     func(teller *notify.Teller) error { return teller.Batch(t.Context(), many) },
		"refused":  func(teller *notify.Teller) error { return teller.Batch(t.Context(), refused) },
		"cut":      func(teller *notify.Teller) error { return teller.Batch(t.Context(), cut) },
		"paused":   func(teller *notify.Teller) error { return teller.Paused(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &post{slots: account.Slots{InFlight: 1, Paused: &account.Pause{Since: noon, Code: "V3007", Reason: "the quota of canary-reason@example.com is reached"}}}
			if err := tell(&notify.Teller{Topic: p, Desk: p}); err != nil {
				t.Fatal(err)
			}
			for form, said := range map[string]string{"subject": p.subject, "text": p.text, "chat": p.chat} {
				if strings.Contains(said, "canary") || strings.Contains(said, "\x1b") {
					t.Errorf("the %s tells what nobody is to read:\n%s", form, said)
				}
				if len(said) > 60_000 || form == "subject" && strings.ContainsAny(said, "\r\n") {
					t.Errorf("the %s of %d bytes is not one that SNS takes", form, len(said))
				}
			}
			var structured struct {
				Version, Source string
				Content         struct{ TextType, Title, Description string }
			}
			if err := json.Unmarshal([]byte(p.chat), &structured); err != nil || structured.Version != "1.0" || structured.Source != "custom" ||
				structured.Content.TextType != "client-markdown" || structured.Content.Title == "" || structured.Content.Description == "" {
				t.Errorf("%v: %s", err, p.chat)
			}
			got := "Subject: " + p.subject + "\n\n" + p.text + "\n" + p.chat + "\n"
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got, renew with -update):\n%s", file, diff)
			}
		})
	}
}

func TestAPauseIsToldOnce(t *testing.T) {
	t.Parallel()
	p := &post{slots: account.Slots{Paused: &account.Pause{Since: noon, Code: "V3013", Reason: "somebody"}}, fails: errors.New("no answer")}
	teller := &notify.Teller{Topic: p, Desk: p}
	if err := teller.Paused(t.Context()); err == nil || p.slots.Paused.Told {
		t.Errorf("a message that was not sent counts as told: %v", err)
	}
	p.fails = nil
	for range 3 {
		if err := teller.Paused(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if p.sent != 2 {
		t.Errorf("%d messages, want the one that failed and one more", p.sent)
	}
	p.slots.Paused = nil
	if err := teller.Paused(t.Context()); err != nil || p.sent != 2 {
		t.Errorf("a pipeline that is not paused: %d messages, %v", p.sent, err)
	}
}
