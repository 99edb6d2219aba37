package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/vend-cli/vend/internal/account"
)

// maxFile is far above any vend.yaml; whatever is larger is another file.
const maxFile = 1 << 20

// readFile takes the settings of one vend.yaml. Each key must be known, and each value of its type and within its bounds.
func (c *Config) readFile(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxFile {
		return refuse(name+" is larger than 1 MiB", "Name the vend.yaml, not another file.")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return refuse(fmt.Sprintf("can't read %s: %v", name, err), "Check --config and VEND_CONFIG.")
	}
	return c.read(name, data)
}

// read takes the settings of the text of a vend.yaml.
func (c *Config) read(name string, data []byte) error {
	if !utf8.Valid(data) || bytes.ContainsRune(data, 0) {
		return refuse(name+" is not text", "Name the vend.yaml, not another file.")
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return syntax(name, err)
	}
	bodies := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool {
		return d.Body == nil || d.Body.Type() == ast.NullType || d.Body.Type() == ast.CommentType
	})
	switch len(bodies) {
	case 0:
		return nil
	case 1:
		return fileReader{config: c, name: name, seen: map[string]bool{}}.mapping("", bodies[0].Body)
	}
	return refuse(name+" holds more than one document", "Keep one; remove the line ---.")
}

// fileReader walks through one file; seen are the paths it has met.
type fileReader struct {
	config *Config
	name   string
	seen   map[string]bool
}

// mapping takes what stands below a path that leads to more than one setting.
func (r fileReader) mapping(path string, node ast.Node) error {
	values, ok := entries(node)
	if !ok {
		what := "the file"
		if path != "" {
			what = path
		}
		return refuse(fmt.Sprintf("%s (%s) is no mapping", what, r.place(node)), "Write it as `name: value` lines.")
	}
	for _, entry := range values {
		if err := r.entry(path, entry); err != nil {
			return err
		}
	}
	return nil
}

func (r fileReader) entry(above string, entry *ast.MappingValueNode) error {
	key := entry.Key.GetToken().Value
	path := key
	if above != "" {
		path = above + "." + key
	}
	if r.seen[path] {
		return refuse(fmt.Sprintf("%s stands twice (%s)", path, r.place(entry.Key)), "Keep one of the two.")
	}
	r.seen[path] = true
	if i := slices.IndexFunc(settings, func(s setting) bool { return s.path == path }); i >= 0 {
		return r.value(settings[i], entry.Value)
	}
	if slices.ContainsFunc(settings, func(s setting) bool { return strings.HasPrefix(s.path, path+".") }) {
		if entry.Value.Type() == ast.NullType {
			return nil // a heading whose lines are all commented out
		}
		return r.mapping(path, entry.Value)
	}
	return r.unknown(above, path, entry.Key)
}

func (r fileReader) unknown(above, path string, key ast.Node) error {
	hint := "Remove it; `vend schema config` says what a vend.yaml may hold."
	if near := nearest(path, names(above)); near != "" {
		hint = "Did you mean " + near + "?"
	}
	return refuse(fmt.Sprintf("%s (%s) is not a setting", path, r.place(key)), hint)
}

// names are the paths one level below another one.
func names(above string) []string {
	var found []string
	for _, s := range settings {
		rest, below := strings.CutPrefix(s.path, above)
		if !below {
			continue
		}
		next, _, _ := strings.Cut(strings.TrimPrefix(rest, "."), ".")
		name := strings.TrimPrefix(above+"."+next, ".")
		if !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}

func (r fileReader) value(s setting, node ast.Node) error {
	text, place := shown(node), r.place(node)
	if node.Type() == ast.NullType {
		return nil // `bucket:` without a value is not given
	}
	if s.scalar(r.config) {
		if !plain(node) {
			return wrong(s, text, place)
		}
		text = node.GetToken().Value
		if text == "" {
			return nil
		}
		if !fits(s.at(r.config), node) {
			return wrong(s, text, place)
		}
		return r.config.set(s, text, place)
	}
	var err error
	switch field := s.at(r.config).(type) {
	case *[]string:
		err = r.texts(field, node)
	case *map[string]account.UnitDefaults:
		err = r.units(field, node)
	}
	if err != nil {
		return wrong(s, text, place)
	}
	return r.config.accept(s, text, place)
}

// plain says whether a node is one value that stands where it is: no anchor, alias or tag.
func plain(node ast.Node) bool {
	switch node.Type() {
	case ast.StringType, ast.IntegerType, ast.FloatType, ast.BoolType:
		return true
	}
	return false
}

// fits keeps words out of numbers and numbers out of switches; text takes every scalar (an unquoted 123 too).
func fits(field any, node ast.Node) bool {
	switch field.(type) {
	case *int:
		return node.Type() == ast.IntegerType
	case *float64:
		return node.Type() == ast.IntegerType || node.Type() == ast.FloatType
	case *bool:
		return node.Type() == ast.BoolType
	}
	return true
}

var errShape = errors.New("of another shape")

func (r fileReader) texts(into *[]string, node ast.Node) error {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return errShape
	}
	*into = make([]string, 0, len(list.Values))
	for _, value := range list.Values {
		if !plain(value) {
			return errShape
		}
		*into = append(*into, value.GetToken().Value)
	}
	return nil
}

func (r fileReader) units(into *map[string]account.UnitDefaults, node ast.Node) error {
	values, ok := entries(node)
	if !ok {
		return errShape
	}
	*into = make(map[string]account.UnitDefaults, len(values))
	for _, unit := range values {
		inner, ok := entries(unit.Value)
		if !ok {
			return errShape
		}
		var defaults account.UnitDefaults
		for _, entry := range inner {
			if entry.Key.GetToken().Value != "assignments" {
				return errShape
			}
			if err := r.texts(&defaults.Assignments, entry.Value); err != nil {
				return err
			}
		}
		(*into)[unit.Key.GetToken().Value] = defaults
	}
	return nil
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

func (r fileReader) place(node ast.Node) string {
	token := node.GetToken()
	if pairs, ok := entries(node); ok && len(pairs) > 0 {
		token = pairs[0].Key.GetToken()
	}
	return fmt.Sprintf("%s:%d:%d", r.name, token.Position.Line, token.Position.Column)
}

// shown is a value as the file has it, on one line and not too long for an error.
func shown(node ast.Node) string {
	text := strings.Join(strings.Fields(node.String()), " ")
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	return text
}

func syntax(name string, err error) error {
	place, reason := name, err.Error()
	var at yaml.Error
	if errors.As(err, &at) {
		reason = at.GetMessage()
		if token := at.GetToken(); token != nil && token.Position != nil {
			place = fmt.Sprintf("%s:%d:%d", name, token.Position.Line, token.Position.Column)
		}
	}
	return refuse(fmt.Sprintf("%s is not YAML: %s", place, reason), "Mend that line; tabs can't indent, and a text with a colon needs quotes.")
}

func refuse(reason, hint string) error {
	return account.Refused{Code: "V3011", Reason: reason, Hint: hint}
}
