package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the same names everywhere, also where the machine knows no zones
)

// Window is when accounts may be started: days of the week and a time of day, in a place. The zero value is always.
type Window struct {
	days     [7]bool
	from, to time.Duration // of the day; to before from ends on the next day
	place    *time.Location
}

// ParseWindow reads "Mon-Fri 19:00-07:00 Europe/Berlin": days (a range or a list: "Sat,Sun"), times of day, and the name
// of a time zone, UTC where none is given. A window that ends before it begins ends on the next day. Empty is always.
func ParseWindow(text string) (Window, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return Window{}, nil
	}
	if len(fields) < 2 || len(fields) > 3 {
		return Window{}, fmt.Errorf("%q is not days, times and a time zone", text)
	}
	w := Window{place: time.UTC}
	if err := w.parseDays(fields[0]); err != nil {
		return Window{}, err
	}
	from, to, ok := strings.Cut(fields[1], "-")
	if !ok {
		return Window{}, fmt.Errorf("%q is not a range of times like 19:00-07:00", fields[1])
	}
	var err error
	if w.from, err = timeOfDay(from); err != nil {
		return Window{}, err
	}
	if w.to, err = timeOfDay(to); err != nil {
		return Window{}, err
	}
	if w.from == w.to {
		return Window{}, errors.New("a window that ends when it begins is never open")
	}
	if len(fields) == 3 {
		if strings.EqualFold(fields[2], "Local") {
			return Window{}, errors.New("the time zone Local is another one on each machine: name one like Europe/Berlin")
		}
		if w.place, err = time.LoadLocation(fields[2]); err != nil {
			return Window{}, fmt.Errorf("%q is not the name of a time zone: %w", fields[2], err)
		}
	}
	return w, nil
}

func (w *Window) parseDays(text string) error {
	for _, part := range strings.Split(text, ",") {
		first, last, ranged := strings.Cut(part, "-")
		from, err := weekday(first)
		if err != nil {
			return err
		}
		to := from
		if ranged {
			if to, err = weekday(last); err != nil {
				return err
			}
		}
		for d := from; ; d = (d + 1) % 7 {
			w.days[d] = true
			if d == to {
				break
			}
		}
	}
	return nil
}

func weekday(text string) (int, error) {
	names := []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}
	if i := slices.Index(names, strings.ToLower(text)); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%q is not a day like Mon", text)
}

func timeOfDay(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time like 19:00", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// Open says whether accounts may be started at that moment. A window over midnight belongs to the day it begins on.
func (w Window) Open(now time.Time) bool {
	if w.place == nil {
		return true
	}
	now = now.In(w.place)
	day := int(now.Weekday())
	at := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute + time.Duration(now.Second())*time.Second
	if w.from < w.to {
		return w.days[day] && at >= w.from && at < w.to
	}
	return w.days[day] && at >= w.from || w.days[(day+6)%7] && at < w.to
}
