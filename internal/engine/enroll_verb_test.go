package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/precheck"
	"github.com/vend-cli/vend/internal/sandbox"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// verbModes are the ways for one call of a command to go wrong; a command that died is run again by whoever ran it.
var verbModes = []mode{errorBefore, effectError, throttled, unanswered, repeated, effectCrash}

// verb is a part of the command vend enroll that no worker repeats: its user does.
type verb struct {
	before func(h *house)                   // sets the scene
	run    func(h *house) command           // what one process does
	ended  func(h *house)                   // holds the end against what was wanted
	once   []string                         // operations that may have taken effect once, over all runs
	made   func(*testing.T, map[string]int) // of the undisturbed run: what took effect is what the suite means to disturb
}

func tell(string) {}

// survey looks at the whole unit Legacy, and holds against the undisturbed look what it comes to.
type survey struct {
	mu   sync.Mutex
	want map[string]precheck.Verdict
}

func (s *survey) run(h *house) command {
	return func(ctx context.Context, e *engine.Engine) error {
		n, err := e.Survey(ctx, engine.EnrollAsk{From: "Legacy", To: "Sandbox"})
		if err != nil {
			return err
		}
		got := map[string]precheck.Verdict{}
		for _, r := range n.Reports {
			got[r.Account.ID] = r.Verdict
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.want == nil {
			s.want = got
		}
		for _, r := range n.Reports {
			// What could not be seen is unknown, and says so. It is never taken for fine, and nothing else is spoilt by it.
			unseen := slices.ContainsFunc(r.Checks, func(c precheck.Check) bool { return c.Result == precheck.Unknown && c.Message != "" })
			if want := s.want[r.Account.ID]; r.Verdict != want && (r.Verdict != precheck.Unclear || !unseen) {
				h.violated("account %s is %s, want %s: %+v", r.Account.ID, r.Verdict, want, r.Checks)
			}
		}
		if len(got) != len(s.want) {
			h.violated("the survey is of %v, want %v", got, s.want)
		}
		return nil
	}
}

func surveying() verb {
	s := &survey{}
	return verb{
		before: func(h *house) {
			w := h.sandbox.World()
			w.Do(func() { w.Account("222222222203").ConfigRecorders = []string{"us-east-1"} })
		},
		run: s.run,
		ended: func(h *house) {
			n, err := h.mustEngine().Survey(h.t.Context(), engine.EnrollAsk{From: "Legacy", To: "Sandbox"})
			if err != nil {
				h.violated("the last survey ended with %v", err)
				return
			}
			for _, r := range n.Reports {
				if r.Verdict != s.want[r.Account.ID] {
					h.violated("in the end account %s is %s, want %s", r.Account.ID, r.Verdict, s.want[r.Account.ID])
				}
			}
		},
		made: func(t *testing.T, effects map[string]int) {
			t.Helper()
			if s.want["222222222201"] != precheck.Ready || s.want["222222222203"] != precheck.Blocked || s.want["222222222205"] != precheck.Unclear {
				t.Errorf("the undisturbed survey is %v", s.want)
			}
			for operation := range effects {
				if changes(operation) {
					t.Errorf("a survey called %s", operation)
				}
			}
		},
	}
}

// registering registers the unit Legacy in place, whose unfit account somebody has mended.
func registering() verb {
	return verb{
		before: func(h *house) {
			w := h.sandbox.World()
			w.Do(func() {
				a := w.Account("222222222203")
				a.ConfigRecorders, a.DeliveryChannels = nil, nil
			})
		},
		run: func(h *house) command {
			return func(ctx context.Context, e *engine.Engine) error {
				n, err := e.Survey(ctx, engine.EnrollAsk{Whole: "Legacy"})
				if err != nil {
					return err
				}
				if err := e.Register(ctx, n, n.Unit, tell); err != nil {
					return err
				}
				if err := e.Registered(ctx, n); err != nil {
					return err
				}
				for _, r := range n.Reports {
					if r.Verdict != precheck.Enrolled {
						h.violated("account %s is reported %s: %+v", r.Account.ID, r.Verdict, r.Failed())
					}
				}
				return nil
			}
		},
		ended: func(h *house) {
			w := h.sandbox.World()
			w.Do(func() {
				unit := w.Account("222222222203").Parent
				if unit.Name != "Legacy" || !unit.Registered() {
					h.violated("the unit %s has the baseline %+v", unit.Name, unit.Baseline)
				}
				for _, a := range unit.Accounts {
					if !a.Enrolled() {
						h.violated("account %s has the baseline %+v", a.ID, a.Baseline)
					}
				}
			})
		},
		once: []string{"controltower.EnableBaseline", "controltower.ResetEnabledBaseline"},
		made: func(t *testing.T, effects map[string]int) {
			t.Helper()
			if effects["controltower.EnableBaseline"] != 1 || effects["controltower.GetBaselineOperation"] == 0 || effects["cloudformation.CreateStackInstances"] > 0 {
				t.Errorf("the undisturbed registration made %v", effects)
			}
		},
	}
}

// makingUnits makes and registers a target that is missing, with the unit above it.
func makingUnits() verb {
	return verb{
		run: func(*house) command {
			return func(ctx context.Context, e *engine.Engine) error {
				n, err := e.Survey(ctx, engine.EnrollAsk{Accounts: []string{"222222222204"}, To: "Workloads/Team/New", Create: true})
				if err != nil {
					return err
				}
				if !n.Make {
					return nil // it is there, and registered
				}
				return e.MakeUnit(ctx, n, tell)
			}
		},
		ended: func(h *house) {
			time.Sleep(2 * time.Hour) // what Control Tower is at work on counts as registered, and ends by itself
			w := h.sandbox.World()
			w.Do(func() {
				team := unitsCalled(w, "Team")
				if fresh := unitsCalled(w, "New"); len(team) != 1 || len(fresh) != 1 || fresh[0].Parent != team[0] || !team[0].Registered() || !fresh[0].Registered() {
					h.violated("there are %d units Team and %d New below it, or they are not registered: %+v, %+v", len(team), len(fresh), team, fresh)
				}
			})
		},
		made: func(t *testing.T, effects map[string]int) {
			t.Helper()
			if effects["organizations.CreateOrganizationalUnit"] != 2 || effects["controltower.EnableBaseline"] != 2 {
				t.Errorf("the undisturbed command made %v", effects)
			}
		},
	}
}

// unitsCalled are the units of that name, wherever they are.
func unitsCalled(w *world.World, name string) (found []*world.Unit) {
	var below func(u *world.Unit)
	below = func(u *world.Unit) {
		for _, child := range u.Units {
			if child.Name == name {
				found = append(found, child)
			}
			below(child)
		}
	}
	root := w.Account("222222222205").Parent
	for root.Parent != nil {
		root = root.Parent
	}
	below(root)
	return found
}

// removing takes the stack set of the execution role away after an enrollment that needed it.
func removing() verb {
	return verb{
		before: func(h *house) {
			h.upload("accounts.csv", moved)
			h.work()
		},
		run: func(*house) command {
			return func(ctx context.Context, e *engine.Engine) error { return e.RemoveRoleStack(ctx, tell) }
		},
		ended: func(h *house) {
			w := h.sandbox.World()
			w.Do(func() {
				if a := w.Account("222222222205"); !a.Enrolled() || !a.HasRole("AWSControlTowerExecution") {
					h.violated("account %s has the baseline %+v and the roles %v", a.ID, a.Baseline, a.Roles)
				}
			})
			before, _ := h.sandbox.Calls()
			if err := h.mustEngine().RemoveRoleStack(h.t.Context(), tell); err != nil {
				h.violated("a last removal ended with %v", err)
			}
			after, _ := h.sandbox.Calls()
			for _, operation := range []string{"cloudformation.DeleteStackInstances", "cloudformation.DeleteStackSet"} {
				if after[operation] != before[operation] {
					h.violated("a last removal found something for %s", operation)
				}
			}
		},
		once: []string{"cloudformation.DeleteStackInstances"},
		made: func(t *testing.T, effects map[string]int) {
			t.Helper()
			if effects["cloudformation.DeleteStackInstances"] != 1 || effects["cloudformation.DeleteStackSet"] != 1 {
				t.Errorf("the undisturbed removal made %v", effects)
			}
		},
	}
}

// TestEveryCallOfTheEnrollVerbMayFail lets every single call of what vend enroll does itself go wrong: it fails before its
// effect or after it, is throttled, is never answered, reaches AWS twice, or kills the command. The command ends right, or
// with the reason; run again it ends right, and nothing was made twice.
func TestEveryCallOfTheEnrollVerbMayFail(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func() verb{
		"survey": surveying, "register": registering, "make unit": makingUnits, "remove role stack": removing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := of()
			undisturbed := verbRun(t, v, nil)
			report(t, "undisturbed", 0, undisturbed)
			v.made(t, undisturbed.effects)
			if t.Failed() {
				return
			}
			t.Run("points", func(t *testing.T) {
				for i, m := range verbModes {
					t.Run(string(m), func(t *testing.T) {
						t.Parallel()
						for k := 1; k <= undisturbed.calls; k += *crashEvery {
							passed := !*crashAll && k / *crashEvery % len(verbModes) != i && !changes(undisturbed.names[k-1])
							if *crashOnly == "" && passed || *crashOnly != "" && *crashOnly != fmt.Sprintf("%s/%d", m, k) {
								continue
							}
							report(t, m, k, verbRun(t, v, map[int]mode{k: m}))
						}
					})
				}
			})
		})
	}
}

