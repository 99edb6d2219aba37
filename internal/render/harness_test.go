package render_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/render"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// view is an overview with one request in each state that looks different.
func view() account.Overview {
	dev := account.OrganizationalUnit{ID: "ou-ab12-11111113", Name: "Dev", Path: "Workloads/Dev"}
	long := account.OrganizationalUnit{ID: "ou-ab12-99999999", Name: "Continuous Integration", Path: "Workloads/Non-Production/Continuous Integration"}
	assignments := []account.Assignment{
		{PermissionSet: "AWSReadOnlyAccess", PrincipalType: account.GroupPrincipal, Principal: "Auditors", State: account.AssignmentDone},
		{PermissionSet: "AdministratorAccess", PrincipalType: account.GroupPrincipal, Principal: "Platform Team"},
	}
	queued := noon.Add(-2 * time.Hour)
	return account.Overview{
		Paused:  &account.Pause{Since: noon.Add(-5 * time.Minute), Code: "V3007", Reason: "the account quota is reached"},
		Workers: []account.Worker{{Owner: "host-1234", Kind: "worker", SeenAt: noon.Add(-3 * time.Second)}},
		Batches: []account.Batch{
			{
				ID: "b-0123456789ab", Bucket: "lists", Key: "incoming/accounts.csv", Version: "v1", Uploader: "arn:aws:sts::111111111111:assumed-role/Vending/jane", State: account.BatchOpen, Rows: 7,
				Summary: map[account.Stage]int{
					account.Done: 1, account.Assigning: 1, account.Provisioning: 1, account.Failed: 2, account.Queued: 1, account.Rejected: 1,
				},
				SubmittedAt: queued,
			},
			{
				ID: "b-ba9876543210", Bucket: "lists", Key: "incoming/photo.csv", State: account.BatchFinished, SubmittedAt: queued, FinishedAt: queued,
				Failure: &account.Failure{Code: "V1001", Class: account.ClassTerminal, Message: "the file is a PNG picture", Hint: "Upload the account list as CSV."},
			},
		},
		Requests: []account.Request{
			{
				ID: "r-000000000001", Kind: account.Create, Batch: "b-0123456789ab", Row: 2, Name: "payments-dev", Email: "payments-dev@example.com",
				Unit: dev, Stage: account.Done, AccountID: "333333333301", Generation: 1, Assignments: assignments,
				Order: account.Operation{RecordID: "rec-1", ProductID: "pp-1"}, QueuedAt: queued, StartedAt: queued, FinishedAt: noon,
			},
			{
				ID: "r-000000000002", Kind: account.Create, Batch: "b-0123456789ab", Row: 3, Name: "payments-prod", Email: "payments-prod@example.com",
				Unit: dev, Stage: account.Assigning, AccountID: "333333333302", Generation: 1, Assignments: assignments, QueuedAt: queued, StartedAt: queued,
			},
			{
				ID: "r-000000000003", Kind: account.Enroll, Batch: "b-0123456789ab", Row: 4, Name: "an-account-with-quite-a-long-name-of-50-characters", Email: "long@example.com",
				Unit: long, Stage: account.Provisioning, Waiting: "another Control Tower operation is in progress", QueuedAt: queued, StartedAt: noon.Add(-90 * time.Second),
			},
			{
				ID: "r-000000000004", Kind: account.Create, Batch: "b-0123456789ab", Row: 5, Name: "taken", Email: "taken@example.com",
				Unit: dev, Stage: account.Failed, FailedStage: account.Provisioning, Generation: 1, Attempts: 1, QueuedAt: queued, StartedAt: queued, FinishedAt: noon,
				Failure: &account.Failure{
					Code: "V2004", Class: account.ClassOperator, Message: "the product vend-r-000000000004-g1 is in ERROR",
					AWSCode: "ProvisioningFailed", AWSMessage: "AWS Control Tower could not baseline VPC in the managed account because of existing resource dependencies.",
					Hint: "Run `vend resume --recover r-000000000004`.",
				},
			},
			{
				ID: "r-000000000005", Kind: account.Create, Batch: "b-0123456789ab", Row: 6, Name: "口座-名前-とても長い名前のアカウントです", Email: "cjk@example.com",
				Unit: dev, Stage: account.Failed, FailedStage: account.Assigning, QueuedAt: queued,
				Failure: &account.Failure{Code: "V2021", Class: account.ClassOperator, Message: "there is no group \x1b[31mEvil\u009b2J\u202e"},
			},
			{
				ID: "r-000000000006", Kind: account.Create, Batch: "b-0123456789ab", Row: 7, Name: "=cmd|' /C calc'!A0", Email: "f@example.com",
				Unit: dev, Stage: account.Queued, QueuedAt: queued,
			},
		},
		Rejected: []account.Row{{
			Batch: "b-0123456789ab", Line: 8, Disposition: account.RowRefused, Name: "broken", Unit: "Nowhere",
			Failure: &account.Failure{Code: "V1203", Class: account.ClassTerminal, Message: "AccountEmail has no @"},
		}},
	}
}

