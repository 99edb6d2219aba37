package render_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/render"
)

func TestReport(t *testing.T) {
	t.Parallel()
	o := view()
	o.Batches = o.Batches[:1]
	o.Batches[0].Key = "incoming/<script>alert(1)</script>.csv"
	o.Requests[3].Failure.AWSMessage = `canary@example.com <img src=x onerror="alert(1)">`
	o.Requests[0].Assignments[0].Principal = "canary-user@example.com"
	queued := noon.Add(-2 * time.Hour)
	event := func(after time.Duration, stage account.Stage) account.Event {
		return account.Event{At: queued.Add(after), Stage: stage, What: "x"}
	}
	histories := map[string][]account.Event{
		"r-000000000001": {event(time.Minute, account.Provisioning), event(time.Minute, account.Provisioning), event(30*time.Minute, account.Assigning), event(31*time.Minute, account.Done)},
		"r-000000000004": {event(time.Minute, account.Provisioning), event(40*time.Minute, account.Failed)},
	}
	var out strings.Builder
	if err := printer(render.Table, &out).Report(render.Report{Overview: o, Histories: histories, Results: "s3://lists/results/x", Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for _, want := range []string{
		"payments-dev: provisioning for 29 min 0 s", "payments-dev: assigning for 1 min 0 s", "taken: failed for", "&lt;script&gt;", "&lt;img",
		"V2004", "the product vend-r-000000000004-g1 is in ERROR", "<code>vend resume --recover r-000000000004</code>", "V1203", "7", "prefers-color-scheme: dark", "@media print",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, never := range []string{"canary", "@example.com", "<script", "<img", "http://", "https://", "\x1b", "\u202e"} {
		if strings.Contains(got, never) {
			t.Errorf("%q is on the page", never)
		}
	}
	// What has failed lies there until somebody comes; it must not squeeze what went on before.
	if strings.Contains(got, "payments-dev: failed") || strings.Contains(got, "payments-dev: done") {
		t.Error("what is done has a length")
	}

	out.Reset()
	empty := account.Overview{Batches: []account.Batch{{ID: "b-ba9876543210", Key: "incoming/photo.csv", State: account.BatchFinished, Failure: &account.Failure{Code: "V1001", Message: "a picture"}}}}
	if err := printer(render.Table, &out).Report(render.Report{Overview: empty}); err != nil || !strings.Contains(out.String(), "V1001") || strings.Contains(out.String(), "<svg") {
		t.Errorf("a batch that was refused whole: %v\n%s", err, out.String())
	}
}
