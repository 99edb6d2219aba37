package cloudformation

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// act is what is done to one resource.
type act struct {
	verb          string // CREATE, UPDATE, DELETE, IMPORT
	id            string
	thing, before *thing
	begun, called bool
	restore       bool // an update or a replacement is taken back
}

// run is a change of a stack that is going on.
type run struct {
	s       *service
	k       *stack
	set     *changeSet // nil while the stack is deleted
	todo    []*act
	done    []*act   // the last one first to be taken back
	left    []*thing // what an update has put others in the place of
	failed  []string
	phase   string // forward, cleanup, back, delete
	status  string // what the stack becomes when nothing is left to do
	planned bool
}

// execute begins with a change set, within Do.
func (s *service) execute(k *stack, x *changeSet) {
	r := &run{s: s, k: k, set: x, phase: "forward", status: "UPDATE_COMPLETE"}
	at := s.w.Stamp()
	if x.kind == "CREATE" {
		r.status = "CREATE_COMPLETE"
		k.blueprint, k.parameters, k.capabilities, k.tags = x.blueprint, x.parameters, x.capabilities, x.tags
		s.moves(k, at, "CREATE_IN_PROGRESS", "User Initiated")
	} else {
		s.moves(k, at, "UPDATE_IN_PROGRESS", "User Initiated")
	}
	s.start(r.step)
}

// step takes one step.
func (r *run) step(at time.Time) progress {
	if r.phase == "forward" && !r.planned {
		r.planned = true
		if err := r.plan(); err != nil {
			return r.stumbled(at, "", err)
		}
	}
	for len(r.todo) > 0 {
		a := r.todo[0]
		if !a.begun {
			a.begun = true
			worth, err := r.begin(at, a)
			if err != nil {
				return r.stumbled(at, a.id, err)
			}
			if worth {
				return moved
			}
			r.todo = r.todo[1:]
			continue
		}
		settled, err := r.perform(a)
		if err != nil {
			return r.stumbled(at, a.id, err)
		}
		if !settled {
			return waiting
		}
		r.todo = r.todo[1:]
		r.complete(at, a)
		return moved
	}
	return r.next(at)
}

// plan says what is to be done for the change set, in its order.
func (r *run) plan() error {
	var view reading
	r.s.w.Do(func() { view = r.k.reading(r.set.blueprint, r.set.parameters, r.k.things) })
	ids, err := r.set.blueprint.order(view.there)
	if err != nil {
		return err
	}
	imported := map[string]bool{}
	for _, c := range r.set.changes {
		imported[c.Resource.LogicalID] = c.Resource.Action == "Import"
	}
	for _, id := range ids {
		a := &act{verb: "CREATE", id: id, before: r.k.things[id]}
		switch {
		case imported[id]:
			a.verb = "IMPORT"
		case a.before != nil:
			a.verb = "UPDATE"
		}
		r.todo = append(r.todo, a)
	}
	return nil
}

