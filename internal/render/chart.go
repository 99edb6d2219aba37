package render

import (
	"fmt"
	"slices"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

// The measures of the time line, in the units of its picture.
const (
	chartWidth  = 1000
	chartLabels = 200 // the names of the accounts, on the left
	chartRight  = 40  // room for the last mark of the axis
	chartRow    = 20
	chartTop    = 24 // the time axis
	chartMost   = 1000
)

// chart is the time line of all accounts of a batch: who waited for what, and how long.
type chart struct {
	Width, Height, Labels int
	Ticks                 []tick
	Rows                  []chartLine
	More                  int // accounts that are not drawn
	Stages                []string
}

type tick struct {
	X     float64
	Label string
}

type chartLine struct {
	Name     string
	Y        int
	Segments []segment
}

type segment struct {
	X, Width    float64
	Class, Said string
}

// passage is one stage of one request.
type passage struct {
	stage    account.Stage
	from, to time.Time
}

func newChart(r Report, now time.Time) chart {
	c := chart{Width: chartWidth, Labels: chartLabels}
	requests := slices.Clone(r.Overview.Requests)
	slices.SortStableFunc(requests, func(a, b account.Request) int { return a.Row - b.Row })
	if len(requests) > chartMost {
		c.More = len(requests) - chartMost
		requests = requests[:chartMost]
	}
	var first, last time.Time
	all := make([][]passage, len(requests))
	for i, q := range requests {
		all[i] = passages(q, r.Histories[q.ID], now)
		for j, s := range all[i] {
			if resting := s.stage == account.Failed && j == len(all[i])-1; resting {
				s.to = s.from // how long ago that was says nothing, and would squeeze all the rest
			}
			if first.IsZero() || s.from.Before(first) {
				first = s.from
			}
			if s.to.After(last) {
				last = s.to
			}
		}
	}
	if first.IsZero() || !last.After(first) {
		return c
	}
	whole := last.Sub(first)
	x := func(t time.Time) float64 {
		return chartLabels + float64(chartWidth-chartLabels-chartRight)*float64(t.Sub(first))/float64(whole)
	}
	seen := map[account.Stage]bool{}
	for i, q := range requests {
		row := chartLine{Name: fit(q.Name, 28), Y: chartTop + i*chartRow}
		for _, s := range all[i] {
			seen[s.stage] = true
			if s.to.After(last) {
				s.to = last
			}
			row.Segments = append(row.Segments, segment{
				X: x(s.from), Width: max(1, x(s.to)-x(s.from)), Class: "s-" + string(s.stage),
				Said: fmt.Sprintf("%s: %s for %s, from %s", Text(q.Name), s.stage, brief(s.to.Sub(s.from)), moment(s.from)),
			})
		}
		c.Rows = append(c.Rows, row)
	}
	c.Height = chartTop + len(requests)*chartRow + 4
	c.Ticks = ticks(first, last, x)
	for _, stage := range account.Stages {
		if seen[stage] {
			c.Stages = append(c.Stages, string(stage))
		}
	}
	return c
}

// passages are the stages of a request in order, by its history. What is done or cancelled has no length; what has failed
// lasts until it was resumed, or until now.
func passages(q account.Request, history []account.Event, now time.Time) []passage {
	var all []passage
	stage, since := account.Queued, q.QueuedAt
	add := func(to time.Time) {
		if !since.IsZero() && to.After(since) && stage != account.Done && stage != account.Cancelled {
			all = append(all, passage{stage, since, to})
		}
	}
	for _, e := range history {
		if e.Stage == stage || e.Stage == "" {
			continue
		}
		if since.IsZero() {
			since = e.At
		}
		add(e.At)
		stage, since = e.Stage, e.At
	}
	if stage != account.Done && stage != account.Cancelled {
		add(now)
	}
	return all
}

// ticks are the marks of the time axis: few enough to be read, at times that people know.
func ticks(first, last time.Time, x func(time.Time) float64) []tick {
	steps := []time.Duration{
		time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
		6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 48 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour,
	}
	const most = 8
	step := steps[len(steps)-1]
	for _, s := range steps {
		if last.Sub(first)/s <= most {
			step = s
			break
		}
	}
	layout := "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 12*time.Hour:
		layout = "2 Jan"
	case last.Sub(first) > 20*time.Hour:
		layout = "2 Jan 15:04"
	}
	var all []tick
	for t := first.UTC().Truncate(step); !t.After(last); t = t.Add(step) {
		if !t.Before(first) {
			all = append(all, tick{x(t), t.Format(layout)})
		}
	}
	return all
}
