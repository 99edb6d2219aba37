package engine_test

import (
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/worker"
)

// A worker that runs for weeks goes by what is pushed meanwhile, whatever it has in hand, and each batch says under which
// settings it was read.
func TestAWorkerFollowsWhatIsPushed(t *testing.T) {
	t.Parallel()
	scene(t, func(t *testing.T, h *house) {
		stop := h.start(nil, 0, worker.Options{})
		h.upload("first.csv", list("one,one@example.com,Workloads/Dev,"))
		h.until("one@example.com", account.Provisioning, time.Hour)
		_, err := h.mustEngine().Push(t.Context(), account.Settings{
			Concurrency: 2, Policy: account.Policy{AllowedEmailDomains: []string{"example.org"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Minute)
		h.upload("second.csv", list("two,two@example.com,Workloads/Dev,", "three,three@example.org,Workloads/Dev,"))
		h.until("one@example.com", account.Done, 2*time.Hour)
		h.until("three@example.org", account.Done, 2*time.Hour)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		v := h.overview(queue.Filter{All: true})
		revisions := map[string]int{}
		for _, b := range v.Batches {
			revisions[b.Key] = b.Revision
		}
		if revisions["incoming/first.csv"] != 0 || revisions["incoming/second.csv"] != 1 {
			t.Errorf("revisions %v", revisions)
		}
		if len(v.Rejected) != 1 || v.Rejected[0].Failure.Code != account.CodeDomainDenied {
			t.Errorf("rejected %+v: want the address of a domain that is not allowed any more", v.Rejected)
		}
	})
}
