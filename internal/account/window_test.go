package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/account"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		window, at string // at is in UTC
		open       bool
	}{
		"no window is always open":                        {"", "2026-07-15T12:00:00Z", true},
		"within":                                          {"Mon-Fri 09:00-17:00", "2026-07-15T12:00:00Z", true},
		"as it opens":                                     {"Mon-Fri 09:00-17:00", "2026-07-15T09:00:00Z", true},
		"a moment before":                                 {"Mon-Fri 09:00-17:00", "2026-07-15T08:59:59.999Z", false},
		"a moment before it closes":                       {"Mon-Fri 09:00-17:00", "2026-07-15T16:59:59.999Z", true},
		"as it closes":                                    {"Mon-Fri 09:00-17:00", "2026-07-15T17:00:00Z", false},
		"on another day":                                  {"Mon-Fri 09:00-17:00", "2026-07-18T12:00:00Z", false},
		"days that are listed":                            {"Sat,Sun 09:00-17:00", "2026-07-18T12:00:00Z", true},
		"a range over the end of the week":                {"Sat-Mon 09:00-17:00", "2026-07-20T12:00:00Z", true},
		"a day outside of that range":                     {"Sat-Mon 09:00-17:00", "2026-07-21T12:00:00Z", false},
		"a range and a day":                               {"mon-TUE,thu 09:00-17:00", "2026-07-16T12:00:00Z", true},
		"over midnight, in the evening":                   {"Fri 19:00-07:00", "2026-07-17T19:00:00Z", true},
		"over midnight, in the morning after":             {"Fri 19:00-07:00", "2026-07-18T06:59:59Z", true},
		"over midnight, when it closes":                   {"Fri 19:00-07:00", "2026-07-18T07:00:00Z", false},
		"over midnight, in the morning of its day":        {"Fri 19:00-07:00", "2026-07-17T06:00:00Z", false},
		"over midnight, from Sunday to Monday":            {"Sun 19:00-07:00", "2026-07-20T03:00:00Z", true},
		"a whole day":                                     {"Wed 00:00-24:00", "2026-07-15T23:59:59Z", true},
		"the day after a whole day":                       {"Wed 00:00-24:00", "2026-07-16T00:00:00Z", false},
		"another place, where it is later":                {"Mon-Fri 09:00-17:00 Europe/Berlin", "2026-07-15T07:30:00Z", true},
		"the same in winter":                              {"Mon-Fri 09:00-17:00 Europe/Berlin", "2026-01-14T07:30:00Z", false},
		"another place, where it is another day":          {"Fri 09:00-17:00 Pacific/Auckland", "2026-07-16T22:00:00Z", true},
		"the hour that is skipped in spring is not there": {"Sun 02:00-03:00 Europe/Berlin", "2026-03-29T01:30:00Z", false},
		"the hour that comes twice in autumn, first":      {"Sun 02:00-03:00 Europe/Berlin", "2026-10-25T00:30:00Z", true},
		"and again":                                       {"Sun 02:00-03:00 Europe/Berlin", "2026-10-25T01:30:00Z", true},
		"a night of an hour more, at its end":             {"Sat 19:00-07:00 Europe/Berlin", "2026-10-25T05:59:00Z", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := account.ParseWindow(test.window)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339, test.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Open(at); got != test.open {
				t.Errorf("at %s, a %s, open = %t", at, at.Weekday(), got)
			}
			if got := w.Open(at.In(time.FixedZone("elsewhere", -9*3600))); got != test.open {
				t.Errorf("told in another place, open = %t", got)
			}
		})
	}
}

func TestWindowsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"Mon-Fri":                             "days, times and a time zone",
		"Mon - Fri 19:00-07:00":               "days, times and a time zone",
		"19:00-07:00 Mon":                     `"19:00" is not a day`,
		"Monday 19:00-07:00":                  `"Monday" is not a day`,
		"Mon, 19:00-07:00":                    `"" is not a day`,
		"Mon 19:00":                           "range of times",
		"Mon 25:00-07:00":                     `"25:00" is not a time`,
		"Mon 19:00-7pm":                       `"7pm" is not a time`,
		"Mon 19:00-19:00":                     "never open",
		"Mon 19:00-07:00 Berlin":              `"Berlin" is not the name of a time zone`,
		"Mon 19:00-07:00 CEST":                `"CEST" is not`,
		"Mon 19:00-07:00 Local":               "another one on each machine",
		"Mon 19:00-07:00 ../../../etc/passwd": "is not the name of a time zone",
	} {
		if _, err := account.ParseWindow(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want it to say %q", text, err, says)
		}
	}
}
