package engine_test

import (
	"flag"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/worker"
)

var rowAccounts = flag.Int("row.accounts", 100, "how many accounts are made one after the other; make soak makes 1000")

// Accounts are made one after the other, 25 minutes each, a thousand of them in three weeks: the credentials expire every
// hour and take a while to be renewed, the worker is killed once a week (here as often in proportion), and once it stays
// away for longer than SQS keeps a message, while another list is uploaded. What broke: the laptop's session ended; a queue
// of messages, one an account, lost those that waited for more than four days.
func TestManyAccountsInARow(t *testing.T) {
	withoutRacing(t)
	t.Parallel()
	n := *rowAccounts
	week := 7 * 24 * time.Hour * time.Duration(n) / 1000
	began := time.Now()
	scene(t, func(t *testing.T, h *house) {
		h.watch(1)
		w := h.sandbox.World()
		w.Do(func() { w.Timing.Provision, w.Quotas.Accounts = 25*time.Minute, n+100 })
		h.config.Settings.Deadline = account.Duration(90 * time.Minute)
		for _, name := range []string{"-inbox", "-dead-letters"} {
			url := h.config.QueueURL[:len(h.config.QueueURL)-len("-inbox")] + name
			if _, err := sqs.NewFromConfig(*h.options(h.sandbox.RoundTripper()).AWS).SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
				QueueUrl: &url, Attributes: map[string]string{"MessageRetentionPeriod": strconv.Itoa(4 * 24 * 3600)},
			}); err != nil {
				t.Fatal(err)
			}
		}
		rows := make([]string, n)
		for i := range rows {
			rows[i] = fmt.Sprintf("row-%d,row-%d@example.com,%s,AWSReadOnlyAccess/Auditors", i, i, simUnits[i%3])
		}
		h.upload("accounts.csv", list(rows[:n-1]...))
		virtual := time.Now()
		for lives := 0; ; lives++ {
			p := newProcess(h.sandbox, uint64(lives), nil)
			stop := h.start(through(func(r *http.Request) (*http.Response, error) {
				if time.Since(virtual)%time.Hour > 58*time.Minute {
					r = r.Clone(r.Context())
					r.Header.Set(faultHeader, expiredFault)
				}
				return p.RoundTrip(r)
			}), 0, worker.Options{})
			time.Sleep(week)
			p.kill()
			_ = stop() // it is dead: nobody hears what it says
			if lives == 0 {
				h.upload("late.csv", list(rows[n-1]))
				time.Sleep(5 * 24 * time.Hour)
			}
			open, err := h.mustEngine().Queue.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if open.Counts[account.Done] == n {
				break
			}
			if lives > 10 {
				t.Fatalf("after %s: %+v", time.Since(virtual), open)
			}
		}
		h.work() // until the results are written
		found, err := h.mustEngine().Queue.Requests(t.Context(), idsOf(asked(rows)))
		if err != nil {
			t.Fatal(err)
		}
		for _, claim := range found {
			h.madeOnce(claim.Request)
			h.assigned(claim.Request)
		}
		open, err := h.mustEngine().Queue.Open(t.Context())
		if err != nil || len(found) != n || open.Counts[account.Done] != n || len(open.Counts) != 1 || open.InFlight != 0 || len(open.Batches) != 0 {
			t.Errorf("%d requests, it ends with %+v: %v", len(found), open, err)
		}
		t.Logf("%d accounts in %.1f days", n, time.Since(virtual).Hours()/24)
	})
	t.Logf("in %.1f s", time.Since(began).Seconds())
}

func idsOf(requests []account.Request) []string {
	ids := make([]string, len(requests))
	for i, r := range requests {
		ids[i] = account.ID(r.Email)
	}
	return ids
}
