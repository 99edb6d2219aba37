package account

import "time"

// Forecast is where a request stands in the line for account operations, and when its own is expected to have ended.
type Forecast struct {
	Position int // in the line of all batches, from 1; 0: it does not stand in the line
	// Earliest and Latest are when the operation is expected to have ended; zero where nobody can tell. An operation that
	// takes longer than most is expected now.
	Earliest, Latest time.Time
}

// Foresee says of each request in the line, and of each whose account operation is under way, what can be expected: by
// what was seen before, else by what AWS says. The line is in order, from its head; held is how many slots are taken.
// Where nothing is begun for now, only the places are told, and the ends of what is under way.
func (d Durations) Foresee(line []string, underWay []Request, held, concurrency int, begins bool, now time.Time) map[string]Forecast {
	all := make(map[string]Forecast, len(line)+len(underWay))
	one := d.Expect(1, 1)
	for _, r := range underWay {
		if !r.Slot || r.Stage != Provisioning || r.Order.At.IsZero() || r.Order.Failed {
			continue // what is cleared away is ordered anew, and nobody knows when
		}
		soon := func(end time.Time) time.Time {
			if end.Before(now) {
				return now
			}
			return end
		}
		all[r.ID] = Forecast{Earliest: soon(r.Order.At.Add(one.Low)), Latest: soon(r.Order.At.Add(one.High))}
	}
	for i, id := range line {
		f := Forecast{Position: i + 1}
		if begins {
			// Those under way may end at once, or take as long as any.
			f.Earliest = now.Add(d.Expect(i+1, concurrency).Low)
			f.Latest = now.Add(d.Expect(i+1+held, concurrency).High)
		}
		all[id] = f
	}
	return all
}
