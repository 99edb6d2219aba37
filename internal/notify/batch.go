package notify

import (
	"fmt"
	"path"
	"strings"

	"github.com/vend-cli/vend/internal/account"
)

// most is how many accounts or rows of a kind a message names; it says how many more there are.
const most = 20

func newBatchMessage(n account.News) message {
	b := n.Batch
	file := path.Base(b.Key)
	m := message{thread: b.ID, event: "batch-progress", title: headline(n, file)}
	switch {
	case b.Failure != nil && n.Accepted:
		m.event = "batch-refused"
		if total(n.Summary) > 0 {
			m.add("%s could not be read to its end; the rows that were read go on.", b.Source())
		} else {
			m.add("%s was refused: no row of it was acted on.", b.Source())
		}
		m.add("%s: %s", b.Failure.Code, b.Failure.Message)
		m.next(b.Failure.Hint)
		m.next("Mend the file and upload it again; `vend explain " + b.Failure.Code + "` tells more.")
		return m
	case n.Finished:
		m.event = "batch-finished"
		m.add("Batch %s (%s) is finished: %s.", b.ID, b.Source(), counted(n.Summary))
	case n.Accepted:
		m.event = "batch-accepted"
		m.add("Batch %s (%s) was accepted: %s, %d rejected.", b.ID, b.Source(), count(b.Rows, "row", "rows"), len(n.Rejected))
	default:
		m.add("Batch %s (%s): %s.", b.ID, b.Source(), counted(n.Summary))
	}
	if len(n.Failed) > 0 && m.event == "batch-progress" {
		m.event = "requests-failed"
	}
	m.failed(n.Failed)
	m.done(n.Done)
	if n.Accepted {
		m.rejected(n.Rejected)
	}
	if n.Accepted && !n.Finished {
		m.next("`vend status " + b.ID + "` shows where it stands.")
	} else {
		m.next("`vend status " + b.ID + "` shows all of it, and what mends what failed.")
	}
	if n.Results != "" {
		m.add("Results: %s", n.Results)
	}
	return m
}

// headline is what stands in the subject: the worst first.
func headline(n account.News, file string) string {
	var said []string
	if n.Batch.Failure != nil && n.Accepted {
		return "vend: " + file + " was refused"
	}
	if k := len(n.Failed); k > 0 {
		said = append(said, fmt.Sprintf("%d failed", k))
	}
	if k := len(n.Rejected); n.Accepted && k > 0 {
		said = append(said, fmt.Sprintf("%d rejected", k))
	}
	if k := len(n.Done); k > 0 {
		said = append(said, fmt.Sprintf("%d done", k))
	}
	switch {
	case n.Finished:
		said = append([]string{"finished"}, said...)
	case n.Accepted:
		said = append([]string{"accepted"}, said...)
	}
	return "vend: " + file + ": " + strings.Join(said, ", ")
}

func (m *message) failed(requests []account.Request) {
	if len(requests) == 0 {
		return
	}
	m.add("Failed since the last message (%d):", len(requests))
	for _, r := range requests[:min(most, len(requests))] {
		f := account.Failure{Code: "V9001"}
		if r.Failure != nil {
			f = *r.Failure
		}
		m.item("%s (%s) %s: %s", r.Name, r.ID, f.Code, f.Message)
		if f.AWSMessage != "" && !strings.Contains(f.Message, f.AWSMessage) {
			m.detail("AWS: %s", f.AWSMessage)
		}
		if remedy := f.Remedy(r.ID); remedy != "" {
			m.detail("→ %s", remedy)
		}
	}
	m.more(len(requests))
}

func (m *message) done(requests []account.Request) {
	if len(requests) == 0 {
		return
	}
	m.add("Done since the last message (%d):", len(requests))
	for _, r := range requests[:min(most, len(requests))] {
		m.item("%s, account %s, in %s", r.Name, r.AccountID, r.Unit.Path)
	}
	m.more(len(requests))
}

func (m *message) rejected(rows []account.Row) {
	if len(rows) == 0 {
		return
	}
	m.add("Rejected (%d); the other rows go on:", len(rows))
	for _, r := range rows[:min(most, len(rows))] {
		f := account.Failure{Code: "V9001"}
		if r.Failure != nil {
			f = *r.Failure
		}
		m.item("line %d, %s: %s %s", r.Line, r.Name, f.Code, f.Message)
		if remedy := f.Remedy(""); remedy != "" {
			m.detail("→ %s", remedy)
		}
	}
	m.more(len(rows))
}

func (m *message) more(n int) {
	if n > most {
		m.item("and %d more", n-most)
	}
}

func newPauseMessage(p account.Pause, inFlight int) message {
	m := message{thread: "pause-" + p.Since.UTC().Format("20060102T150405"), event: "pipeline-paused", title: "vend: the pipeline is paused: " + p.Code}
	m.add("No account is begun any more since %s.", p.Since.UTC().Format("2006-01-02 15:04:05 MST"))
	m.add("%s: %s", p.Code, p.Reason)
	if inFlight > 0 {
		m.add("%s in flight; they go on.", count(inFlight, "account operation is", "account operations are"))
	}
	if e, known := account.Explain(p.Code); known {
		m.next(e.Remedy)
	}
	if p.Code != "V3013" {
		m.next("`vend doctor` looks whether it is mended.")
	}
	m.next("`vend resume --paused` goes on.")
	return m
}

// counted says how many requests are in which stage, in the order of stages.
func counted(summary map[account.Stage]int) string {
	var said []string
	for _, stage := range append(append([]account.Stage{}, account.Stages...), account.Rejected) {
		if n := summary[stage]; n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, stage))
		}
	}
	if len(said) == 0 {
		return "nothing was to be done"
	}
	return strings.Join(said, ", ")
}

func total(summary map[account.Stage]int) (n int) {
	for _, requests := range summary {
		n += requests
	}
	return n
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
