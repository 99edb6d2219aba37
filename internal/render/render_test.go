package render_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/batch"
	"github.com/vend-cli/vend/internal/render"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	request := view()
	request.Batches, request.Requests, request.Rejected, request.Paused = request.Batches[:1], request.Requests[2:3], nil, nil
	request.Workers = nil
	failed := view()
	failed.Batches = append(failed.Batches, account.Batch{
		ID: "b-222222222222", Bucket: "lists", Key: "incoming/fine.csv", State: account.BatchFinished, Rows: 1, SubmittedAt: noon,
		Summary: map[account.Stage]int{account.Done: 1},
	})
	failed.Requests = failed.Requests[3:5]
	fine := view()
	fine.Paused, fine.Batches, fine.Requests, fine.Rejected = nil, failed.Batches[2:], nil, nil
	foreign := abroad()
	many := view()
	for i := range 40 {
		r := many.Requests[5]
		r.Row = 100 + i
		many.Requests = append(many.Requests, r)
	}
	expected := foreseen()
	tests := map[string]struct {
		overview account.Overview
		format   render.Format
		options  render.StatusOptions
	}{
		"eta.txt":      {overview: expected},
		"eta.json":     {overview: expected, format: render.JSON},
		"eta.csv":      {overview: expected, format: render.CSV},
		"eta-wide.txt": {overview: expected, options: render.StatusOptions{Wide: true}},
		"screen.txt":   {overview: view()},
		"all.txt":      {overview: view(), options: render.StatusOptions{All: true}},
		"wide.txt":     {overview: view(), options: render.StatusOptions{Wide: true}},
		"request.txt":  {overview: request, options: render.StatusOptions{One: true}},
		"request.json": {overview: request, format: render.JSON, options: render.StatusOptions{One: true}},
		"many.txt":     {overview: many},
		"togo.txt":     {overview: toGo(many, time.Hour, 150*time.Minute)},
		"soon.txt":     {overview: toGo(many, 0, 30*time.Minute)},
		"nothing.txt":  {},
		"failed.txt":   {overview: failed, options: render.StatusOptions{All: true, Failed: true}},
		"failed.json":  {overview: failed, format: render.JSON, options: render.StatusOptions{All: true, Failed: true}},
		"fine.txt":     {overview: fine, options: render.StatusOptions{All: true, Failed: true}},
		"access.txt":   {overview: view(), options: render.StatusOptions{All: true, Access: true}},
		"foreign.txt":  {overview: foreign, options: render.StatusOptions{Access: true}},
		"status.json":  {overview: view(), format: render.JSON},
		"nothing.json": {format: render.JSON},
		"status.csv":   {overview: view(), format: render.CSV},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := printer(test.format, &out).Status(test.overview, test.options); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.String())
			inert(t, out.String())
			if test.format == "" && !test.options.Wide {
				narrow(t, out.String())
			}
		})
	}
}

