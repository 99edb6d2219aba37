package queue_test

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
)

func TestOneOfManyClaims(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		var won, lost atomic.Int32
		for i := range 20 {
			c := tab.clientWith(tab.box.RoundTripper(), skewed(time.Duration(i-10)*2*time.Hour, i%2 == 0))
			go func() {
				switch claim, err := c.Claim(t.Context(), r.ID); {
				case err == nil && claim.Request.ID == r.ID && claim.Left(time.Now().Add(time.Duration(i-10)*2*time.Hour)) > 0:
					won.Add(1)
				case errors.Is(err, account.ErrStale):
					lost.Add(1)
				default:
					t.Errorf("claim %+v, error %v", claim, err)
				}
			}()
		}
		synctest.Wait()
		time.Sleep(time.Minute / 2)
		if won.Load() != 1 || lost.Load() != 19 {
			t.Errorf("%d have claimed it and %d have not", won.Load(), lost.Load())
		}
	})
}

func TestWhatCanBeClaimed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		release     account.Release
		after       time.Duration
		claim, take error
	}{
		"what waits for a slot":                   {account.Release{Slot: true}, 0, nil, nil},
		"what is due":                             {account.Release{}, 2 * time.Second, nil, nil},
		"what will be due":                        {account.Release{In: time.Hour}, time.Minute, account.ErrStale, nil},
		"what has come due":                       {account.Release{In: time.Hour}, time.Hour + 2*time.Second, nil, nil},
		"what rests":                              {account.Release{Rest: true}, time.Hour, account.ErrStale, nil},
		"what somebody holds":                     {account.Release{Keep: true}, lease - 3*time.Second, account.ErrStale, account.ErrStale},
		"what somebody held who has died or left": {account.Release{Keep: true}, lease + 2*time.Second, nil, nil},
	} {
		for _, clock := range []time.Duration{-24 * time.Hour, 0, 24 * time.Hour} {
			t.Run(name+" by a clock that is off by "+clock.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					tab := newTable(t)
					r := tab.add(batchOf(1), 1)[0]
					other := tab.clientWith(tab.box.RoundTripper(), skewed(-clock, false))
					tab.save(other, tab.claim(other, r.ID), r, test.release)
					time.Sleep(test.after)
					// These are the client's first calls: it has no idea of the table's clock.
					if _, err := tab.clientWith(tab.box.RoundTripper(), skewed(clock, true)).Claim(t.Context(), r.ID); !errors.Is(err, test.claim) {
						t.Errorf("Claim: %v, want %v", err, test.claim)
					}
					if test.claim == nil {
						return
					}
					if _, err := tab.clientWith(tab.box.RoundTripper(), skewed(clock, true)).Take(t.Context(), r.ID); !errors.Is(err, test.take) {
						t.Errorf("Take: %v, want %v", err, test.take)
					}
				})
			})
		}
	}
}

func TestClaimOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTable(t).client()
		if _, err := c.Claim(t.Context(), "r-none"); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("Claim: %v", err)
		}
		if _, err := c.Take(t.Context(), "r-none"); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("Take: %v", err)
		}
		if _, err := c.ClaimBatch(t.Context(), "b-none"); !errors.Is(err, queue.ErrNotFound) {
			t.Errorf("ClaimBatch: %v", err)
		}
	})
}

// slow is a network that takes its time on either way.
type slow struct {
	next http.RoundTripper
	rng  *rand.Rand
	most time.Duration
}

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Duration(s.rng.Int64N(int64(s.most))))
	response, err := s.next.RoundTrip(r)
	time.Sleep(time.Duration(s.rng.Int64N(int64(s.most))))
	return response, err
}

// Whatever their clocks and networks are like, the holder of a claim lets it go before anybody else can have it.
func TestTrustEndsBeforeTheTakeover(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 0))
			tab := newTable(t)
			r := tab.add(batchOf(1), 1)[0]
			clock := func() func() time.Time {
				return skewed(time.Duration(rng.Int64N(int64(48*time.Hour)))-24*time.Hour, rng.IntN(2) == 0)
			}
			ours, theirs := clock(), clock()
			holder := tab.clientWith(slow{tab.box.RoundTripper(), rng, 10 * time.Second}, ours)
			time.Sleep(time.Duration(rng.Int64N(int64(5 * time.Second))))
			claim := tab.claim(holder, r.ID)
			if rng.IntN(2) == 0 { // and again for another lease
				time.Sleep(time.Duration(rng.Int64N(int64(10 * time.Second))))
				claim = tab.save(holder, claim, r, account.Release{Keep: true})
			}
			thief := tab.clientWith(tab.box.RoundTripper(), theirs)
			takeOver(t, func() error { _, err := thief.Claim(t.Context(), r.ID); return err })
			if left := claim.Left(ours()); left > 0 {
				t.Errorf("seed %d: somebody else has the claim, and its holder trusts it for another %v", seed, left)
			}
		})
	}
}

