package dynamodb

import (
	"cmp"
	"slices"
	"strings"
)

// action is one change of an update expression.
type action struct {
	section string // SET, REMOVE, ADD, DELETE
	path    path
	operand *node // nil for REMOVE
}

// The grammar (DynamoDB Developer Guide, "Using update expressions in DynamoDB"): each section at most once, in any order.
//
//	SET path = sum, …    REMOVE path, …    ADD path :value, …    DELETE path :value, …
//	sum  = term [ + term | - term ]
//	term = path | :value | if_not_exists(path, term) | list_append(term, term) | ( sum )
func (p *parser) sections() []action {
	var actions []action
	seen := map[string]bool{}
	for p.err == nil {
		section := strings.ToUpper(p.peek().text)
		if p.peek().class != nameToken || !slices.Contains([]string{"SET", "REMOVE", "ADD", "DELETE"}, section) {
			break
		}
		p.next()
		if seen[section] {
			p.note(faultSection, `The "%s" section can only be used once in an update expression;`, section)
		}
		seen[section] = true
		actions = append(actions, p.action(section, actions))
		for p.accept(",") {
			actions = append(actions, p.action(section, actions))
		}
	}
	if len(actions) == 0 {
		p.fail()
	}
	p.end()
	return actions
}

func (p *parser) action(section string, earlier []action) action {
	a := action{section: section, path: p.path()}
	p.operators++
	paths := make([]path, 0, len(earlier))
	for _, other := range earlier {
		paths = append(paths, other.path)
	}
	p.apart(paths, a.path)
	switch section {
	case "SET":
		p.expect("=")
		a.operand = p.sum()
	case "ADD", "DELETE":
		a.operand = p.literal()
		k := a.operand.value.kind
		if k != "" && !k.set() && (section == "DELETE" || k != kindN) {
			p.note(faultOperand, "Incorrect operand type for operator or function; operator: %s, operand type: %s",
				section, words[k])
		}
	}
	return a
}

func (p *parser) sum() *node {
	left := p.term()
	for _, op := range []string{"+", "-"} {
		if !p.accept(op) {
			continue
		}
		p.operators++
		n := &node{op: op, args: []*node{left, p.term()}}
		for _, arg := range n.args {
			if k := arg.kind(); k != "" && k != kindN {
				p.wrongOperand(op, string(k))
			}
		}
		return n
	}
	return left
}

func (p *parser) term() *node {
	t := p.peek()
	switch {
	case t.is("("):
		return p.parenthesized(p.sum)
	case t.class == valueRefToken:
		return p.literal()
	case t.class == nameToken && !t.keyword() && p.tokens[p.at+1].is("("):
		return p.changeFunction()
	default:
		return &node{op: "path", path: p.path()}
	}
}

func (p *parser) changeFunction() *node {
	name := p.next().text
	n := &node{op: name, args: p.arguments(p.term)}
	switch {
	case name != "if_not_exists" && name != "list_append":
		p.note(faultFunction, "Invalid function name; function: %s", name)
	case len(n.args) != 2:
		p.note(faultOperands, "Incorrect number of operands for operator or function; "+
			"operator or function: %s, number of operands: %d", name, len(n.args))
	case name == "if_not_exists" && n.args[0].op != "path":
		p.note(faultOperand, "Operator or function requires a document path; operator or function: %s", name)
	case name == "list_append":
		for _, arg := range n.args {
			if k := arg.kind(); k != "" && k != kindL {
				p.wrongOperand(name, string(k))
			}
		}
	}
	return n
}

// change is the item's attributes after the update; old stays as it is. All operands and all indexes of lists mean the
// item as it was before.
func change(old fields, actions []action) (fields, error) {
	results := make([]value, len(actions))
	for i, a := range actions {
		if a.operand == nil {
			continue
		}
		v, err := a.operand.result(old)
		if err != nil {
			return nil, err
		}
		results[i] = v
	}
	changed := old.copied()
	for _, a := range actions {
		if v, ok := changed[a.path[0].name]; ok && len(a.path) > 1 {
			changed[a.path[0].name] = v.clone()
		}
	}
	order := make([]int, len(actions))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return byPlace(actions[a].path, actions[b].path) })
	for _, i := range order {
		if err := actions[i].apply(changed, results[i]); err != nil {
			return nil, err
		}
	}
	for name, v := range changed {
		if v = v.closedUp(); v.kind == "" {
			delete(changed, name)
		} else {
			changed[name] = v
		}
		if v.depth() > maxNesting {
			return nil, invalid("Nesting Levels have exceeded supported limits")
		}
	}
	return changed, nil
}

