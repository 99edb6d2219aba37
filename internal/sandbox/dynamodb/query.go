package dynamodb

import "strings"

type queryInput struct {
	selection
	KeyConditionExpression *string
	ScanIndexForward       *bool
}

// query follows DynamoDB API Reference, Query.
func (r *region) query(in *queryInput) (*page, error) {
	c := constraints{}
	c.selection(&in.selection)
	if err := c.err(); err != nil {
		return nil, err
	}
	keyed := expression{"KeyConditionExpression", in.KeyConditionExpression}
	filtered := expression{"FilterExpression", in.FilterExpression}
	projected := expression{"ProjectionExpression", in.ProjectionExpression}
	s, err := newScope(in.placeholders, filtered, keyed, projected)
	if err != nil {
		return nil, err
	}
	if in.KeyConditionExpression == nil {
		return nil, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	condition, err := s.condition(keyed)
	if err != nil {
		return nil, err
	}
	filter, err := s.condition(filtered)
	if err != nil {
		return nil, err
	}
	projection, err := s.projection(projected)
	if err != nil {
		return nil, err
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	if err := in.checkSelect(); err != nil {
		return nil, err
	}
	byKey := keyConditions{}
	if err := byKey.add(condition); err != nil {
		return nil, err
	}
	d, err := in.reader(r, filter, projection)
	if err != nil {
		return nil, err
	}
	from, to, err := d.bounds(byKey)
	if err != nil {
		return nil, err
	}
	for _, p := range filter.paths() {
		if d.keys.has(p[0].name) {
			return nil, invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", p[0].name)
		}
	}
	if err := d.checkStart(byKey); err != nil {
		return nil, err
	}
	backwards := in.ScanIndexForward != nil && !*in.ScanIndexForward
	return d.page(d.span(from, to, backwards), newMeter(in.ReturnConsumedCapacity)), nil
}

// keyCondition is what a query asks of one key attribute.
type keyCondition struct {
	op     string
	values []value
}

type keyConditions map[string]keyCondition

// add takes apart a key condition: conditions on one attribute each, joined by AND.
func (k keyConditions) add(n *node) error {
	switch n.op {
	case "AND":
		if err := k.add(n.args[0]); err != nil {
			return err
		}
		return k.add(n.args[1])
	case "OR", "NOT", "IN", "<>", "attribute_exists", "attribute_not_exists", "attribute_type", "contains":
		return invalid("Invalid operator used in KeyConditionExpression: %s", n.op)
	}
	if (n.op == "BETWEEN" || n.op == "begins_with") && n.args[0].op != "path" {
		return invalid("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", n.op)
	}
	c := keyCondition{op: n.op}
	name := ""
	for i, arg := range n.args {
		switch {
		case arg.op == "size":
			return invalid("KeyConditionExpressions cannot contain nested operations")
		case arg.op == "value":
			c.values = append(c.values, arg.value)
			continue
		case name != "":
			return invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
		case len(arg.path) > 1:
			return invalid("KeyConditionExpressions cannot have conditions on nested attributes")
		}
		name = arg.path[0].name
		if i > 0 {
			c.op = mirrored[n.op]
		}
	}
	if name == "" {
		return invalid("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	if _, ok := k[name]; ok {
		return invalid("KeyConditionExpressions must only contain one condition per key")
	}
	k[name] = c
	return nil
}

// mirrored are the comparators when the value stands before the attribute.
var mirrored = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// bounds is the range of keys that a query's conditions leave.
func (d *reader) bounds(k keyConditions) (from, to string, err error) {
	if len(k) > 2 {
		return "", "", invalid("Conditions can be of length 1 or 2 only")
	}
	if d.keys.sort == "" && len(k) > 1 {
		return "", "", invalid("Query key condition not supported")
	}
	for _, name := range d.keys.names() {
		c, ok := k[name]
		if !ok {
			if name == d.keys.partition || len(k) > 1 {
				return "", "", invalid("Query condition missed key schema element: %s", name)
			}
			continue
		}
		for _, v := range c.values {
			if v.kind != d.table.types[name] {
				return "", "", invalidParameter("Condition parameter type does not match schema type")
			}
			if c.op != "begins_with" {
				if err := d.keys.checkPart(name, v); err != nil {
					return "", "", err
				}
			}
		}
		if name == d.keys.partition && c.op != "=" {
			return "", "", invalid("Query key condition not supported")
		}
	}
	prefix := partition(k[d.keys.partition].values[0])
	c, ok := k[d.keys.sort]
	if !ok {
		return prefix, after(prefix), nil
	}
	at := prefix + sortPart(c.values[0])
	switch c.op {
	case "=":
		return at + partEnd, after(at + partEnd), nil
	case "<":
		return prefix, at + partEnd, nil
	case "<=":
		return prefix, after(at + partEnd), nil
	case ">":
		return after(at + partEnd), after(prefix), nil
	case ">=":
		return at + partEnd, after(prefix), nil
	case "begins_with":
		return at, after(at), nil
	default: // BETWEEN
		return at + partEnd, after(prefix + sortPart(c.values[1]) + partEnd), nil
	}
}

// checkStart refuses a starting key that the conditions exclude.
func (d *reader) checkStart(k keyConditions) error {
	if d.start == nil {
		return nil
	}
	if !d.start[d.keys.partition].equal(k[d.keys.partition].values[0]) {
		return noStart("is outside query boundaries based on provided conditions")
	}
	c, ok := k[d.keys.sort]
	if !ok {
		return nil
	}
	if v := d.start[d.keys.sort]; !c.admits(v) {
		return noStart("does not match the range key predicate")
	}
	return nil
}

func (c keyCondition) admits(v value) bool {
	switch c.op {
	case "=":
		return v.equal(c.values[0])
	case "begins_with":
		return strings.HasPrefix(v.text, c.values[0].text)
	case "BETWEEN":
		return ordered(">=", v, c.values[0]) && ordered("<=", v, c.values[1])
	default:
		return ordered(c.op, v, c.values[0])
	}
}
