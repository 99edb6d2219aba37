package permissionset

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile is far above any file of permission sets.
const maxFile = 4 << 20

// Read reads the section permissionSets of a YAML file, which may also have the section assignments. The name is that of the
// file, for its problems. The error is a [*Problems] with all that is wrong; nothing is read then.
func Read(name string, content []byte) ([]Set, error) {
	r := &reader{problems: Problems{File: name}}
	if body := r.body(content); body != nil {
		r.file(body)
	}
	if len(r.problems.All) > 0 {
		slices.SortStableFunc(r.problems.All, func(a, b Problem) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		return nil, &r.problems
	}
	return r.sets, nil
}

// reader walks through one file.
type reader struct {
	problems Problems
	sets     []Set
}

func (r *reader) at(t *token.Token, remedy, format string, args ...any) {
	p := Problem{Line: 1, Column: 1, Text: fmt.Sprintf(format, args...), Remedy: remedy}
	if t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	r.problems.All = append(r.problems.All, p)
}

func (r *reader) wrong(node ast.Node, remedy, format string, args ...any) {
	t := node.GetToken()
	if pairs, ok := entries(node); ok && len(pairs) > 0 {
		t = pairs[0].Key.GetToken()
	}
	r.at(t, remedy, format, args...)
}

// body is the one document of a file; nil where there is none that can be read.
func (r *reader) body(content []byte) ast.Node {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	switch {
	case len(content) > maxFile:
		r.at(nil, "name the file of permission sets", "the file is larger than 4 MiB")
		return nil
	case !utf8.Valid(content) || bytes.ContainsRune(content, 0):
		r.at(nil, "save it as UTF-8", "the file is not text")
		return nil
	}
	file, err := parser.ParseBytes(content, 0)
	if err != nil {
		reason, where := err.Error(), (*token.Token)(nil)
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			reason, where = syntax.GetMessage(), syntax.GetToken()
		}
		r.at(where, "mend that line; tabs can't indent, and a text with a colon needs quotes", "this is not YAML: %s", reason)
		return nil
	}
	bodies := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool {
		return d.Body == nil || d.Body.Type() == ast.NullType || d.Body.Type() == ast.CommentType
	})
	switch len(bodies) {
	case 0:
		r.at(nil, "begin it with permissionSets:", "the file holds nothing")
		return nil
	case 1:
		return bodies[0].Body
	}
	r.wrong(bodies[1].Body, "keep one; remove the line ---", "the file holds more than one document")
	return nil
}

func (r *reader) file(body ast.Node) {
	found := false
	r.members(body, "the file", map[string]func(ast.Node){
		"assignments": func(ast.Node) {}, // those of vend access apply
		"permissionSets": func(node ast.Node) {
			found = true
			for _, one := range r.list(node, "permissionSets", "the permission sets") {
				r.set(one)
			}
		},
	})
	if !found && len(r.problems.All) == 0 {
		r.wrong(body, "list the permission sets under permissionSets:", "the file has no section permissionSets")
	}
}

// members hands each member of a mapping to who reads it. One without a value is as one that is not there.
func (r *reader) members(node ast.Node, what string, known map[string]func(ast.Node)) {
	pairs, ok := entries(node)
	if !ok {
		r.wrong(node, "write it as lines of `name: value`", "%s is no mapping", what)
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		read := known[key]
		switch {
		case seen[key]:
			r.wrong(pair.Key, "keep one of the two", "%s stands twice", key)
		case read == nil:
			r.wrong(pair.Key, "it may be "+strings.Join(slices.Sorted(maps.Keys(known)), ", "), "%s has no member %q", what, key)
		case pair.Value.Type() != ast.NullType:
			read(pair.Value)
		}
		seen[key] = true
	}
}

func (r *reader) list(node ast.Node, member, what string) []ast.Node {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		r.wrong(node, "write each behind a dash", "%s is no list of %s", member, what)
		return nil
	}
	return sequence.Values
}

// text is the value of a member that is one text; a number is taken as it is written.
func (r *reader) text(node ast.Node, member string) (string, bool) {
	switch n := node.(type) {
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return node.GetToken().Value, true
	}
	r.wrong(node, "write one text, without anchors and tags", "%s is no text", member)
	return "", false
}

// entries are the key-value pairs of a node; the parser gives a single pair a type of its own.
func entries(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}
