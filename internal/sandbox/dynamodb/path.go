package dynamodb

import (
	"fmt"
	"slices"
	"strings"
)

// path is a document path: an attribute's name, and steps into its maps and lists.
type path []step

// step is the name of a map's field or, where name is empty, the index of a list's element.
type step struct {
	name  string
	index int
}

func (s step) indexed() bool { return s.name == "" }

// String is the path as error messages show it.
func (p path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		parts[i] = s.name
		if s.indexed() {
			parts[i] = fmt.Sprintf("[%d]", s.index)
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// in finds what stands at the path.
func (p path) in(f fields) (value, bool) {
	at, ok := f[p[0].name]
	for _, s := range p[1:] {
		if !ok {
			break
		}
		at, ok = at.child(s)
	}
	return at, ok
}

func (v value) child(s step) (value, bool) {
	switch {
	case s.indexed() && v.kind == kindL && s.index < len(v.list):
		return v.list[s.index], true
	case !s.indexed() && v.kind == kindM:
		inner, ok := v.fields[s.name]
		return inner, ok
	default:
		return value{}, false
	}
}

// project is the part of f that the paths reach: maps with those fields, lists with those elements closed up.
func project(f fields, paths []path) fields {
	picked := fields{}
	whole := map[string][]path{}
	var order []string
	for _, p := range paths {
		if _, ok := p.in(f); !ok {
			continue
		}
		if whole[p[0].name] == nil {
			order = append(order, p[0].name)
		}
		whole[p[0].name] = append(whole[p[0].name], p[1:])
	}
	for _, name := range order {
		picked[name] = f[name].part(whole[name])
	}
	return picked
}

// part keeps of v what the paths reach; all of it for an empty path.
func (v value) part(paths []path) value {
	if slices.ContainsFunc(paths, func(p path) bool { return len(p) == 0 }) {
		return v
	}
	if v.kind == kindM {
		return value{kind: kindM, fields: project(v.fields, paths)}
	}
	inner := map[int][]path{}
	for _, p := range paths {
		inner[p[0].index] = append(inner[p[0].index], p[1:])
	}
	kept := value{kind: kindL}
	for i, element := range v.list {
		if below, ok := inner[i]; ok {
			kept.list = append(kept.list, element.part(below))
		}
	}
	return kept
}

// apart notes a fault when the new path overlaps an earlier one, or contradicts its types.
func (p *parser) apart(earlier []path, at path) {
	for _, other := range earlier {
		shared := min(len(other), len(at))
		differ, conflict := false, false
		for i := range shared {
			if other[i] != at[i] {
				differ = true
				conflict = other[i].indexed() != at[i].indexed()
				break
			}
		}
		switch {
		case conflict:
			p.note(faultConflict, "Two document paths conflict with each other; must remove or rewrite one of these paths; "+
				"path one: %s, path two: %s", other, at)
		case !differ:
			p.note(faultOverlap, "Two document paths overlap with each other; must remove or rewrite one of these paths; "+
				"path one: %s, path two: %s", other, at)
		}
	}
}
