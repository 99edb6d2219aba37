package engine_test

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/worker"
)

// machine is a computer with a clock of its own, on which one worker after the other lives.
type machine struct {
	s    *simulation
	n    int
	skew time.Duration

	mu     sync.Mutex
	seen   map[string]uint64 // calls by operation, over all lives
	life   *life             // the present one; nil between two
	thaw   chan struct{}     // closed when the machine goes on; nil: it is not frozen
	downed time.Duration     // how long it stays down after it dies
}

// life is one process on a machine, and its network. A dead process reaches nobody.
type life struct {
	*machine
	next http.RoundTripper
	die  context.CancelFunc
	dead chan struct{}
	doom mode // how it dies at its next mutating call; empty: it lives
}

// RoundTrip sends a call.
func (l *life) RoundTrip(r *http.Request) (*http.Response, error) {
	what := operation(r)
	latency, fault := l.fate(what)
	time.Sleep(latency)
	switch {
	case fault == "":
	case l.s.troubled():
		l.s.strike(fault)
	default:
		fault = ""
	}
	if frozen := l.frozen(); frozen != nil {
		r = r.WithContext(context.WithoutCancel(r.Context()))
		select {
		case <-frozen:
		case <-l.dead:
		}
	}
	doom := l.doomed(what)
	switch {
	case l.isDead():
		return nil, errDead
	case fault == unreachedFault:
		return nil, syscall.ECONNRESET
	case fault != "":
		r = r.Clone(r.Context())
		r.Header.Set(faultHeader, fault)
	}
	response, err := l.next.RoundTrip(r)
	if doom != "" {
		l.s.strike("killed: " + string(doom))
		l.kill()
	}
	if doom == effectCrash || l.isDead() {
		return nil, errDead
	}
	return response, err
}

// unreachedFault is a connection that breaks before the call has arrived.
const unreachedFault = "unreached"

// fate draws how long a call takes and what becomes of it from the seed, the machine, the operation and how often that was
// called, so that it does not depend on what else happens.
func (m *machine) fate(what string) (time.Duration, string) {
	m.mu.Lock()
	m.seen[what]++
	nth := m.seen[what]
	m.mu.Unlock()
	name := fnv.New64a()
	_, _ = name.Write([]byte(what)) // it never fails
	rng := rand.New(rand.NewPCG(m.s.seed<<8|uint64(m.n), name.Sum64()+nth))
	latency := time.Millisecond + time.Duration(rng.IntN(1_000_000))
	if rng.Float64() < m.s.plan.rate {
		return latency, []string{string(errorBefore), throttledFault, string(effectError), droppedFault, unreachedFault}[rng.IntN(5)]
	}
	now := time.Since(m.s.began)
	for _, storm := range m.s.plan.storms {
		if (storm.machine < 0 || storm.machine == m.n) && now >= storm.from && now < storm.to && rng.Float64() < storm.share {
			return latency, storm.kind
		}
	}
	return latency, ""
}

// run lets one worker after the other live until ctx ends, as whoever looks after services does.
func (m *machine) run(ctx context.Context) {
	for ctx.Err() == nil {
		alive, die := context.WithCancel(ctx)
		l := &life{machine: m, next: m.s.sandbox.RoundTripper(), die: die, dead: make(chan struct{})}
		m.mu.Lock()
		m.life, m.downed = l, time.Minute
		m.mu.Unlock()
		e, err := m.s.engineAt(alive, l, func() time.Time { return time.Now().Add(m.skew) })
		if err == nil {
			_ = e.Work(alive, worker.Options{}) // why it ended does not matter: it is started again
		}
		die()
		m.mu.Lock()
		m.life = nil
		down := m.downed
		m.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(down):
		}
	}
}

// engineAt opens the pipeline for a process whose clock is off. The waits between the SDK's own tries hold no randomness,
// so that a seed can be repeated.
func (s *simulation) engineAt(ctx context.Context, transport http.RoundTripper, clock func() time.Time) (*engine.Engine, error) {
	options := s.options(transport)
	options.Now = clock
	inner := options.AWS.Retryer
	options.AWS.Retryer = func() aws.Retryer { return steady{inner().(aws.RetryerV2)} }
	return engine.Open(ctx, s.config, options)
}

// steady is a retryer without jitter.
type steady struct{ aws.RetryerV2 }

// RetryDelay is how long to wait before the next try.
func (steady) RetryDelay(attempt int, _ error) (time.Duration, error) {
	return min(20*time.Second, time.Second<<min(attempt, 5)/2), nil
}

// frozen is what a call waits for while the machine stands still.
func (m *machine) frozen() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.thaw == nil {
		return nil
	}
	return m.thaw
}

// freeze lets the machine stand still for a while. Its timers go on, and contexts that end do not keep its calls back:
// that is worse than a machine that sleeps.
func (m *machine) freeze(d time.Duration) {
	m.mu.Lock()
	if m.thaw != nil {
		m.mu.Unlock()
		return
	}
	thaw := make(chan struct{})
	m.thaw = thaw
	m.mu.Unlock()
	m.s.strike("freeze")
	time.Sleep(d)
	m.mu.Lock()
	m.thaw = nil
	m.mu.Unlock()
	close(thaw)
}

// doomed says how the process dies of this call.
func (l *life) doomed(what string) mode {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.doom == "" || !mutating(what) {
		return ""
	}
	doom := l.doom
	l.doom = ""
	return doom
}

// end kills the process on the machine: at once, or at its next mutating call. It stays down for a while.
func (m *machine) end(how mode, down time.Duration) {
	m.mu.Lock()
	l := m.life
	m.downed = down
	if l != nil && how != "" {
		l.doom = how
	}
	m.mu.Unlock()
	if l != nil && how == "" {
		m.s.strike("killed")
		l.kill()
	}
}

func (l *life) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.dead:
	default:
		close(l.dead)
		l.die()
	}
}

func (l *life) isDead() bool {
	select {
	case <-l.dead:
		return true
	default:
		return false
	}
}
