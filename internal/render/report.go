package render

import (
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// Report is a batch with all that is known of it.
type Report struct {
	Overview  account.Overview           // of that batch alone
	Histories map[string][]account.Event // by id of the request
	Results   string                     // where its results are, as an s3:// URL
	Version   string                     // of this build
}

//go:embed report.html
var reportPage string

var reportTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{"text": Text, "prose": prose}).Parse(reportPage))
})

// Report writes a batch as one HTML page that needs nothing beside itself: no network, no script. It reads in light and in
// dark, and on paper. No e-mail address of an account is in it; who says to have uploaded the list is, and that may be one:
// the name of a role's session often is, and whoever asks later has to know whom to ask.
func (p Printer) Report(r Report) error {
	page := newReportPage(r, p.Now())
	return reportTemplate().Execute(p.Out, page)
}

type reportView struct {
	ID, File, Source, Version, Results string
	Uploader                           string
	Submitted, Finished, Took, Written string
	Build                              string
	Revision                           int
	Open                               bool
	Failure                            *account.Failure
	Tiles                              []tile
	Chart                              chart
	Failed                             []failureView
	Rejected                           []rejectedView
	Accounts                           []accountView
}

type tile struct {
	Name  string
	N     int
	Class string
}

type failureView struct {
	Name, ID, Unit, Stage, Code, Title, Message, AWS, Remedy string
}

type rejectedView struct {
	Line                        int
	Name, Code, Message, Remedy string
}

type accountView struct {
	Name, ID, AccountID, Unit, Stage, Waiting, Took string
	Assignments                                     []assignmentView
}

type assignmentView struct{ Said, State string }

func newReportPage(r Report, now time.Time) reportView {
	var b account.Batch
	if len(r.Overview.Batches) > 0 {
		b = r.Overview.Batches[0]
	}
	v := reportView{
		ID: b.ID, File: b.Key[strings.LastIndex(b.Key, "/")+1:], Source: b.Source(), Version: b.Version, Results: r.Results, Uploader: b.Uploader,
		Submitted: moment(b.SubmittedAt), Finished: moment(b.FinishedAt), Written: moment(now), Build: r.Version,
		Revision: b.Revision, Open: b.State != account.BatchFinished, Failure: b.Failure,
	}
	if !b.FinishedAt.IsZero() {
		v.Took = brief(b.FinishedAt.Sub(b.SubmittedAt))
	}
	for _, stage := range append(append([]account.Stage{}, account.Stages...), account.Rejected) {
		if n := b.Summary[stage]; n > 0 {
			v.Tiles = append(v.Tiles, tile{string(stage), n, "s-" + string(stage)})
		}
	}
	for _, q := range r.Overview.Requests {
		v.Accounts = append(v.Accounts, newAccountView(q))
		if q.Failure != nil && q.Stage == account.Failed {
			v.Failed = append(v.Failed, newFailureView(q))
		}
	}
	for _, row := range r.Overview.Rejected {
		f := account.Failure{}
		if row.Failure != nil {
			f = *row.Failure
		}
		v.Rejected = append(v.Rejected, rejectedView{row.Line, row.Name, f.Code, account.HideAddresses(f.Message), account.HideAddresses(f.Remedy(""))})
	}
	v.Chart = newChart(r, now)
	return v
}

func newAccountView(q account.Request) accountView {
	a := accountView{Name: q.Name, ID: q.ID, AccountID: q.AccountID, Unit: q.Unit.Path, Stage: string(q.Stage)}
	if q.Stage.Open() && q.Waiting != "" {
		a.Waiting = account.HideAddresses(q.Waiting)
	}
	if !q.StartedAt.IsZero() && !q.FinishedAt.IsZero() {
		a.Took = brief(q.FinishedAt.Sub(q.StartedAt))
	}
	for _, as := range q.Assignments {
		state := string(as.State)
		if state == "" {
			state = string(account.AssignmentPending)
		}
		a.Assignments = append(a.Assignments, assignmentView{account.HideAddresses(fmt.Sprintf("%s for %s", as.PermissionSet, as.Principal)), state})
	}
	return a
}

func newFailureView(q account.Request) failureView {
	f := failureView{
		Name: q.Name, ID: q.ID, Unit: q.Unit.Path, Stage: string(q.FailedStage), Code: q.Failure.Code, Message: account.HideAddresses(q.Failure.Message),
		AWS: account.HideAddresses(q.Failure.AWSMessage), Remedy: account.HideAddresses(q.Failure.Remedy(q.ID)),
	}
	if e, _ := account.Explain(f.Code); e.Title != f.Message {
		f.Title = e.Title
	}
	f.Remedy = sentence(f.Remedy)
	return f
}

type said struct {
	Said    string
	Command bool
}

// prose takes apart what is said and what is to be typed, which stands in backquotes.
func prose(text string) (parts []said) {
	pieces := strings.Split(Text(text), "`")
	if len(pieces)%2 == 0 { // one stands alone: it quotes nothing
		return []said{{Said: Text(text)}}
	}
	for i, piece := range pieces {
		if piece != "" {
			parts = append(parts, said{piece, i%2 == 1})
		}
	}
	return parts
}

// moment is a time as a page has it; a dash where there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// brief is a duration as people say it.
func brief(d time.Duration) string {
	d = max(0, d).Round(time.Second)
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d d %d h", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
