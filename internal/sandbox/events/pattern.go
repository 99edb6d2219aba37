package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// eventPattern is an event pattern that was read: every field must match, and of every $or one alternative.
type eventPattern struct {
	fields map[string]field
	either [][]eventPattern
}

// field is what a eventPattern says of one member of the event: a eventPattern again, or tests of which one must hold.
type field struct {
	nested *eventPattern
	tests  []test
}

// test says whether a value passes; present is false where the event has no such member.
type test func(value any, present bool) bool

// compile reads a eventPattern, or refuses it as EventBridge does.
func (s *service) compile(text string) (eventPattern, error) {
	raw, err := parse([]byte(text))
	if err == nil {
		var p eventPattern
		if p, err = readObject(s.compared(raw), "pattern"); err == nil {
			return p, nil
		}
	}
	var u *wire.Unsupported
	if errors.As(err, &u) {
		return eventPattern{}, err
	}
	return eventPattern{}, wire.Fail("InvalidEventPatternException", fmt.Sprintf("Event pattern is not valid. Reason: %v", err))
}

// parse reads a JSON object, numbers as they are written.
func parse(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		return nil, errors.New("Filter is not an object") //nolint:staticcheck // AWS's own words
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return object, nil
}

func readObject(object map[string]any, at string) (eventPattern, error) {
	if len(object) == 0 {
		return eventPattern{}, fmt.Errorf("%q is empty", at)
	}
	p := eventPattern{fields: map[string]field{}}
	for name, value := range object {
		if alternatives, ok := value.([]any); name == "$or" && ok {
			either, err := readAlternatives(alternatives)
			if err != nil {
				return eventPattern{}, err
			}
			p.either = append(p.either, either)
			continue
		}
		switch v := value.(type) {
		case map[string]any:
			nested, err := readObject(v, name)
			if err != nil {
				return eventPattern{}, err
			}
			p.fields[name] = field{nested: &nested}
		case []any:
			tests, err := readTests(v, name)
			if err != nil {
				return eventPattern{}, err
			}
			p.fields[name] = field{tests: tests}
		default:
			return eventPattern{}, fmt.Errorf("%q must be an object or an array", name)
		}
	}
	return p, nil
}

func readAlternatives(alternatives []any) ([]eventPattern, error) {
	if len(alternatives) < 2 {
		return nil, errors.New(`"$or" must have at least two alternatives`)
	}
	var either []eventPattern
	for _, a := range alternatives {
		object, ok := a.(map[string]any)
		if !ok {
			return nil, errors.New(`"$or" must be an array of objects`)
		}
		p, err := readObject(object, "$or")
		if err != nil {
			return nil, err
		}
		either = append(either, p)
	}
	return either, nil
}

func readTests(values []any, at string) ([]test, error) {
	if len(values) == 0 {
		return nil, fmt.Errorf("empty arrays are not allowed: %q", at)
	}
	var tests []test
	for _, value := range values {
		operator, ok := value.(map[string]any)
		if _, list := value.([]any); list {
			return nil, fmt.Errorf("%q has an array in its array", at)
		}
		if !ok {
			tests = append(tests, of(func(v any) bool { return equal(v, value) }))
			continue
		}
		if len(operator) != 1 {
			return nil, fmt.Errorf("only one key allowed in match expression of %q", at)
		}
		for name, argument := range operator {
			t, err := readOperator(name, argument)
			if err != nil {
				return nil, err
			}
			tests = append(tests, t)
		}
	}
	return tests, nil
}

// of makes a test of a predicate on single values: of an array, one item must pass it.
func of(holds func(any) bool) test {
	return func(value any, present bool) bool {
		if items, ok := value.([]any); ok {
			return slices.ContainsFunc(items, holds)
		}
		_, object := value.(map[string]any)
		return present && !object && holds(value)
	}
}

func readOperator(name string, argument any) (test, error) {
	switch name {
	case "exists":
		want, ok := argument.(bool)
		if !ok {
			return nil, errors.New("exists match pattern must be either true or false")
		}
		return func(value any, present bool) bool {
			_, object := value.(map[string]any)
			return (present && !object) == want // it looks at leaves only
		}, nil
	case "anything-but":
		holds, err := readNot(argument)
		if err != nil {
			return nil, err
		}
		return of(func(v any) bool { return !holds(v) }), nil
	case "numeric":
		holds, err := readNumeric(argument)
		if err != nil {
			return nil, err
		}
		return of(holds), nil
	case "cidr":
		s, _ := argument.(string)
		network, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("malformed CIDR: %v", argument)
		}
		return of(func(v any) bool {
			text, _ := v.(string)
			address, err := netip.ParseAddr(text)
			return err == nil && network.Contains(address)
		}), nil
	}
	holds, err := readText(name, argument)
	if err != nil {
		return nil, err
	}
	return of(holds), nil
}

// readNot reads what follows anything-but: a value, a list of values, or an operator on one text or a list of them.
func readNot(argument any) (func(any) bool, error) {
	operator, ok := argument.(map[string]any)
	if !ok {
		values, list := argument.([]any)
		if !list {
			values = []any{argument}
		}
		for _, v := range values {
			switch v.(type) {
			case string, json.Number:
			default:
				return nil, errors.New("inside anything but list, start|null|boolean is not supported")
			}
		}
		if len(values) == 0 {
			return nil, errors.New("inside anything but list, there must be a value")
		}
		return func(v any) bool {
			return slices.ContainsFunc(values, func(want any) bool { return equal(v, want) })
		}, nil
	}
	if len(operator) != 1 {
		return nil, errors.New("only one key allowed in match expression of anything-but")
	}
	var alternatives []func(any) bool
	for name, inner := range operator {
		values, list := inner.([]any)
		if !list {
			values = []any{inner}
		}
		for _, v := range values {
			holds, err := readText(name, v)
			if err != nil {
				return nil, err
			}
			alternatives = append(alternatives, holds)
		}
	}
	return func(v any) bool {
		return slices.ContainsFunc(alternatives, func(holds func(any) bool) bool { return holds(v) })
	}, nil
}

// readText reads an operator on texts.
func readText(name string, argument any) (func(any) bool, error) {
	fold := false
	if inner, ok := argument.(map[string]any); ok && (name == "prefix" || name == "suffix") && len(inner) == 1 {
		if argument, fold = inner["equals-ignore-case"]; !fold {
			return nil, fmt.Errorf("%s takes a text, or equals-ignore-case", name)
		}
	}
	want, ok := argument.(string)
	if !ok {
		return nil, fmt.Errorf("%s match pattern must be a string", name)
	}
	onText := func(holds func(string) bool) func(any) bool {
		return func(v any) bool {
			text, ok := v.(string)
			return ok && holds(text)
		}
	}
	switch name {
	case "prefix":
		return onText(func(s string) bool { return begins(s, want, fold) }), nil
	case "suffix":
		return onText(func(s string) bool { return ends(s, want, fold) }), nil
	case "equals-ignore-case":
		return onText(func(s string) bool { return strings.EqualFold(s, want) }), nil
	case "wildcard":
		parts, err := readWildcard(want)
		if err != nil {
			return nil, err
		}
		return onText(func(s string) bool { return wild(s, parts) }), nil
	default:
		return nil, fmt.Errorf("unrecognized match type %s", name)
	}
}
