package cloudformation

import (
	"slices"
	"time"
)

// eachStep is how long a step of a change takes in the world's own time: to begin with a resource, and to be done with it.
const eachStep = time.Second

// mostDue is how many steps may be due at once; what nobody looks at for longer goes on from where it is.
const mostDue = 500

// job is something that goes on step by step. A step calls other services, so it cannot happen within the world's Do: it
// falls due there, and is taken when somebody looks; see [Service.Settle].
type job struct {
	due  []time.Time
	step func(at time.Time) progress
	done bool
}

// progress is what came of a step.
type progress int

const (
	moved   progress = iota // the next one may be taken
	waiting                 // it is to be taken again, when somebody looks next
	ended                   // there is none after it
)

// start begins a job within Do.
func (s *service) start(step func(at time.Time) progress) {
	j := &job{step: step}
	s.jobs = append(s.jobs, j)
	s.going.Add(1)
	s.tick(j)
}

// tick lets steps of a job fall due, one after the other.
func (s *service) tick(j *job) {
	s.w.After(eachStep, func() {
		if j.done {
			return
		}
		j.due = append(j.due, s.w.Stamp())
		if len(j.due) < mostDue {
			s.tick(j)
		}
	})
}

// Settle takes the steps that have fallen due. Who serves requests calls it before each, outside of the world's Do.
func (s *Service) Settle() {
	if s.going.Load() == 0 {
		return
	}
	s.stepping.Lock()
	defer s.stepping.Unlock()
	var asleep []*job
	for {
		var next *job
		var at time.Time
		s.w.Do(func() {
			for _, j := range s.jobs {
				if len(j.due) > 0 && !slices.Contains(asleep, j) && (next == nil || j.due[0].Before(at)) {
					next, at = j, j.due[0]
				}
			}
		})
		if next == nil {
			return
		}
		came := next.step(at)
		if came == waiting {
			asleep = append(asleep, next)
			continue
		}
		s.w.Do(func() {
			if len(next.due) == mostDue {
				s.tick(next)
			}
			next.due = next.due[1:]
			if came == ended {
				next.done = true
				s.jobs = slices.DeleteFunc(s.jobs, func(j *job) bool { return j == next })
			}
		})
		if came == ended {
			s.going.Add(-1)
		}
	}
}
