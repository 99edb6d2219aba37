package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/vend-cli/vend/internal/sandbox"
)

// mode is a way for one API call to go wrong.
type mode string

const (
	errorBefore mode = "error-before" // answered with an error, no effect
	effectError mode = "effect-error" // the effect, then an error or no answer
	effectCrash mode = "effect-crash" // the effect, then the process dies
	answerCrash mode = "answer-crash" // the answer, then the process dies

	// Ways that the commands of a user meet, too.
	throttled  mode = "throttled"  // answered that there were too many, no effect
	unanswered mode = "unanswered" // the connection stands and nothing comes: before the effect or after it
	repeated   mode = "repeated"   // it reaches AWS twice, and the second answer is heard
)

var modes = []mode{errorBefore, effectError, effectCrash, answerCrash}

const (
	// faultHeader tells the sandbox's hook what to do with a call: a mode, or one of these.
	faultHeader    = "X-Vend-Test-Fault"
	throttledFault = string(errorBefore) + "-dropped"
	droppedFault   = string(effectError) + "-dropped"
	expiredFault   = "expired"
	refusedFault   = "refused"
)

var (
	errDead       = errors.New("the process is dead")
	errUnanswered = errors.New("timeout awaiting response headers")
)

// patience is how long the command's HTTP client waits for an answer.
const patience = time.Minute

// process is the network of one process: each call takes a little time of its own, so that a seed always gives the same
// order of calls, and the faults of the test strike. A dead process reaches nobody.
type process struct {
	next   http.RoundTripper
	faults map[int]mode                // by number of the call, from 1
	counts func(operation string) bool // which calls have a number; nil: all
	die    context.CancelFunc

	mu    sync.Mutex
	rng   *rand.Rand
	calls []string
	dead  bool
}

func newProcess(box *sandbox.Sandbox, seed uint64, faults map[int]mode) *process {
	return &process{next: box.RoundTripper(), faults: faults, rng: rand.New(rand.NewPCG(seed, 0)), die: func() {}}
}

// RoundTrip sends a call.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	latency := time.Millisecond + time.Duration(p.rng.IntN(1_000_000))
	p.mu.Unlock()
	time.Sleep(latency)

	p.mu.Lock()
	if p.dead {
		p.mu.Unlock()
		return nil, errDead
	}
	k, fault := 0, mode("")
	if what := operation(r); p.counts == nil || p.counts(what) {
		p.calls = append(p.calls, what)
		k = len(p.calls)
		fault = p.faults[k]
	}
	p.mu.Unlock()

	switch fault {
	case errorBefore, effectError:
		r = r.Clone(r.Context())
		kind := string(fault)
		if k%2 == 0 {
			kind += "-dropped"
		}
		r.Header.Set(faultHeader, kind)
	case throttled:
		r = r.Clone(r.Context())
		r.Header.Set(faultHeader, throttledFault)
	case unanswered:
		return p.unanswered(r, k%2 == 0)
	case repeated:
		if err := p.once(r); err != nil {
			return nil, err
		}
	}
	response, err := p.next.RoundTrip(r)
	switch fault {
	case effectCrash:
		p.kill()
		return nil, errDead
	case answerCrash:
		p.kill()
	}
	return response, err
}

// unanswered lets a call hang until the client, or the caller, has lost patience.
func (p *process) unanswered(r *http.Request, effect bool) (*http.Response, error) {
	if effect {
		response, err := p.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if err := response.Body.Close(); err != nil {
			return nil, err
		}
	}
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(patience):
		return nil, errUnanswered
	}
}

// once sends a copy of a call, and hears no answer.
func (p *process) once(r *http.Request) error {
	copied := r.Clone(r.Context())
	if r.Body != nil {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body, copied.Body = io.NopCloser(bytes.NewReader(content)), io.NopCloser(bytes.NewReader(content))
	}
	response, err := p.next.RoundTrip(copied)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func (p *process) kill() {
	p.mu.Lock()
	p.dead = true
	p.mu.Unlock()
	p.die()
}

func (p *process) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.calls)
}

// names are the calls so far.
func (p *process) names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// call names the kth call, for the message of a failure.
func (p *process) call(k int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k < 1 || k > len(p.calls) {
		return "no call"
	}
	return p.calls[k-1]
}

func operation(r *http.Request) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target
	}
	return fmt.Sprintf("%s %s", r.Method, r.URL.Path)
}

// strike is the sandbox's part of the faults.
func strike(r sandbox.Request) sandbox.Verdict {
	fault := r.HTTP.Header.Get(faultHeader)
	switch {
	case fault == string(errorBefore) && !r.Done, fault == string(effectError) && r.Done:
		return sandbox.Verdict{Code: "InternalFailure", Message: "a planted fault", Status: http.StatusInternalServerError}
	case fault == droppedFault && r.Done:
		return sandbox.Verdict{Drop: true}
	case fault == expiredFault && !r.Done:
		return sandbox.Verdict{Code: "ExpiredTokenException", Message: "The security token included in the request is expired", Status: http.StatusBadRequest}
	case fault == refusedFault && !r.Done:
		return sandbox.Verdict{Code: "InvalidParametersException", Message: "It is refused.", Status: http.StatusBadRequest}
	case fault == throttledFault && !r.Done:
		return sandbox.Verdict{Code: "ThrottlingException", Message: "Rate exceeded", Status: http.StatusBadRequest}
	}
	return sandbox.Verdict{}
}
