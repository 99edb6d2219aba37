package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/render"
)

// scene is what an overview shows at each look, and how long each look stays the same.
type scene struct {
	looks []func() (account.Overview, error)
	last  int
}

func (s *scene) Overview(context.Context, queue.Filter) (account.Overview, error) {
	look := s.looks[min(s.last, len(s.looks)-1)]
	s.last++
	return look()
}

func TestWaitingEndsAsTheBatchDoes(t *testing.T) {
	t.Parallel()
	show := func(stage account.Stage, workers ...account.Worker) func() (account.Overview, error) {
		return func() (account.Overview, error) {
			return account.Overview{
				Workers:  workers,
				Batches:  []account.Batch{{ID: "b-0123456789ab", State: account.BatchOpen}},
				Requests: []account.Request{{ID: "r-0123456789ab", Batch: "b-0123456789ab", Stage: stage}},
			}, nil
		}
	}
	nobody := func() (account.Overview, error) {
		return account.Overview{}, fmt.Errorf("batch b-0123456789ab: %w", queue.ErrNotFound)
	}
	refuse := func(code string) func() (account.Overview, error) {
		return func() (account.Overview, error) {
			return account.Overview{}, account.Refused{Code: code, Reason: "refused"}
		}
	}
	finished := func() (account.Overview, error) {
		o, err := show(account.Done)()
		o.Batches[0].State = account.BatchFinished
		return o, err
	}
	worker := account.Worker{Owner: "host-1"}
	tests := map[string]struct {
		looks   []func() (account.Overview, error)
		timeout time.Duration
		code    int
		says    string
		took    time.Duration // at least
		results bool
	}{
		"all is done":                         {looks: []func() (account.Overview, error){nobody, show(account.Queued, worker), show(account.Done, worker)}},
		"a request failed":                    {looks: []func() (account.Overview, error){show(account.Provisioning, worker), show(account.Failed, worker)}, code: 5},
		"the time is up":                      {looks: []func() (account.Overview, error){show(account.Queued, worker)}, timeout: time.Hour, code: 8, says: "The time is up", took: time.Hour},
		"the time is up before anybody reads": {looks: []func() (account.Overview, error){nobody}, timeout: time.Minute, code: 8, says: "The time is up"},
		"the credentials expire":              {looks: []func() (account.Overview, error){show(account.Queued, worker), refuse("V3001")}, code: 8, says: "The credentials have expired"},
		"the table is gone":                   {looks: []func() (account.Overview, error){show(account.Queued, worker), refuse("V3004")}, code: 4},
		"nobody works":                        {looks: []func() (account.Overview, error){nobody}, timeout: 3 * time.Minute, code: 8, says: "No worker was seen for two minutes"},
		"the results are written, too":        {looks: []func() (account.Overview, error){show(account.Done, worker), show(account.Done, worker), finished}, results: true, took: 4 * time.Second},
		"the results are never written":       {looks: []func() (account.Overview, error){show(account.Done, worker)}, results: true, says: "The results are not written yet", took: time.Minute},
		"somebody works":                      {looks: []func() (account.Overview, error){show(account.Queued, worker)}, timeout: 3 * time.Minute, code: 8, says: "-No worker"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var stdout, stderr strings.Builder
				s := newSession(process{stdout: &stdout, stderr: &stderr})
				start := time.Now()
				w := waiting{batch: account.Batch{ID: "b-0123456789ab"}, timeout: test.timeout, every: 2 * time.Second, results: test.results}
				err := w.until(t.Context(), &scene{looks: test.looks}, s)
				if _, code := judge(t.Context(), err, ""); code != test.code {
					t.Errorf("exit code %d, want %d (%v)", code, test.code, err)
				}
				unwanted, not := strings.CutPrefix(test.says, "-")
				if not && strings.Contains(stderr.String(), unwanted) || !not && !strings.Contains(stderr.String(), test.says) {
					t.Errorf("says %q", stderr.String())
				}
				if took := time.Since(start); took < test.took {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	batch := func(state account.BatchState, summary map[account.Stage]int) account.Overview {
		return account.Overview{Batches: []account.Batch{{State: state, Summary: summary}}}
	}
	unreadable := batch(account.BatchFinished, nil)
	unreadable.Batches[0].Failure = &account.Failure{Code: "V1101"}
	one := batch(account.BatchOpen, map[account.Stage]int{account.Queued: 3, account.Failed: 1})
	one.Requests = []account.Request{{Stage: account.Done}}
	tests := map[string]struct {
		overview account.Overview
		shown    render.StatusOptions
		want     int
	}{
		"nothing was handed in":                     {},
		"all is done or given up":                   {overview: batch(account.BatchFinished, map[account.Stage]int{account.Done: 2, account.Cancelled: 1})},
		"something is pending, something failed":    {overview: batch(account.BatchOpen, map[account.Stage]int{account.Queued: 1, account.Failed: 1}), want: 8},
		"something failed":                          {overview: batch(account.BatchFinished, map[account.Stage]int{account.Done: 1, account.Failed: 1}), want: 5},
		"something was rejected":                    {overview: batch(account.BatchFinished, map[account.Stage]int{account.Rejected: 1}), want: 5},
		"a file is being read":                      {overview: batch(account.BatchReading, nil), want: 8},
		"a file could not be read":                  {overview: unreadable, want: 5},
		"one request is done, its batch is not":     {overview: one, shown: render.StatusOptions{One: true}},
		"the batch of a request that is done isn't": {overview: one, want: 8},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := outcome(test.overview, test.shown); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
		})
	}
}

func TestErrorsHaveTheirExitCodes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		code int
		says string
	}{
		"a setting":                 {account.Refused{Code: "V3012", Reason: "no table was given"}, 4, "V3012"},
		"an input":                  {account.Refused{Code: "V1101", Reason: "no CSV"}, 3, "V1101"},
		"a request":                 {account.Refused{Code: "V2030", Reason: "AWS is at it"}, 1, "V2030"},
		"what is not there":         {fmt.Errorf("look up: %w", queue.ErrNotFound), 10, "V9003"},
		"AWS's refusal of a call":   {fmt.Errorf("read: %w", apiError("AccessDeniedException")), 4, "V3002"},
		"AWS's refusal of a key":    {fmt.Errorf("read: %w", apiError("ExpiredToken")), 4, "V3001"},
		"AWS's refusal of a bucket": {fmt.Errorf("read: %w", apiError("NoSuchBucket")), 4, "V3003"},
		"an answer nobody knows":    {fmt.Errorf("read: %w", apiError("Strange")), 1, "V9001"},
		"anything else":             {errors.New("broken"), 1, "V9001"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault, code := judge(t.Context(), test.err, "")
			if code != test.code || fault == nil || fault.Code != test.says {
				t.Fatalf("exit code %d, fault %+v", code, fault)
			}
			if _, known := account.Explain(fault.Code); !known {
				t.Errorf("`vend explain` does not know %s", fault.Code)
			}
		})
	}
}

// apiError is an error of the SDK.
type apiError string

func (e apiError) Error() string        { return string(e) }
func (e apiError) ErrorCode() string    { return string(e) }
func (e apiError) ErrorMessage() string { return "word for word" }