// A claim is worth something: with a good network its holder trusts it for nearly all of the lease.
func TestTrustLasts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		r := tab.add(batchOf(1), 1)[0]
		time.Sleep(900 * time.Millisecond)
		c := tab.client()
		claim := tab.claim(c, r.ID)
		if left := claim.Left(time.Now()); left < lease-3*time.Second {
			t.Errorf("a fresh claim is trusted for %v of %v", left, lease)
		}
		released := tab.save(c, claim, r, account.Release{In: time.Second})
		if left := released.Left(time.Now().Add(time.Nanosecond)); left > 0 {
			t.Errorf("a claim that was released is trusted for %v", left)
		}
	})
}

// A clock that is put right, or wrong, while the process runs makes nobody else's claim end.
func TestClocksThatJump(t *testing.T) {
	t.Parallel()
	for name, jump := range map[string]time.Duration{"a day ahead": 24 * time.Hour, "a day back": -24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				var jumped atomic.Bool
				began := time.Now()
				thief := tab.clientWith(tab.box.RoundTripper(), func() time.Time {
					now := time.Now()
					if jumped.Load() { // the wall jumps, the monotonic reading does not
						return began.Add(now.Sub(began)).Round(0).Add(jump)
					}
					return now
				})
				if _, err := thief.Slots(t.Context()); err != nil {
					t.Fatal(err)
				}
				holder := tab.client()
				tab.claim(holder, r.ID)
				jumped.Store(true)
				for range 5 {
					if _, err := thief.Claim(t.Context(), r.ID); !errors.Is(err, account.ErrStale) {
						t.Fatalf("the claim is taken over right after it was made: %v", err)
					}
					time.Sleep(10 * time.Second)
				}
				time.Sleep(lease)
				if _, err := thief.Slots(t.Context()); err != nil {
					t.Fatal(err)
				}
				tab.claim(thief, r.ID)
			})
		})
	}
}

// A process that was frozen between a claim and its answer reads an old Date: it must not take it for the present.
func TestADateReadAfterAFreeze(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(t)
		rs := tab.add(batchOf(1), 2)
		freeze := make(chan time.Duration, 1)
		frozen := tab.clientWith(roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := tab.box.RoundTripper().RoundTrip(r)
			select {
			case d := <-freeze:
				time.Sleep(d)
			default:
			}
			return response, err
		}), time.Now)
		if _, err := frozen.Slots(t.Context()); err != nil {
			t.Fatal(err)
		}
		freeze <- 10 * lease
		claim := tab.claim(frozen, rs[0].ID)
		if left := claim.Left(time.Now()); left > 0 {
			t.Errorf("after ten leases the claim is trusted for another %v", left)
		}
		if ahead := time.Until(frozen.Now()); ahead > 0 {
			t.Errorf("the table's clock is taken to be %v ahead", ahead)
		}
		tab.claim(tab.client(), rs[0].ID)
		if _, err := frozen.Slots(t.Context()); err != nil { // the SDK, too, has to find out what time it is
			t.Fatal(err)
		}
		if _, err := frozen.Claim(t.Context(), rs[0].ID); !errors.Is(err, account.ErrStale) {
			t.Errorf("it takes over what somebody has just claimed: %v", err)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAClaimWhoseAnswerGoesWrong(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tab := newTable(t)
				r := tab.add(batchOf(1), 1)[0]
				c := tab.struck(f, 1)
				claim, err := c.Claim(t.Context(), r.ID)
				arrived := f == fine || f == dropped || f == brokenAfter
				switch {
				case arrived && err != nil:
					t.Fatalf("the claim is there, and not known to be: %v", err)
				case !arrived && err == nil:
					t.Fatalf("a claim that is not there: %+v", claim)
				case !arrived:
					time.Sleep(5 * time.Second)
					if f == late { // nobody knows of it: it is a dead owner's
						time.Sleep(lease)
					}
					claim = tab.claim(c, r.ID)
				}
				next := r
				next.Stage = account.Failed
				tab.save(c, claim, next, account.Release{Rest: true})
				tab.consistent()
			})
		})
	}
}