// verbRun runs a verb with faults, and then again without, until it has ended right.
func verbRun(t *testing.T, v verb, faults map[int]mode) (o outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, enrollingWorld(t, false))
		h.config.Settings.Enrollment.User = account.User{Email: "operator@example.com", FirstName: "Olu", LastName: "Operator"}
		began := time.Now()
		if v.before != nil {
			v.before(h)
		}
		var mu sync.Mutex
		var names []string
		effects := map[string]int{}
		h.sandbox.Intercept(func(r sandbox.Request) sandbox.Verdict {
			mu.Lock()
			if !r.Done {
				names = append(names, r.Operation)
			} else if r.Status < 300 {
				effects[r.Operation]++
			}
			mu.Unlock()
			return strike(r)
		})
		first := newProcess(h.sandbox, *crashSeed, faults)
		err := h.run(first, v.run(h))
		for k := range faults {
			o.struck = first.call(k)
		}
		if err != nil && !first.dead && !saysWhy(err, faults) {
			h.violated("it ended with %q, which is not why", err)
		}
		if err != nil || faults != nil {
			if err := h.run(newProcess(h.sandbox, *crashSeed+1, nil), v.run(h)); err != nil {
				h.violated("run again it ended with: %v", err)
			}
		}
		v.ended(h)
		for _, operation := range v.once {
			if n := effects[operation]; n > 1 {
				h.violated("%s took effect %d times", operation, n)
			}
		}
		h.sandbox.Intercept(nil)
		o.names, o.effects = names, effects
		o.calls, o.took, o.violations = first.count(), time.Since(began), h.violations
	})
	return o
}

// changes says whether an operation changes something. To become a role for a while changes nothing.
func changes(operation string) bool { return mutating(operation) && operation != "sts.AssumeRole" }

// saysWhy holds what a command ended with against what was done to it.
func saysWhy(err error, faults map[int]mode) bool {
	var refused account.Refused
	for _, m := range faults {
		switch m {
		case errorBefore, effectError:
			return strings.Contains(err.Error(), "a planted fault") || strings.Contains(err.Error(), "Rate exceeded") || strings.Contains(err.Error(), "EOF")
		case throttled:
			return strings.Contains(err.Error(), "Rate exceeded")
		case unanswered:
			return errors.Is(err, errUnanswered)
		case repeated:
			return errors.As(err, &refused) // the answer to the second one, word for word
		}
	}
	return false
}
