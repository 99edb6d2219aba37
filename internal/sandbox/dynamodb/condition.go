package dynamodb

import (
	"fmt"
	"slices"
	"strings"
)

// The grammar (DynamoDB Developer Guide, "Condition and filter expressions, operators, and functions"), loosest first:
//
//	either   = both { OR both }
//	both     = negation { AND negation }
//	negation = NOT negation | test
//	test     = operand comparator operand | operand BETWEEN operand AND operand | operand IN ( operand, … )
//	         | function | ( either )
//	operand  = path | :value | function | ( operand )

func (p *parser) either() *node {
	n := p.both()
	for p.accept("OR") {
		n = p.joined("OR", n, p.both())
	}
	return n
}

func (p *parser) both() *node {
	n := p.negation()
	for p.accept("AND") {
		n = p.joined("AND", n, p.negation())
	}
	return n
}

func (p *parser) negation() *node {
	if !p.accept("NOT") {
		return p.test()
	}
	n := p.negation()
	p.wantCondition(n)
	return &node{op: "NOT", args: []*node{n}}
}

func (p *parser) joined(op string, args ...*node) *node {
	for _, n := range args {
		p.wantCondition(n)
	}
	return &node{op: op, args: args}
}

// wantCondition refuses an operand where a condition belongs.
func (p *parser) wantCondition(n *node) {
	switch {
	case n.op == "size":
		p.misuse(n)
	case !n.boolean():
		p.fail()
	}
}

func (p *parser) test() *node {
	left := p.operand()
	for _, op := range []string{"=", "<>", "<=", ">=", "<", ">"} {
		if p.accept(op) {
			n := &node{op: op, args: []*node{left, p.operand()}}
			p.checkComparison(n)
			return n
		}
	}
	switch {
	case p.accept("BETWEEN"):
		low := p.operand()
		p.expect("AND")
		n := &node{op: "BETWEEN", args: []*node{left, low, p.operand()}}
		p.checkComparison(n)
		p.checkBounds(n.args[1], n.args[2])
		return n
	case p.accept("IN"):
		n := &node{op: "IN", args: append([]*node{left}, p.arguments(p.operand)...)}
		if len(n.args)-1 > maxInOperands {
			p.note(faultOperands, "Incorrect number of operands for operator or function; "+
				"operator or function: IN, number of operands: %d", len(n.args)-1)
		}
		p.checkComparison(n)
		return n
	}
	if (left.op == "path" || left.op == "value") && !p.peek().is(")") {
		p.fail() // an operand may stand alone only between parentheses, for the operand that they make
	}
	return left
}

// operand reads an operand, or a condition in parentheses or made by a function: what it may be, its reader decides.
func (p *parser) operand() *node {
	t := p.peek()
	switch {
	case t.is("("):
		return p.parenthesized(p.either)
	case t.class == valueRefToken:
		return p.literal()
	case t.class == nameToken && !t.keyword() && p.tokens[p.at+1].is("("):
		return p.function()
	default:
		return &node{op: "path", path: p.path()}
	}
}

// parenthesized reads ( inner ). Parentheses around nothing but parentheses are redundant, which DynamoDB refuses.
func (p *parser) parenthesized(inner func() *node) *node {
	open := p.at
	p.expect("(")
	n := inner()
	if p.err == nil && p.closed[open+1] > 0 && p.closed[open+1] == p.at-1 {
		p.note(faultParens, "The expression has redundant parentheses;")
	}
	p.closed[open] = p.at
	p.expect(")")
	return n
}

// function reads name(operand, …).
func (p *parser) function() *node {
	name := p.next().text
	n := &node{op: name, args: p.arguments(p.operand)}
	p.wantOperands(n.args)
	p.checkFunction(n)
	return n
}

// wantOperands refuses conditions where values belong.
func (p *parser) wantOperands(args []*node) {
	for _, arg := range args {
		switch arg.op {
		case "AND", "OR", "NOT", "BETWEEN", "IN", "=", "<>", "<", "<=", ">", ">=":
			p.fail()
		default:
			if arg.boolean() {
				p.misuse(arg)
			}
		}
	}
}