func TestStatusFitsOnOneScreen(t *testing.T) {
	t.Parallel()
	o := view()
	for i := range 500 {
		r := o.Requests[1]
		r.Row, r.Stage = 100+i, account.Queued
		o.Requests = append(o.Requests, r)
	}
	for range 30 {
		o.Batches = append(o.Batches, o.Batches[0])
	}
	var out strings.Builder
	if err := printer(render.Table, &out).Status(o, render.StatusOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n > 50 {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
}

func TestSummaryCountsWhatAFilterLeftOut(t *testing.T) {
	t.Parallel()
	o := view()
	o.Requests = o.Requests[3:5] // --failed
	want := map[account.Stage]int{
		account.Done: 1, account.Assigning: 1, account.Provisioning: 1, account.Failed: 2, account.Queued: 1, account.Rejected: 1,
	}
	if diff := cmp.Diff(want, render.StatusOptions{}.Summary(o)); diff != "" {
		t.Errorf("with counters (-want +got):\n%s", diff)
	}
	o.Batches = nil
	want = map[account.Stage]int{account.Failed: 2, account.Rejected: 1}
	if diff := cmp.Diff(want, render.StatusOptions{}.Summary(o)); diff != "" {
		t.Errorf("without counters (-want +got):\n%s", diff)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	r := view().Requests[3]
	events := []account.Event{
		{At: noon.Add(-time.Hour), Stage: account.Queued, What: "added by row 5 of b-0123456789ab"},
		{At: noon.Add(-50 * time.Minute), Stage: account.Provisioning, What: "ordered", RecordID: "rec-1", AWSRequestID: "11111111-2222"},
		{At: noon, Stage: account.Failed, What: "refused", Failure: r.Failure},
	}
	for name, format := range map[string]render.Format{"history.txt": render.Table, "history.json": render.JSON} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := printer(format, &out).History(r, events); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.String())
			inert(t, out.String())
			if format == render.Table {
				narrow(t, out.String())
			}
		})
	}
	var out strings.Builder
	wide := abroad().Requests[3]
	wide.Assignments = abroad().Requests[0].Assignments
	if err := printer(render.Table, &out).History(wide, []account.Event{{At: noon, Stage: account.Queued, What: wide.Name}}); err != nil {
		t.Fatal(err)
	}
	narrow(t, out.String())
}

func TestAttemptsCountOrdersAndTries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request account.Request
		want    string
	}{
		"nothing was ordered":                {account.Request{}, `"attempts": 0`},
		"ordered once":                       {account.Request{Generation: 1, StartedAt: noon}, `"attempts": 1`},
		"ordered anew":                       {account.Request{Generation: 2, StartedAt: noon}, `"attempts": 2`},
		"ordered once, a step tried again":   {account.Request{Generation: 1, StartedAt: noon, Attempts: 3}, `"attempts": 4`},
		"a step before the order went wrong": {account.Request{Generation: 1, Attempts: 2}, `"attempts": 2`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := printer(render.JSON, &out).History(test.request, nil); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("no %s in %s", test.want, out.String())
			}
		})
	}
}

func TestFaultIsOneLineAndWhatToDo(t *testing.T) {
	t.Parallel()
	f := render.Fault{Code: "V3012", Message: "no bucket was given \x1b[2J", Hint: "Give it as --bucket."}
	var plain, object strings.Builder
	if err := printer(render.Table, &plain).Fault(f); err != nil {
		t.Fatal(err)
	}
	if err := printer(render.JSON, &object).Fault(f); err != nil {
		t.Fatal(err)
	}
	if got, want := plain.String(), "vend: V3012 no bucket was given \uFFFD[2J\n  → Give it as --bucket.\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	want := "{\"error\":{\"code\":\"V3012\",\"message\":\"no bucket was given \\u001b[2J\",\"hint\":\"Give it as --bucket.\"}}\n"
	if got := object.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	describes(t, "error", object.String())
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	explanation, _ := account.Explain("V2004")
	batch := account.Batch{ID: "b-0123456789ab", Bucket: "lists", Key: "incoming/a.csv", Version: "v1", Rows: 3}
	tests := map[string]func(p render.Printer) error{
		"explain": func(p render.Printer) error { return p.Explanations(explanation) },
		"version": func(p render.Printer) error {
			return p.Version(render.Version{Version: "v1.2.3", Commit: "abc", Go: "go1.26"})
		},
		"submitted": func(p render.Printer) error { return p.Submitted(batch) },
		"changed":   func(p render.Printer) error { return p.Changed("resumed", nil, view().Requests[3:5]) },
		"paused": func(p render.Printer) error {
			return p.Changed("paused", &account.Pause{Since: noon, Code: "V3013", Reason: "maintenance"}, nil)
		},
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tableAndJSON(t, name, write)
		})
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	report, err := batch.Check("lists/a,b.csv", strings.NewReader("AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit\n"+
		"a,u@example.com,100%\u009bnone,A,B,Prod\nb,u@example.com,B@example.com,A,B,Prod\n"), -1)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range render.ProblemFormats {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := printer(render.Table, &out).Problems(report, format); err != nil {
				t.Fatal(err)
			}
			inert(t, out.String())
			golden(t, "problems."+string(format), out.String())
			if format == render.ProblemsJSON {
				describes(t, "validate", out.String())
			}
		})
	}
}

