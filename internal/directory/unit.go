package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
)

// UnknownUnit says that no organizational unit is called so.
type UnknownUnit struct {
	Text        string
	Suggestions []string // what might have been meant, as "Workloads/Prod (ou-…)"; at most three
	Named       string   // the unit with the id that Text ends in has this name, and Text gives another
}

// Error names the text and what might have been meant.
func (e *UnknownUnit) Error() string {
	if e.Named != "" {
		return fmt.Sprintf("no organizational unit %q: the unit of that id is called %q", e.Text, e.Named)
	}
	return fmt.Sprintf("no organizational unit %q", e.Text) + meant(e.Suggestions)
}

// AmbiguousUnit says that several organizational units are called so.
type AmbiguousUnit struct {
	Text       string
	Candidates []Unit // at least two
}

// Error names the candidates with their ids.
func (e *AmbiguousUnit) Error() string {
	names := make([]string, len(e.Candidates))
	for i, u := range e.Candidates {
		names[i] = u.Path + " (" + u.ID + ")"
	}
	return fmt.Sprintf("%d organizational units are called %q: %s", len(names), e.Text, strings.Join(names, ", "))
}

// The patterns of ids (Organizations API Reference, OrganizationalUnit). A unit's name may hold parentheses of its own:
// only a trailing "(ou-…)" is an id.
var (
	unitID     = pattern.Compile(`^ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}$`)
	nameWithID = pattern.Compile(`(?s)^(.*\S)\s*\((ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})\)$`)
)

// Unit finds the organizational unit that text means: an id, "Name (ou-…)" or "Path (ou-…)", a path from below the root
// ("Workloads/Prod"; with a leading slash it is nothing but a path), or a bare name that only one unit bears. The error
// is an [UnknownUnit], also when the name before an id is another unit's, or an [AmbiguousUnit]. The root is no unit.
func (o *Organization) Unit(text string) (Unit, error) {
	text = strings.TrimSpace(text)
	if unitID.MatchString(text) {
		if u, ok := o.UnitByID(text); ok {
			return u, nil
		}
		return Unit{}, &UnknownUnit{Text: text}
	}
	if parts := nameWithID.FindStringSubmatch(text); parts != nil {
		u, ok := o.UnitByID(parts[2])
		switch {
		case ok && (parts[1] == u.Name || parts[1] == u.Path):
			return u, nil
		case ok:
			return Unit{}, &UnknownUnit{Text: text, Named: u.Name, Suggestions: []string{display(u)}}
		}
		return Unit{}, &UnknownUnit{Text: text, Suggestions: o.suggest(parts[1])}
	}
	path, rooted := strings.CutPrefix(text, "/")
	var found []Unit
	for _, u := range o.Units {
		if u.Path == path || u.Name == text && !rooted {
			found = append(found, u)
		}
	}
	switch len(found) {
	case 0:
		return Unit{}, &UnknownUnit{Text: text, Suggestions: o.suggest(path)}
	case 1:
		return found[0], nil
	}
	return Unit{}, &AmbiguousUnit{Text: text, Candidates: found}
}

func display(u Unit) string { return u.Path + " (" + u.ID + ")" }

func (o *Organization) suggest(text string) []string {
	near := make([]suggestion, 0, len(o.Units))
	for _, u := range o.Units {
		distance := min(distance(text, u.Path), distance(text, u.Name))
		if tail := strings.ToLower("/" + text); strings.HasSuffix(strings.ToLower(u.Path), tail) {
			distance = 0 // the path with its beginning left out
		}
		near = append(near, suggestion{display(u), distance})
	}
	return nearest(text, near)
}

// suggestion is a name that may have been meant, and how far it is from what was said.
type suggestion struct {
	name     string
	distance int
}

// nearest picks at most three suggestions that are likely slips of the pen, the nearest first.
func nearest(text string, from []suggestion) []string {
	limit := max(1, len([]rune(text))/3)
	from = slices.DeleteFunc(from, func(s suggestion) bool { return s.distance > limit })
	slices.SortStableFunc(from, func(a, b suggestion) int { return a.distance - b.distance })
	from = from[:min(3, len(from))]
	if len(from) == 0 {
		return nil
	}
	names := make([]string, len(from))
	for i, s := range from {
		names[i] = s.name
	}
	return names
}

func meant(suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	return ": did you mean " + strings.Join(suggestions, ", or ") + "?"
}

// distance counts the letters that have to be put in, left out or changed to make one name of the other (Levenshtein),
// whatever their case and the blanks around slashes and at the ends.
func distance(a, b string) int {
	const longest = 640 // no slip of the pen is looked for in what is longer than any path
	if len(a) > longest || len(b) > longest {
		return longest
	}
	x, y := []rune(fold(a)), []rune(fold(b))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := 1
			if r == s {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(y)]
}

func fold(s string) string {
	parts := strings.Split(strings.ToLower(s), "/")
	for i, p := range parts {
		parts[i] = strings.Join(strings.Fields(p), " ")
	}
	return strings.Join(parts, "/")
}