// byPlace puts actions on the same list in the order of their indexes: what lies behind its end is appended in that order.
// Between others the order is of no matter, for paths do not overlap.
func byPlace(a, b path) int {
	last, other := len(a)-1, len(b)-1
	return cmp.Or(strings.Compare(a[:last].String(), b[:other].String()), cmp.Compare(a[last].index, b[other].index))
}

// apply makes the change in place. What it removes becomes a value without a kind, so that indexes stay what they are
// until everything is done.
func (a action) apply(f fields, result value) error {
	if len(a.path) == 1 {
		name := a.path[0].name
		v, err := a.changed(f[name], result)
		f[name] = v
		return err
	}
	parent, ok := a.path[:len(a.path)-1].in(f)
	s := a.path[len(a.path)-1]
	if !ok || s.indexed() && parent.kind != kindL || !s.indexed() && parent.kind != kindM {
		return invalid("The document path provided in the update expression is invalid for update")
	}
	current, _ := parent.child(s)
	v, err := a.changed(current, result)
	switch {
	case err != nil:
		return err
	case !s.indexed():
		parent.fields[s.name] = v
	case s.index < len(parent.list):
		parent.list[s.index] = v
	case v.kind != "":
		parent.list = append(parent.list, v)
		a.path[:len(a.path)-1].replace(f, parent)
	}
	return nil
}

// replace puts v where the path leads, which exists.
func (p path) replace(f fields, v value) {
	s := p[len(p)-1]
	if len(p) == 1 {
		f[s.name] = v
		return
	}
	parent, _ := p[:len(p)-1].in(f)
	if s.indexed() {
		parent.list[s.index] = v
	} else {
		parent.fields[s.name] = v
	}
}

// changed is what becomes of the current value, which may be none.
func (a action) changed(current, result value) (value, error) {
	switch {
	case a.section == "SET":
		return result, nil
	case a.section == "REMOVE":
		return value{}, nil
	case current.kind == "" && a.section == "ADD":
		return result, nil
	case current.kind == "":
		return value{}, nil
	case current.kind != result.kind:
		return value{}, errOperandType()
	case current.kind == kindN:
		sum := current.number().plus(result.number())
		return numeric(sum), sum.check()
	case a.section == "ADD":
		return value{kind: current.kind, set: members(current.kind, slices.Concat(current.set, result.set))}, nil
	}
	kept := slices.DeleteFunc(slices.Clone(current.set), func(m string) bool { return slices.Contains(result.set, m) })
	if len(kept) == 0 {
		return value{}, nil
	}
	return value{kind: current.kind, set: kept}, nil
}

func errOperandType() error {
	return invalid("An operand in the update expression has an incorrect data type")
}

// closedUp drops what apply has removed.
func (v value) closedUp() value {
	switch v.kind {
	case kindL:
		kept := make([]value, 0, len(v.list))
		for _, element := range v.list {
			if element = element.closedUp(); element.kind != "" {
				kept = append(kept, element)
			}
		}
		v.list = kept
	case kindM:
		kept := make(fields, len(v.fields))
		for name, field := range v.fields {
			if field = field.closedUp(); field.kind != "" {
				kept[name] = field
			}
		}
		v.fields = kept
	}
	return v
}

// result is the value of an operand of SET, ADD or DELETE on the item as it was.
func (n *node) result(f fields) (value, error) {
	switch n.op {
	case "value":
		return n.value, nil
	case "path":
		if v, ok := n.path.in(f); ok {
			return v, nil
		}
		return value{}, invalid("The provided expression refers to an attribute that does not exist in the item")
	case "if_not_exists":
		if v, ok := n.args[0].path.in(f); ok {
			return v, nil
		}
		return n.args[1].result(f)
	}
	left, err := n.args[0].result(f)
	if err != nil {
		return value{}, err
	}
	right, err := n.args[1].result(f)
	switch {
	case err != nil:
		return value{}, err
	case n.op == "list_append" && left.kind == kindL && right.kind == kindL:
		return value{kind: kindL, list: slices.Concat(left.list, right.list)}, nil
	case n.op == "list_append" || left.kind != kindN || right.kind != kindN:
		return value{}, errOperandType()
	}
	other := right.number()
	if n.op == "-" {
		other = other.negated()
	}
	sum := left.number().plus(other)
	return numeric(sum), sum.check()
}
