package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// trouble is how long faults and operators strike; afterwards everything is calm.
const trouble = 90 * time.Minute

// plan is what a seed means. All of it is drawn before anything runs.
type plan struct {
	rows        []simRow
	concurrency int
	skews       []time.Duration // of the workers' clocks
	provision   time.Duration
	deadline    time.Duration
	indexLag    time.Duration
	otherwise   []string // assumptions that are switched
	rate        float64  // of calls that go wrong at any time
	storms      []storm
	rules       []string // of the sandbox
	happenings  []happening
}

// simRow is a row of the list, good or bad.
type simRow struct {
	name, email, unit, account string
	assignments                []string
	tags                       string
	bad                        bool
}

// storm is a time in which many calls of all, or all calls of one, are refused.
type storm struct {
	from, to time.Duration
	machine  int // -1: all of them
	share    float64
	kind     string // what the sandbox's hook makes of it
}

// happening is something that happens once. n and m say to whom, and how.
type happening struct {
	at   time.Duration
	what string
	n, m int
	long time.Duration
}

var simUnits = []string{"Workloads/Dev", "Workloads/Prod", "Sandbox", "Platform"}

var simAccess = []string{
	"AWSReadOnlyAccess/Auditors", "AdministratorAccess/Platform Team", "AWSReadOnlyAccess/user:developer@example.com",
	"AWSReadOnlyAccess/" + lateGroup,
}

// lateGroup is a group that appears only minutes after the list was uploaded.
const lateGroup = "Late Joiners"

// draw makes the plan of a seed.
func draw(seed uint64) plan {
	rng := rand.New(rand.NewPCG(seed, 1))
	between := func(from, to time.Duration) time.Duration {
		return from + time.Duration(rng.Int64N(int64(to-from)))
	}
	p := plan{
		rows: drawRows(rng), concurrency: 1 + rng.IntN(3), provision: between(30*time.Second, 4*time.Minute), deadline: 90 * time.Minute,
		rate: []float64{0, 0.002, 0.01, 0.03}[rng.IntN(4)], indexLag: between(50*time.Millisecond, 5*time.Second),
	}
	if rng.IntN(4) == 0 {
		p.deadline = max(10*time.Minute, p.provision)
	}
	workers := 1 + rng.IntN(3)
	if seed%2 == 0 {
		workers = max(2, workers)
	}
	for range workers {
		p.skews = append(p.skews, between(-12*time.Hour, 12*time.Hour))
	}
	for range rng.IntN(3) {
		p.otherwise = append(p.otherwise, world.Assumptions[rng.IntN(len(world.Assumptions))].Name)
	}
	for range rng.IntN(3) {
		from := between(0, trouble)
		p.storms = append(p.storms, storm{from, from + between(time.Minute, 10*time.Minute), -1, 0.5 + 0.4*rng.Float64(), throttledFault})
	}
	for range rng.IntN(3) {
		from := between(0, trouble)
		p.storms = append(p.storms, storm{from, from + between(time.Minute, 5*time.Minute), rng.IntN(workers+1) - 1, 1, expiredFault})
	}
	p.rules = drawRules(rng)
	for _, kind := range []struct {
		what string
		most int
		long time.Duration
	}{
		{"kill", 4, 30 * time.Minute},
		{"freeze", 3, 10 * time.Minute},
		{"foreign operation", 3, 0},
		{"foreign account", 1, 0},
		{"resume", 3, 0},
		{"two resumes", 2, 0},
		{"cancel", 3, 0},
		{"pause", 2, 30 * time.Minute},
		{"corrected upload", 2, 0},
		{"same upload", 2, 0},
	} {
		for range rng.IntN(kind.most + 1) {
			h := happening{at: between(time.Second, trouble), what: kind.what, n: rng.IntN(1000), m: rng.IntN(1000)}
			if kind.what == "foreign account" && rng.IntN(4) > 0 {
				continue
			}
			if kind.long > 0 {
				h.long = between(time.Second, kind.long)
			}
			p.happenings = append(p.happenings, h)
		}
	}
	p.happenings = append(p.happenings, happening{at: between(time.Minute, 40*time.Minute), what: "the late group appears"})
	return p
}

// drawRows makes creations, enrollments and bad rows, few of them more often than many.
func drawRows(rng *rand.Rand) []simRow {
	var rows []simRow
	toEnroll := []string{"222222222201 legacy-1", "222222222202 legacy-2", "222222222204 legacy-4", "222222222299 forgotten"}
	for i := range 1 + min(rng.IntN(12), rng.IntN(12)) {
		r := simRow{name: fmt.Sprintf("sim-%d", i), unit: simUnits[rng.IntN(len(simUnits))]}
		r.email = r.name + "@example.com"
		for range rng.IntN(4) {
			if a := simAccess[rng.IntN(len(simAccess))]; !slices.Contains(r.assignments, a) {
				r.assignments = append(r.assignments, a)
			}
		}
		if rng.IntN(3) == 0 {
			r.tags = fmt.Sprintf("Team=%d; Cost=a", i)
		}
		switch rng.IntN(10) {
		case 0, 1:
			if len(toEnroll) > 0 {
				id, name, _ := strings.Cut(toEnroll[0], " ")
				r.account, r.name, r.email = id, name, name+"@example.com"
				toEnroll = toEnroll[1:]
			}
		case 2:
			r.bad = true
			switch rng.IntN(3) {
			case 0:
				r.unit = "Nowhere"
			case 1:
				r.email = "no address"
			case 2:
				r.email = "Shop-Prod@example.com"
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// drawRules lets events and records go wrong.
func drawRules(rng *rand.Rand) (rules []string) {
	rule := func(format string, args ...any) { rules = append(rules, fmt.Sprintf(format, args...)) }
	share := rng.IntN(100)
	for n := 1; n <= 80; n++ {
		if rng.IntN(100) >= share {
			continue
		}
		switch rng.IntN(3) {
		case 0:
			rule(`{"operation":"events","nth":%d,"kind":"lose-event"}`, n)
		case 1:
			rule(`{"operation":"events","nth":%d,"kind":"duplicate-event"}`, n)
		case 2:
			rule(`{"operation":"events","nth":%d,"kind":"delay-event","ms":%d}`, n, 1+rng.IntN(7_200_000))
		}
	}
	for range rng.IntN(4) {
		code, message := "InternalFailure", "AWS Control Tower could not do it."
		if rng.IntN(2) == 0 {
			code, message = "ResourceInUseException", "AWS Control Tower is busy."
		}
		rule(`{"operation":"servicecatalog.ProvisionProduct","nth":%d,"kind":"fail-record","code":%q,"message":%q,"account":%q}`,
			1+rng.IntN(8), code, message, []string{"none", "created"}[rng.IntN(2)])
	}
	return rules
}

// csv is the list as it is uploaded.
func csv(rows []simRow) string {
	var b strings.Builder
	b.WriteString("AccountName,SSOUserEmail,AccountEmail,SSOUserFirstName,SSOUserLastName,OrgUnit,AccountId,Assignments,Tags\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,owner@example.com,%s,Olivia,Owner,%s,%s,%s,%s\n", r.name, r.email, r.unit, r.account, strings.Join(r.assignments, "; "), r.tags)
	}
	return b.String()
}
