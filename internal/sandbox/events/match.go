package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// matches says whether an event, or the part of it that the pattern stands for, passes every test.
func (p eventPattern) matches(event map[string]any) bool {
	for name, f := range p.fields {
		value, present := event[name]
		if !f.matches(value, present) {
			return false
		}
	}
	for _, either := range p.either {
		if !slices.ContainsFunc(either, func(a eventPattern) bool { return a.matches(event) }) {
			return false
		}
	}
	return true
}

func (f field) matches(value any, present bool) bool {
	if f.nested == nil {
		return slices.ContainsFunc(f.tests, func(t test) bool { return t(value, present) })
	}
	switch v := value.(type) {
	case map[string]any:
		return f.nested.matches(v)
	case []any: // of an array of objects, one object must match as a whole
		return slices.ContainsFunc(v, func(item any) bool {
			object, ok := item.(map[string]any)
			return ok && f.nested.matches(object)
		})
	default:
		return f.nested.matches(nil) // only exists: false can hold
	}
}

// compared is a pattern or an event as it is compared: with numbers as they are written, or all of one value written alike.
func (s *service) compared(object map[string]any) map[string]any {
	if !s.world.Otherwise("event-numbers-by-value") {
		return object
	}
	return allAlike(object)
}

func allAlike(object map[string]any) map[string]any {
	same := make(map[string]any, len(object))
	for name, member := range object {
		same[name] = alike(member)
	}
	return same
}

// alike is a JSON value whose numbers are spelled in one way.
func alike(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return allAlike(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = alike(item)
		}
		return list
	default:
		if n, ok := number(v); ok {
			return json.Number(strconv.FormatFloat(n, 'g', -1, 64))
		}
		return v
	}
}

// equal compares JSON values; numbers as they are written: 300, 300.0 and 3.0e2 are not the same (Amazon EventBridge User
// Guide, "Considerations when creating event patterns"). The operator numeric compares by value.
func equal(a, b any) bool {
	switch a.(type) {
	case string, json.Number, bool, nil:
		return a == b
	default:
		return false
	}
}

func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil
}

// readNumeric reads ["=", 5] or a range as [">", 0, "<=", 5].
func readNumeric(argument any) (func(any) bool, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return nil, errors.New("numeric match takes an array of one or two comparisons")
	}
	var holds []func(float64) bool
	for i := 0; i < len(list); i += 2 {
		operator, _ := list[i].(string)
		bound, ok := number(list[i+1])
		if !ok {
			return nil, fmt.Errorf("value of numeric match must be numeric: %v", list[i+1])
		}
		switch operator {
		case "=":
			holds = append(holds, func(n float64) bool { return n == bound })
		case "<":
			holds = append(holds, func(n float64) bool { return n < bound })
		case "<=":
			holds = append(holds, func(n float64) bool { return n <= bound })
		case ">":
			holds = append(holds, func(n float64) bool { return n > bound })
		case ">=":
			holds = append(holds, func(n float64) bool { return n >= bound })
		default:
			return nil, fmt.Errorf("unrecognized numeric range operator: %v", list[i])
		}
	}
	return func(v any) bool {
		n, ok := number(v)
		return ok && !slices.ContainsFunc(holds, func(h func(float64) bool) bool { return !h(n) })
	}, nil
}

func begins(s, prefix string, fold bool) bool {
	if fold {
		return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
	}
	return strings.HasPrefix(s, prefix)
}

func ends(s, suffix string, fold bool) bool {
	if fold {
		return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
	}
	return strings.HasSuffix(s, suffix)
}

// readWildcard divides a wildcard at its stars; \* and \\ stand for themselves.
func readWildcard(pattern string) ([]string, error) {
	parts := []string{""}
	last := &parts[0]
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '\\':
			i++
			if i == len(pattern) || pattern[i] != '*' && pattern[i] != '\\' {
				return nil, errors.New("invalid escape character in a wildcard")
			}
			*last += pattern[i : i+1]
		case pattern[i] != '*':
			*last += pattern[i : i+1]
		case i > 0 && pattern[i-1] == '*' && *last == "" && len(parts) > 1:
			return nil, errors.New("consecutive wildcard characters")
		default:
			parts = append(parts, "")
			last = &parts[len(parts)-1]
		}
	}
	return parts, nil
}

// wild says whether the text consists of the parts in their order, with anything between them.
func wild(text string, parts []string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[last])
}