// begin notes that an act begins; it is not worth one where nothing changes.
func (r *run) begin(at time.Time, a *act) (worth bool, err error) {
	if a.verb == "DELETE" {
		verb, reason := "DELETE_IN_PROGRESS", ""
		if a.thing.retained && (r.phase != "back" || !a.thing.retainedOnly) {
			verb = "DELETE_SKIPPED"
		}
		r.s.w.Do(func() { r.s.becomes(r.k, a.thing, at, verb, reason) })
		if verb == "DELETE_SKIPPED" {
			r.s.w.Do(func() { r.forget(a.thing) })
			return false, nil
		}
		return true, nil
	}
	if a.restore {
		r.s.w.Do(func() { r.s.becomes(r.k, a.thing, at, "UPDATE_IN_PROGRESS", "") })
		return true, nil
	}
	var view reading
	r.s.w.Do(func() { view = r.k.reading(r.set.blueprint, r.set.parameters, maps.Clone(r.k.things)) })
	properties, err := view.of(a.id)
	if err != nil {
		return false, err
	}
	h := r.s.hands(r.k)
	a.thing = &thing{part: r.set.blueprint.parts[a.id], resolved: properties}
	if a.verb == "UPDATE" {
		changed := differing(a.before.resolved, properties)
		if len(changed) == 0 {
			r.s.w.Do(func() { a.before.part = a.thing.part })
			return false, nil
		}
		if !kinds[a.thing.kind].replaces(changed) {
			a.thing.ref, a.thing.attributes = a.before.ref, a.before.attributes
			r.s.w.Do(func() { r.s.becomes(r.k, a.thing, at, "UPDATE_IN_PROGRESS", "") })
			return true, nil
		}
		a.thing.known(h)
		r.s.w.Do(func() {
			r.s.becomes(r.k, a.thing, at, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one.")
		})
		return true, nil
	}
	a.thing.known(h)
	r.s.w.Do(func() { r.s.becomes(r.k, a.thing, at, a.verb+"_IN_PROGRESS", "") })
	return true, nil
}

// replaces says whether an act puts another thing in the place of the first.
func (a *act) replaces() bool { return a.before != nil && !a.restore && a.thing.ref != a.before.ref }

// perform makes the calls of an act, once, and says whether it is through.
func (r *run) perform(a *act) (settled bool, err error) {
	k, h := kinds[a.thing.kind], r.s.hands(r.k)
	if !a.called {
		switch {
		case a.verb == "DELETE":
			if err = k.remove(h, a.thing); missing(err) {
				err = nil
			}
		case a.verb == "IMPORT":
			if there, failed := k.exists(h, a.thing); !there {
				err = errors.Join(failed, onlyIf(failed == nil, &refusal{service: a.thing.kind, code: "NotFound", message: a.thing.ref + " is not there"}))
			}
		case a.verb == "UPDATE" && !a.replaces():
			if k.update == nil {
				err = &refusal{service: a.thing.kind, code: "NotUpdatable", message: "it cannot be updated"}
			} else {
				err = k.update(h, a.thing, a.before)
			}
		default:
			err = k.create(h, a.thing)
		}
		if refusal, ok := errors.AsType[*refusal](err); ok && refusal.code == "QueueDeletedRecently" {
			var fails bool
			r.s.w.Do(func() { fails = r.s.w.Otherwise("queue-name-taken-for-a-minute") })
			if !fails {
				return false, nil
			}
		}
		if err != nil {
			return false, err
		}
		a.called = true
	}
	if k.settled == nil || a.verb == "DELETE" || a.verb == "IMPORT" {
		return true, nil
	}
	return k.settled(h, a.thing)
}

func (r *run) complete(at time.Time, a *act) {
	r.s.w.Do(func() {
		r.s.becomes(r.k, a.thing, at, a.verb+"_COMPLETE", "")
		if a.verb == "DELETE" {
			r.forget(a.thing)
			return
		}
		if a.replaces() {
			r.left = append(r.left, a.before)
		}
		r.k.things[a.id] = a.thing
		if r.phase == "forward" {
			r.done = append(r.done, a)
		}
	})
}

// forget takes a thing out of the stack, unless another one has taken its place.
func (r *run) forget(t *thing) {
	if r.k.things[t.id] == t {
		delete(r.k.things, t.id)
	}
}

// stumbled goes on after something has failed; an empty id is the stack as a whole.
func (r *run) stumbled(at time.Time, id string, err error) progress {
	reason := err.Error()
	if refusal, ok := errors.AsType[*refusal](err); ok {
		reason = refusal.reason()
	}
	var verb string
	r.s.w.Do(func() {
		if len(r.todo) == 0 || id == "" {
			return
		}
		a := r.todo[0]
		verb = a.verb
		t := a.thing
		if t == nil {
			t = &thing{part: r.set.blueprint.parts[id]}
		}
		r.s.becomes(r.k, t, at, verb+"_FAILED", reason)
		if verb == "DELETE" && r.k.things[id] == nil && r.phase == "delete" {
			r.k.things[id] = t
		}
	})
	switch r.phase {
	case "delete", "cleanup":
		r.failed = append(r.failed, id)
		r.todo = r.todo[1:]
		return moved
	case "back":
		r.failed = append(r.failed, id)
		if r.set.kind == "CREATE" {
			r.todo = r.todo[1:]
			return moved
		}
		r.todo[0].begun, r.todo[0].called = false, false // where ContinueUpdateRollback begins again
		r.s.w.Do(func() {
			r.s.moves(r.k, at, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: ["+id+"]. ")
			r.k.stuck = r
		})
		return ended
	}
	r.back(at, id, verb)
	return moved
}

// back takes back what was done.
func (r *run) back(at time.Time, id, verb string) {
	did := map[string]string{"CREATE": "create", "UPDATE": "update", "IMPORT": "import"}[verb]
	why := "The following resource(s) failed to " + did + ": [" + id + "]. Rollback requested by user."
	r.phase, r.todo, r.status = "back", nil, "UPDATE_ROLLBACK_COMPLETE"
	status := "UPDATE_ROLLBACK_IN_PROGRESS"
	if r.set.kind == "CREATE" {
		r.status, status = "ROLLBACK_COMPLETE", "ROLLBACK_IN_PROGRESS"
	}
	for _, a := range slices.Backward(r.done) {
		switch {
		case a.verb == "IMPORT":
			t := *a.thing
			t.retained, t.retainedOnly = true, false
			r.todo = append(r.todo, &act{verb: "DELETE", id: a.id, thing: &t})
			r.s.w.Do(func() { r.k.things[a.id] = &t })
		case a.verb == "CREATE":
			r.todo = append(r.todo, &act{verb: "DELETE", id: a.id, thing: a.thing})
		case a.replaces():
			r.todo = append(r.todo, &act{verb: "DELETE", id: a.id, thing: a.thing})
			r.s.w.Do(func() { r.k.things[a.id] = a.before })
		default:
			r.todo = append(r.todo, &act{verb: "UPDATE", id: a.id, thing: a.before, before: a.thing, restore: true})
		}
	}
	r.left = nil
	r.s.w.Do(func() { r.s.moves(r.k, at, status, why) })
}

// next is what comes when nothing is left to do: what an update has left over is cleared away, then it ends.
func (r *run) next(at time.Time) progress {
	if r.phase == "forward" && r.set.kind == "UPDATE" {
		r.phase = "cleanup"
		for _, t := range r.left {
			if !t.replacedRetained {
				leftover := *t
				leftover.retained = false
				r.todo = append(r.todo, &act{verb: "DELETE", id: t.id, thing: &leftover})
			}
		}
		r.s.w.Do(func() {
			view := r.k.reading(r.set.blueprint, r.set.parameters, r.k.things)
			for _, id := range r.order() {
				if _, stays := r.set.blueprint.parts[id]; !stays || !view.there(id) {
					r.todo = append(r.todo, &act{verb: "DELETE", id: id, thing: r.k.things[id]})
				}
			}
			r.adopt()
			r.s.moves(r.k, at, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
		})
		return moved
	}
	r.s.w.Do(func() {
		switch {
		case r.phase == "forward":
			r.adopt()
		case r.phase == "delete" && len(r.failed) == 0:
			r.k.deleted = at
			r.s.w.Account(r.k.account).RemoveStack(r.k.ID)
		case r.phase == "delete":
			r.status = "DELETE_FAILED"
		case r.phase == "back" && len(r.failed) > 0:
			r.status = "ROLLBACK_FAILED"
		case r.phase == "back" && r.status == "UPDATE_ROLLBACK_COMPLETE":
			r.s.moves(r.k, at, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
		}
		if r.set != nil {
			r.set.execution = "EXECUTE_COMPLETE"
			if r.phase == "back" {
				r.set.execution = "EXECUTE_FAILED"
			}
		}
		reason := ""
		if len(r.failed) > 0 {
			reason = "The following resource(s) failed to delete: [" + strings.Join(r.failed, ", ") + "]. "
		}
		r.s.moves(r.k, at, r.status, reason)
	})
	return ended
}

// adopt lets the stack be what its change set says.
func (r *run) adopt() {
	x := r.set
	r.k.blueprint, r.k.parameters, r.k.capabilities, r.k.tags = x.blueprint, x.parameters, x.capabilities, x.tags
	outputs, err := r.k.reading(x.blueprint, x.parameters, r.k.things).outputs()
	if err == nil {
		r.k.outputs = outputs
	}
}

// order is the stack's things, those first that others refer to last: the order in which they are taken away.
func (r *run) order() []string {
	if r.k.blueprint == nil {
		return nil
	}
	ids, err := r.k.blueprint.order(func(id string) bool { return r.k.things[id] != nil })
	if err != nil {
		ids = slices.Sorted(maps.Keys(r.k.things))
	}
	slices.Reverse(ids)
	return ids
}

// demolish begins to delete a stack, within Do.
func (s *service) demolish(k *stack, retain []string) {
	r := &run{s: s, k: k, phase: "delete", status: "DELETE_COMPLETE", planned: true}
	for _, id := range r.order() {
		t := k.things[id]
		if slices.Contains(retain, id) {
			t.retained, t.retainedOnly = true, false
		}
		r.todo = append(r.todo, &act{verb: "DELETE", id: id, thing: t})
	}
	s.moves(k, s.w.Stamp(), "DELETE_IN_PROGRESS", "User Initiated")
	s.start(r.step)
}