// abroad is an overview in a script whose letters are two columns wide, and in which nothing has a place to break.
func abroad() account.Overview {
	o := view()
	long := strings.Repeat("組織単位", 30)
	o.Paused.Reason = long
	o.Workers = []account.Worker{{Owner: long, Kind: "worker", SeenAt: noon}, {Owner: "b", Kind: "cli", SeenAt: noon}}
	o.Batches[0].Key = "incoming/" + long + ".csv"
	o.Batches[1].Failure.Message, o.Batches[1].Failure.Hint = long, long
	for i := range o.Requests {
		r := &o.Requests[i]
		r.Name, r.Unit.Path = long, long+"/"+long
		if r.Failure != nil {
			r.Failure.AWSMessage = long
		}
		if r.Waiting != "" {
			r.Waiting = long
		}
		for j := range r.Assignments {
			r.Assignments[j].Principal = long
		}
	}
	return o
}

func printer(format render.Format, out *strings.Builder) render.Printer {
	return render.Printer{Out: out, Format: format, Now: func() time.Time { return noon }}
}

// tableAndJSON compares what is written for people and for scripts with the files of that name.
func tableAndJSON(t *testing.T, name string, write func(render.Printer) error) {
	t.Helper()
	var plain, object strings.Builder
	if err := write(printer(render.Table, &plain)); err != nil {
		t.Fatal(err)
	}
	if err := write(printer(render.JSON, &object)); err != nil {
		t.Fatal(err)
	}
	golden(t, name+".txt", plain.String())
	golden(t, name+".json", object.String())
	narrow(t, plain.String())
	inert(t, plain.String())
	inert(t, object.String())
}

// narrow fails when a line is wider than 80 columns.
func narrow(t *testing.T, s string) {
	t.Helper()
	for line := range strings.SplitSeq(s, "\n") {
		if n := text.StringWidthWithoutEscSequences(line); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// inert fails when an output holds what a terminal would obey.
func inert(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Errorf("%U in %q", r, s)
			return
		}
	}
}

// golden compares with a file of testdata, and JSON with its schema too.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
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
	if strings.HasSuffix(name, ".json") && schemaOf[name] != "" {
		describes(t, schemaOf[name], got)
	}
}

// toGo is an overview that says how long the rest takes.
func toGo(o account.Overview, low, high time.Duration) account.Overview {
	o.ToGo = &account.Estimate{Low: low, High: high}
	return o
}

// foreseen is an overview of two batches in which each request that is open has its place in the line, or its end.
func foreseen() account.Overview {
	o := toGo(view(), 3*time.Hour, 7*time.Hour)
	o.Paused, o.Rejected = nil, nil
	o.Batches[1] = account.Batch{
		ID: "b-222222222222", Bucket: "lists", Key: "incoming/more.csv", State: account.BatchOpen, Rows: 3, SubmittedAt: noon.Add(-3 * time.Hour),
		Summary: map[account.Stage]int{account.Queued: 2, account.Provisioning: 1},
	}
	o.Batches[0].Summary = map[account.Stage]int{account.Done: 1, account.Assigning: 1, account.Provisioning: 1, account.Failed: 2, account.Queued: 1}
	late, next, last := o.Requests[2], o.Requests[5], o.Requests[5]
	late.ID, late.Name, late.Waiting = "r-000000000011", "late", ""
	next.ID, next.Name = "r-000000000012", "next"
	last.ID, last.Name = "r-000000000013", "last"
	for i, r := range []*account.Request{&late, &next, &last} {
		r.Batch, r.Row = "b-222222222222", 2+i
	}
	o.Requests = append(o.Requests, late, next, last)
	in := func(d time.Duration) time.Time { return noon.Add(d) }
	o.Forecasts = map[string]account.Forecast{
		"r-000000000003": {Earliest: in(13*time.Minute + 30*time.Second), Latest: in(28*time.Minute + 30*time.Second)},
		"r-000000000011": {Earliest: noon, Latest: noon},
		"r-000000000012": {Position: 1, Earliest: noon, Latest: in(time.Hour)},
		"r-000000000013": {Position: 2, Earliest: in(61 * time.Minute), Latest: in(3*time.Hour + 33*time.Minute)},
		"r-000000000006": {Position: 1000, Earliest: in(20 * time.Hour), Latest: in(130 * time.Hour)},
	}
	return o
}
