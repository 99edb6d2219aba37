package dynamodb

import (
	"maps"
	"slices"
	"strings"
)

const maxExpression = 4096

// placeholders are a request's substitutes in its expressions.
type placeholders struct {
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues map[string]attribute
}

// expression is one of a request's expressions, nil when it was not sent.
type expression struct {
	parameter string
	text      *string
}

// scope is what a request's expressions may refer to, and what they did refer to.
type scope struct {
	names  map[string]string
	values fields
	used   map[string]bool
}

// newScope checks a request's placeholders. Given are all expressions that the request could have.
func newScope(p placeholders, given ...expression) (*scope, error) {
	var absent, withValues []string
	for _, e := range given {
		if e.parameter != "ProjectionExpression" {
			withValues = append(withValues, e.parameter)
		}
		if e.text == nil {
			absent = append(absent, e.parameter)
		}
	}
	if p.ExpressionAttributeNames != nil && len(absent) == len(given) {
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if p.ExpressionAttributeValues != nil &&
		!slices.ContainsFunc(withValues, func(name string) bool { return !slices.Contains(absent, name) }) {
		verb := "is"
		if len(withValues) > 1 {
			verb = "are"
		}
		return nil, invalid("ExpressionAttributeValues can only be specified when using expressions: %s %s null",
			strings.Join(withValues, " and "), verb)
	}
	if p.ExpressionAttributeNames != nil && len(p.ExpressionAttributeNames) == 0 {
		return nil, invalid("ExpressionAttributeNames must not be empty")
	}
	for _, name := range slices.Sorted(maps.Keys(p.ExpressionAttributeNames)) {
		if !placeholder('#', name) {
			return nil, invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "%s"`, name)
		}
	}
	s := &scope{names: p.ExpressionAttributeNames, values: fields{}, used: map[string]bool{}}
	return s, s.define(p.ExpressionAttributeValues)
}

func (s *scope) define(in map[string]attribute) error {
	if in != nil && len(in) == 0 {
		return invalid("ExpressionAttributeValues must not be empty")
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if !placeholder(':', name) {
			return invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "%s"`, name)
		}
		v, err := in[name].value(0)
		if err != nil {
			return invalid("ExpressionAttributeValues contains invalid value: %s for key %s", messageOf(err), name)
		}
		s.values[name] = v
	}
	return nil
}

func placeholder(mark byte, name string) bool {
	return len(name) > 1 && name[0] == mark && wordEnd(name, 1) == len(name)
}

// finish refuses placeholders that no expression used.
func (s *scope) finish() error {
	var names, texts []string
	for _, name := range slices.Sorted(maps.Keys(s.names)) {
		if !s.used[name] {
			names = append(names, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.values)) {
		if !s.used[name] {
			texts = append(texts, name)
		}
	}
	if len(names) > 0 {
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}",
			strings.Join(names, ", "))
	}
	if len(texts) > 0 {
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}",
			strings.Join(texts, ", "))
	}
	return nil
}

// condition parses a condition, filter or key condition; nil when it was not sent.
func (s *scope) condition(e expression) (*node, error) {
	if e.text == nil {
		return nil, nil
	}
	p, err := newParser(s, e)
	if err != nil {
		return nil, err
	}
	n := p.either()
	p.wantCondition(n)
	p.end()
	return n, p.verdict(conditionFaults)
}

// projection parses a list of document paths; nil when it was not sent.
func (s *scope) projection(e expression) ([]path, error) {
	if e.text == nil {
		return nil, nil
	}
	p, err := newParser(s, e)
	if err != nil {
		return nil, err
	}
	var paths []path
	for {
		at := p.path()
		p.apart(paths, at)
		paths = append(paths, at)
		if !p.accept(",") {
			break
		}
	}
	p.end()
	return paths, p.verdict(updateFaults)
}

// update parses an update expression; nil when it was not sent.
func (s *scope) update(e expression) ([]action, error) {
	if e.text == nil {
		return nil, nil
	}
	p, err := newParser(s, e)
	if err != nil {
		return nil, err
	}
	actions := p.sections()
	if p.err == nil && p.operators > maxOperators {
		p.note(faultOperand, "The expression contains too many operators; maximum: %d", maxOperators)
	}
	return actions, p.verdict(updateFaults)
}