func (p *parser) checkFunction(n *node) {
	operands, ok := map[string]int{
		"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1,
	}[n.op]
	if !ok {
		p.note(faultFunction, "Invalid function name; function: %s", n.op)
		return
	}
	if len(n.args) != operands {
		p.note(faultOperands, "Incorrect number of operands for operator or function; "+
			"operator or function: %s, number of operands: %d", n.op, len(n.args))
		return
	}
	p.distinct(n.op, n.args)
	first := n.args[0].kind()
	switch n.op {
	case "attribute_exists", "attribute_not_exists":
		if n.args[0].op != "path" {
			p.note(faultOperand, "Operator or function requires a document path; operator or function: %s", n.op)
		}
	case "begins_with":
		for _, arg := range n.args {
			if k := arg.kind(); k != "" && k != kindS && k != kindB {
				p.wrongOperand(n.op, string(k))
			}
		}
	case "size":
		if first == kindN || first == kindBOOL || first == kindNULL {
			p.wrongOperand(n.op, string(first))
		}
	case "attribute_type":
		p.checkTypeName(n)
	}
}

func (p *parser) checkTypeName(n *node) {
	switch k := n.args[1].kind(); {
	case k == "":
		p.wrongOperand(n.op, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
	case k != kindS:
		p.wrongOperand(n.op, string(k))
	case words[kind(n.args[1].value.text)] == "":
		p.note(faultOperand, "Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
			n.args[1].value.text)
	}
}

func (p *parser) wrongOperand(function, operand string) {
	p.note(faultOperand, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
		function, operand)
}

func (p *parser) checkComparison(n *node) {
	p.operators++
	p.wantOperands(n.args)
	p.distinct(n.op, n.args)
	if n.op == "=" || n.op == "<>" || n.op == "IN" {
		return
	}
	for _, arg := range n.args {
		if k := arg.kind(); k != "" && k != kindS && k != kindN && k != kindB {
			p.note(faultOperand, "Incorrect operand type for operator or function; operator: %s, operand type: %s", n.op, words[k])
		}
	}
}

func (p *parser) checkBounds(low, high *node) {
	if low.op != "value" || high.op != "value" || low.value.kind == "" || high.value.kind == "" {
		return
	}
	bounds := fmt.Sprintf("lower bound operand: AttributeValue: {%s:%s}, upper bound operand: AttributeValue: {%s:%s}",
		low.value.kind, low.value.text, high.value.kind, high.value.text)
	if low.value.kind != high.value.kind {
		p.note(faultOperand, "The BETWEEN operator requires same data type for lower and upper bounds; %s", bounds)
	} else if c, ok := low.value.compare(high.value); ok && c > 0 {
		p.note(faultOperand,
			"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; %s", bounds)
	}
}

// holds says whether the condition is true of an item, which may have no attributes at all.
func (n *node) holds(f fields) bool {
	switch n.op {
	case "AND":
		return n.args[0].holds(f) && n.args[1].holds(f)
	case "OR":
		return n.args[0].holds(f) || n.args[1].holds(f)
	case "NOT":
		return !n.args[0].holds(f)
	}
	v, exists := n.args[0].operand(f)
	switch n.op {
	case "attribute_exists":
		return exists
	case "attribute_not_exists":
		return !exists
	case "IN":
		return exists && slices.ContainsFunc(n.args[1:], func(arg *node) bool {
			w, ok := arg.operand(f)
			return ok && v.equal(w)
		})
	}
	w, other := n.args[1].operand(f)
	switch n.op {
	case "=":
		return exists && other && v.equal(w)
	case "<>":
		return !exists || !other || !v.equal(w)
	case "attribute_type":
		return exists && string(v.kind) == w.text
	case "begins_with":
		return exists && other && v.kind == w.kind && (v.kind == kindS || v.kind == kindB) && strings.HasPrefix(v.text, w.text)
	case "contains":
		return exists && other && v.contains(w)
	case "BETWEEN":
		x, third := n.args[2].operand(f)
		return exists && other && third && ordered(">=", v, w) && ordered("<=", v, x)
	default:
		return exists && other && ordered(n.op, v, w)
	}
}

func ordered(op string, v, w value) bool {
	c, ok := v.compare(w)
	switch op {
	case "<":
		return ok && c < 0
	case "<=":
		return ok && c <= 0
	case ">":
		return ok && c > 0
	default:
		return ok && c >= 0
	}
}

// operand is the value of an operand of a condition, false when the item has none.
func (n *node) operand(f fields) (value, bool) {
	switch n.op {
	case "value":
		return n.value, true
	case "path":
		return n.path.in(f)
	default: // size
		v, ok := n.args[0].operand(f)
		if !ok {
			return value{}, false
		}
		length, ok := v.length()
		return value{kind: kindN, text: fmt.Sprint(length)}, ok
	}
}
