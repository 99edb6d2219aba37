package access

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vend-cli/vend/internal/account"
)

// Text is a name or an id in a file, and where it stands.
type Text struct {
	Text         string
	Name         string // that it has to have, where an id is given with its name; empty: any
	Line, Column int    // from 1
}

// Rule gives groups and users permission sets in accounts, or takes them away: each of the first to each of the others.
type Rule struct {
	Accounts       []Text // accounts, or units for all ACTIVE accounts in them
	PermissionSets []Text
	Groups, Users  []Text
	Recursive      bool // of units, also what is below
	Absent         bool
}

// Problem is what is wrong with a file, and where.
type Problem struct {
	Line, Column  int
	Code          string
	Message, Hint string
}

// Read reads the file of `vend access apply`: YAML, of which samples/access.yaml is one, or a CSV with the columns of
// `vend access list -o csv`, which is told by its header. All problems are found, not the first alone; rules are only to be
// used when there is none.
func Read(data []byte) ([]Rule, []Problem) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, []Problem{{1, 1, account.CodeAccessFile, "the file is not text in UTF-8", "Save it as UTF-8."}}
	}
	if looksLikeCSV(data) {
		return readCSV(data)
	}
	return readYAML(data)
}

func readYAML(data []byte) ([]Rule, []Problem) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, []Problem{syntax(err)}
	}
	r := &reader{}
	for i, d := range file.Docs {
		switch {
		case i > 0 && d.Body != nil:
			r.problem(d.Body, "the file holds more than one document", "Keep one; remove the line ---.")
		case d.Body != nil && d.Body.Type() != ast.NullType && d.Body.Type() != ast.CommentType:
			r.document(d.Body)
		}
	}
	if !r.listed && len(r.problems) == 0 {
		r.problems = []Problem{{1, 1, account.CodeAccessFile, "the file has no assignments", "Write them as a list below `assignments:`."}}
	}
	return r.rules, r.problems
}

type reader struct {
	rules    []Rule
	listed   bool // the file has a list of assignments, be it empty
	problems []Problem
}

func (r *reader) problem(node ast.Node, message, hint string) {
	p := Problem{Line: 1, Column: 1, Code: account.CodeAccessRule, Message: message, Hint: hint}
	token := node.GetToken()
	if members, ok := members(node); ok && len(members) > 0 {
		token = members[0].Key.GetToken() // that of the mapping is its first colon
	}
	if token != nil && token.Position != nil {
		p.Line, p.Column = token.Position.Line, token.Position.Column
	}
	r.problems = append(r.problems, p)
}

func (r *reader) document(node ast.Node) {
	for _, e := range r.entries(node, "assignments", "permissionSets") {
		if e.Key.GetToken().Value == "permissionSets" {
			continue // those of vend access permission-sets apply
		}
		list, ok := e.Value.(*ast.SequenceNode)
		r.listed = r.listed || ok
		if !ok {
			r.problem(e.Value, "assignments is no list", "Begin each of them with `- `.")
			continue
		}
		for _, value := range list.Values {
			r.rule(value)
		}
	}
}

// entries are the members of a mapping, each known and there once.
func (r *reader) entries(node ast.Node, known ...string) []*ast.MappingValueNode {
	all, ok := members(node)
	if !ok {
		r.problem(node, "this is no mapping", "Write it as `name: value` lines.")
	}
	return slices.DeleteFunc(slices.Clone(all), func(e *ast.MappingValueNode) bool {
		key := e.Key.GetToken().Value
		if slices.Contains(known, key) {
			return false
		}
		r.problem(e.Key, fmt.Sprintf("%q is not known here", key), "There is: "+strings.Join(known, ", ")+".")
		return true
	})
}

// members are the key-value pairs of a node; the parser gives a single pair a type of its own.
func members(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func (r *reader) rule(node ast.Node) {
	var rule Rule
	before := len(r.problems)
	for _, e := range r.entries(node, "accounts", "permissionSets", "groups", "users", "recursive", "absent") {
		switch e.Key.GetToken().Value {
		case "accounts":
			rule.Accounts = r.texts(e.Value)
		case "permissionSets":
			rule.PermissionSets = r.texts(e.Value)
		case "groups":
			rule.Groups = r.texts(e.Value)
		case "users":
			rule.Users = r.texts(e.Value)
		case "recursive":
			rule.Recursive = r.truth(e.Value)
		case "absent":
			rule.Absent = r.truth(e.Value)
		}
	}
	switch {
	case len(r.problems) > before:
		return
	case len(rule.Accounts) == 0:
		r.problem(node, "the assignment names no accounts", "Name accounts, or units, as `accounts: [Workloads/Dev]`.")
	case len(rule.PermissionSets) == 0:
		r.problem(node, "the assignment names no permissionSets", "Name them as `permissionSets: [AWSReadOnlyAccess]`.")
	case len(rule.Groups)+len(rule.Users) == 0:
		r.problem(node, "the assignment names neither groups nor users", "Name them as `groups: [Auditors]`.")
	}
	r.rules = append(r.rules, rule)
}

func (r *reader) texts(node ast.Node) (texts []Text) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		r.problem(node, "this is no list", "Write it as [one, another].")
		return nil
	}
	for _, value := range list.Values {
		token := value.GetToken()
		switch value.Type() {
		case ast.StringType, ast.IntegerType:
			if strings.TrimSpace(token.Value) == "" {
				r.problem(value, "this name is empty", "Write a name, or leave it out.")
				continue
			}
			texts = append(texts, Text{Text: token.Value, Line: token.Position.Line, Column: token.Position.Column})
		default:
			r.problem(value, "this is no name", "Write a text; put it into quotes where it looks like something else.")
		}
	}
	return texts
}

func (r *reader) truth(node ast.Node) bool {
	value, ok := node.(*ast.BoolNode)
	if !ok {
		r.problem(node, "this is neither true nor false", "Write true or false.")
		return false
	}
	return value.Value
}

func syntax(err error) Problem {
	p := Problem{Line: 1, Column: 1, Code: account.CodeAccessFile, Message: "this is not YAML: " + err.Error(), Hint: "Mend that line; tabs can't indent, and a text with a colon needs quotes."}
	var at yaml.Error
	if errors.As(err, &at) {
		p.Message = "this is not YAML: " + at.GetMessage()
		if token := at.GetToken(); token != nil && token.Position != nil {
			p.Line, p.Column = token.Position.Line, token.Position.Column
		}
	}
	return p
}