func TestJSONOnLinesIsADocumentALine(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := printer(render.JSON, &out)
	p.Lines = true
	for range 2 {
		if err := p.Status(view(), render.StatusOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines", n)
	}
}

func TestProgressWritesALineForEachChange(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := render.NewProgress(&out, false, false, 80, func() time.Time { return noon })
	o := view()
	o.Requests, o.Rejected = o.Requests[:2], nil
	p.Show(o)
	p.Show(o)
	o.Requests[1].Stage = account.Done
	p.Show(o)
	p.Close()
	want := `12:00:00  r-000000000001  payments-dev  done  333333333301
12:00:00  r-000000000002  payments-prod  assigning  333333333302
12:00:00  r-000000000002  payments-prod  done  333333333302
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestProgressRedrawsOneScreen(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := render.NewProgress(&out, true, false, 80, func() time.Time { return noon })
	o := view()
	p.Show(o)
	first := out.String()
	narrow(t, first)
	golden(t, "progress.txt", first)
	out.Reset()
	p.Show(o)
	if second := out.String(); !strings.HasPrefix(second, "\x1b[8A") || !strings.HasSuffix(second, first) {
		t.Errorf("the second picture does not replace the first:\n%q", second)
	}
	out.Reset()
	p.Close()
	if got := out.String(); got != "\x1b[8A\r\x1b[J" {
		t.Errorf("close leaves the picture: %q", got)
	}
}

func TestProgressFitsIntoANarrowTerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := render.NewProgress(&out, true, true, 60, func() time.Time { return noon })
	p.Show(abroad())
	p.Resize(20, 6) // each of eight lines of 50 to 60 columns takes three rows now
	first := out.String()
	out.Reset()
	p.Show(abroad())
	second := out.String()
	for width, picture := range map[int]string{60: first, 20: second} {
		for line := range strings.SplitSeq(picture, "\n") {
			if n := text.StringWidthWithoutEscSequences(line); n >= width {
				t.Errorf("%d columns: %s", n, line)
			}
		}
	}
	rows := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(first, "\n"), "\n") {
		rows += (text.StringWidthWithoutEscSequences(line) + 19) / 20
	}
	if !strings.HasPrefix(second, fmt.Sprintf("\x1b[%dA\r\x1b[J", rows)) {
		t.Errorf("the first picture has %d rows now; the second begins %q", rows, second[:min(20, len(second))])
	}
	if n := strings.Count(second, "\n"); n > 5 {
		t.Errorf("%d lines in a window of 6", n)
	}
}

func TestTick(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := printer(render.Table, &out)
	o := foreseen()
	if err := p.Tick(o, render.StatusOptions{}); err != nil {
		t.Fatal(err)
	}
	o.Paused, o.ToGo = view().Paused, nil
	if err := p.Tick(o, render.StatusOptions{}); err != nil {
		t.Fatal(err)
	}
	want := `12:00:00  9 requests: 3 queued, 2 provisioning, 1 assigning, 1 done, 2 failed. The account operations end in 3h0m to 7h0m.
12:00:00  9 requests: 3 queued, 2 provisioning, 1 assigning, 1 done, 2 failed; paused V3007: the account quota is reached
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestColourIsThereOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := printer(render.Table, &out)
	p.Color = true
	if err := p.Status(view(), render.StatusOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\x1b[31mfailed\x1b[0m") {
		t.Errorf("no red failure in:\n%s", out.String())
	}
	narrow(t, out.String())
}

func FuzzText(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b]0;title\x07\u009b31m\u202eabc\xff\r\n")
	f.Fuzz(func(t *testing.T, s string) { inert(t, render.Text(s)) })
}
