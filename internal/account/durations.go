package account

import (
	"math"
	"slices"
	"time"
)

// Durations is how often account operations took how long: counts by step. A step is a fifth longer than the one before,
// so the same few dozen of them serve a sandbox of seconds and a Control Tower of hours.
type Durations map[int]int

const stepsPerDoubling = 4

// DurationStep is the step that a duration belongs to.
func DurationStep(d time.Duration) int {
	return int(math.Floor(stepsPerDoubling * math.Log2(max(1, d.Seconds()))))
}

// Range is within which bounds four of five operations stayed: the slowest and the quickest tenth left out. It reports
// false when none has been seen.
func (d Durations) Range() (Estimate, bool) {
	steps, all := make([]int, 0, len(d)), 0
	for step, n := range d {
		steps, all = append(steps, step), all+n
	}
	if all == 0 {
		return Estimate{}, false
	}
	slices.Sort(steps)
	at := func(rank int) int {
		for _, step := range steps {
			if rank -= d[step]; rank < 0 {
				return step
			}
		}
		return steps[len(steps)-1]
	}
	tenth := all / 10
	return Estimate{Low: stepBegins(at(tenth)), High: stepBegins(at(all-1-tenth) + 1)}, true
}

func stepBegins(step int) time.Duration {
	return time.Duration(math.Exp2(float64(step)/stepsPerDoubling) * float64(time.Second))
}

// How long one account operation takes where none has been seen (AWS Control Tower User Guide, "Provision accounts").
const (
	quickest = 15 * time.Minute
	slowest  = 30 * time.Minute
)

// Expect is how long so many account operations take, as many at once as concurrency says. With what was seen before it
// goes by that, else by what AWS says.
func (d Durations) Expect(operations, concurrency int) Estimate {
	one, seen := d.Range()
	if !seen {
		one = Estimate{quickest, slowest}
	}
	rounds := time.Duration((operations + max(1, concurrency) - 1) / max(1, concurrency))
	return Estimate{Low: rounds * one.Low, High: rounds * one.High}
}
