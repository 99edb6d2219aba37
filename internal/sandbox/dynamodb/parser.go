package dynamodb

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// Limits of expressions (DynamoDB Developer Guide, "Quotas in Amazon DynamoDB").
const (
	maxOperators  = 300
	maxInOperands = 100
)

// fault is something wrong in an expression that does parse. The first of each is kept; which of them is told follows
// the order in which DynamoDB looks.
type fault int

const (
	faultParens fault = iota
	faultFunction
	faultMisuse
	faultReserved
	faultSection
	faultUndefined
	faultOverlap
	faultConflict
	faultOperands
	faultDistinct
	faultOperand
	faultCount
)

var (
	conditionFaults = []fault{
		faultParens, faultFunction, faultMisuse, faultReserved, faultUndefined, faultOperands, faultDistinct, faultOperand,
	}
	updateFaults = []fault{
		faultReserved, faultFunction, faultMisuse, faultSection, faultUndefined, faultOverlap, faultConflict,
		faultOperands, faultDistinct, faultOperand,
	}
)

// node is a part of a parsed expression: "path", "value", an operator or a function.
type node struct {
	op    string
	args  []*node
	path  path
	value value
}

// boolean says whether the node is a condition.
func (n *node) boolean() bool {
	switch n.op {
	case "path", "value", "size", "+", "-", "if_not_exists", "list_append":
		return false
	default:
		return true
	}
}

// kind is the type of the node's value where the expression alone tells it.
func (n *node) kind() kind {
	switch n.op {
	case "value":
		return n.value.kind
	case "size", "+", "-":
		return kindN
	case "list_append":
		return kindL
	default:
		return ""
	}
}

type parser struct {
	scope     *scope
	parameter string
	text      string
	tokens    []token
	at        int
	err       error // a syntax error; nothing is read behind it
	faults    [faultCount]string
	operators int
	closed    map[int]int // where the parenthesis that opens at a token closes
}

func newParser(s *scope, e expression) (*parser, error) {
	switch {
	case *e.text == "":
		return nil, invalid("Invalid %s: The expression can not be empty;", e.parameter)
	case len(*e.text) > maxExpression:
		return nil, invalid("Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %d",
			e.parameter, len(*e.text))
	}
	return &parser{scope: s, parameter: e.parameter, text: *e.text, tokens: scan(*e.text), closed: map[int]int{}}, nil
}

// verdict is the syntax error, or the first fault in this order.
func (p *parser) verdict(order []fault) error {
	if p.err != nil {
		return p.err
	}
	for _, f := range order {
		if p.faults[f] != "" {
			return invalid("Invalid %s: %s", p.parameter, p.faults[f])
		}
	}
	return nil
}

func (p *parser) note(f fault, format string, args ...any) {
	if p.faults[f] == "" {
		p.faults[f] = fmt.Sprintf(format, args...)
	}
}

func (p *parser) peek() token {
	if p.err != nil {
		return p.tokens[len(p.tokens)-1]
	}
	return p.tokens[p.at]
}

func (p *parser) next() token {
	t := p.peek()
	if p.err == nil && t.class != endToken {
		p.at++
	}
	return t
}

// accept takes the next token if it is this punctuation or keyword.
func (p *parser) accept(text string) bool {
	t := p.peek()
	if p.err != nil || !t.is(text) {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail()
	}
}

func (p *parser) end() {
	if p.peek().class != endToken {
		p.fail()
	}
}

// fail makes the next token a syntax error; near are the tokens on both sides of it.
func (p *parser) fail() {
	if p.err != nil {
		return
	}
	bad := p.tokens[p.at]
	from, to := bad.from, bad.to
	if p.at > 0 {
		from = p.tokens[p.at-1].from
	}
	if p.at+1 < len(p.tokens) {
		to = p.tokens[p.at+1].to
	}
	shown := p.text[bad.from:bad.to]
	if bad.class == endToken {
		shown = "<EOF>"
	}
	p.err = invalid(`Invalid %s: Syntax error; token: "%s", near: "%s"`,
		p.parameter, shown, strings.TrimSpace(p.text[from:to]))
}

// path reads a document path: name or #name, then .name, .#name and [n].
func (p *parser) path() path {
	at := path{p.name()}
	for p.err == nil {
		switch {
		case p.accept("."):
			at = append(at, p.name())
		case p.accept("["):
			t := p.peek()
			index, err := strconv.Atoi(t.text)
			if t.class != numberToken || err != nil {
				p.fail()
				break
			}
			p.next()
			p.expect("]")
			at = append(at, step{index: index})
		default:
			if len(at) > maxNesting {
				p.note(faultOperand, "The document path has too many nesting elements; nesting elements: %d", len(at))
			}
			return at
		}
	}
	return at
}

func (p *parser) name() step {
	t := p.peek()
	switch t.class {
	case nameToken:
		if t.keyword() {
			p.fail()
			break
		}
		p.next()
		if reserved(t.text) {
			p.note(faultReserved, "Attribute name is a reserved keyword; reserved keyword: %s", t.text)
		}
	case nameRefToken:
		p.next()
		p.scope.used[t.text] = true
		name := p.scope.names[t.text]
		if name == "" {
			p.note(faultUndefined,
				"An expression attribute name used in the document path is not defined; attribute name: %s", t.text)
		}
		return step{name: name}
	default:
		p.fail()
	}
	return step{name: t.text}
}

// literal reads a :value.
func (p *parser) literal() *node {
	t := p.peek()
	if t.class != valueRefToken {
		p.fail()
		return &node{op: "value"}
	}
	p.next()
	p.scope.used[t.text] = true
	v, ok := p.scope.values[t.text]
	if !ok {
		p.note(faultUndefined,
			"An expression attribute value used in expression is not defined; attribute value: %s", t.text)
	}
	return &node{op: "value", value: v}
}

// arguments reads (a, b, …) of a function.
func (p *parser) arguments(argument func() *node) []*node {
	p.expect("(")
	args := []*node{argument()}
	for p.accept(",") {
		args = append(args, argument())
	}
	p.expect(")")
	p.operators++
	return args
}

// misuse notes a function that stands where only an operand, or only a condition, may stand.
func (p *parser) misuse(n *node) {
	p.note(faultMisuse, "The function is not allowed to be used this way in an expression; function: %s", n.op)
}

// distinct notes an operator both of whose operands are the same path.
func (p *parser) distinct(op string, args []*node) {
	if len(args) == 2 && args[0].op == "path" && args[1].op == "path" && args[0].path.String() == args[1].path.String() {
		p.note(faultDistinct, "The first operand must be distinct from the remaining operands for this operator or function; "+
			"operator: %s, first operand: %s", op, args[0].path)
	}
}

// messageOf is what an error of ours says to a client.
func messageOf(err error) string {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
