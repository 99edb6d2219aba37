package wire

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decodeForm reads an awsQuery form: "A.B=", "List.member.1=", "Map.entry.1.key=". Where the query protocol spells a
// member differently, the field's query tag says how: `query:"Attribute,flat,key=Name,value=Value"`.
func decodeForm(form url.Values, in any) error {
	root := &node{}
	for key, values := range form {
		if key == "Action" || key == "Version" || strings.HasPrefix(key, "X-Amz-") {
			continue
		}
		n := root
		for part := range strings.SplitSeq(key, ".") {
			n = n.child(part)
		}
		n.value, n.set = values[0], true
	}
	return root.decode("", reflect.ValueOf(in).Elem())
}

// node is a form as a tree: what stands between the dots are the branches.
type node struct {
	value    string
	set      bool
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	c := n.children[name]
	if c == nil {
		c = &node{}
		n.children[name] = c
	}
	return c
}

func (n *node) decode(path string, v reflect.Value) error {
	switch {
	case v.Type() == reflect.TypeFor[Time](), v.Type() == reflect.TypeFor[ISOTime]():
		return n.scalar(path, v)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.decode(path, v.Elem())
	case v.Kind() == reflect.Struct:
		return n.members(path, v)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		return n.list(path, v, false)
	case v.Kind() == reflect.Map:
		return n.entries(path, v, spelling{key: "key", value: "value"})
	default:
		return n.scalar(path, v)
	}
}

func (n *node) members(path string, v reflect.Value) error {
	if n.set && n.value != "" {
		return malformed(path, "a structure was expected")
	}
	names := map[string]bool{}
	for _, f := range fields(v) {
		s := f.spelling
		names[s.name] = true
		c := n.children[s.name]
		if c == nil && s.flat && f.value.Kind() == reflect.Slice {
			if c = n.children[s.member]; c.empty() { // botocore writes an empty flat list as "Member="
				names[s.member] = true
			} else {
				c = nil
			}
		}
		if c == nil {
			continue
		}
		field, at, err := f.value, join(path, s.name), error(nil)
		switch {
		case field.Kind() == reflect.Slice && s.flat:
			err = c.list(at, field, true)
		case field.Kind() == reflect.Map:
			err = c.entries(at, field, s)
		default:
			err = c.decode(at, field)
		}
		if err != nil {
			return err
		}
	}
	return n.onlyThese(path, names)
}

// member is a field of a structure, and how it is spelled.
type member struct {
	value    reflect.Value
	spelling spelling
}

// fields are the members of a structure; those of an embedded one count as its own.
func fields(v reflect.Value) []member {
	var all []member
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("json") == "" {
			all = append(all, fields(v.Field(i))...)
		} else {
			all = append(all, member{v.Field(i), spell(f)})
		}
	}
	return all
}

// empty says that a parameter is there, and has neither a value nor parts.
func (n *node) empty() bool { return n != nil && n.set && n.value == "" && n.children == nil }

func (n *node) list(path string, v reflect.Value, flat bool) error {
	items := n
	if !flat {
		if err := n.onlyThese(path, map[string]bool{"member": true}); err != nil {
			return err
		}
		items = n.children["member"]
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	if items == nil {
		return nil // "List=" is an empty list
	}
	order, err := items.indexes(path)
	if err != nil {
		return err
	}
	for _, i := range order {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := items.children[i].decode(path+"."+i, item); err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
	}
	return nil
}

func (n *node) entries(path string, v reflect.Value, s spelling) error {
	items := n
	if !s.flat {
		if err := n.onlyThese(path, map[string]bool{"entry": true}); err != nil {
			return err
		}
		items = n.children["entry"]
	}
	v.Set(reflect.MakeMap(v.Type()))
	if items == nil {
		return nil
	}
	order, err := items.indexes(path)
	if err != nil {
		return err
	}
	for _, i := range order {
		entry := items.children[i]
		if err := entry.onlyThese(path+"."+i, map[string]bool{s.key: true, s.value: true}); err != nil {
			return err
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if value := entry.children[s.value]; value != nil {
			if err := value.decode(path+"."+i+"."+s.value, item); err != nil {
				return err
			}
		}
		key := entry.children[s.key]
		if key == nil {
			return malformed(path+"."+i, "it has no "+s.key)
		}
		v.SetMapIndex(reflect.ValueOf(key.value).Convert(v.Type().Key()), item)
	}
	return nil
}

func (n *node) scalar(path string, v reflect.Value) error {
	if len(n.children) > 0 {
		return malformed(path, "a single value was expected")
	}
	var err error
	switch {
	case v.Type() == reflect.TypeFor[Time]():
		var t time.Time
		t, err = time.Parse(time.RFC3339, n.value)
		v.Set(reflect.ValueOf(Time{t}))
	case v.Type() == reflect.TypeFor[ISOTime]():
		var t time.Time
		t, err = time.Parse(time.RFC3339, n.value)
		v.Set(reflect.ValueOf(ISOTime{t}))
	case v.Kind() == reflect.String:
		v.SetString(n.value)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(n.value)
		v.SetBool(b)
	case v.CanInt():
		var i int64
		i, err = strconv.ParseInt(n.value, 10, v.Type().Bits())
		v.SetInt(i)
	case v.CanFloat():
		var f float64
		f, err = strconv.ParseFloat(n.value, v.Type().Bits())
		v.SetFloat(f)
	case v.Kind() == reflect.Slice:
		var b []byte
		b, err = base64.StdEncoding.DecodeString(n.value)
		v.SetBytes(b)
	default:
		panic("sandbox: a query form cannot fill " + v.Type().String()) // a programming error: inputs are our own structs
	}
	if err != nil {
		return malformed(path, fmt.Sprintf("%q is no %s", n.value, v.Type()))
	}
	return nil
}

// indexes are the children's numbers, in numeric order.
func (n *node) indexes(path string) ([]string, error) {
	var numbers []int
	for name := range n.children {
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || strconv.Itoa(i) != name {
			return nil, malformed(join(path, name), "a number was expected")
		}
		numbers = append(numbers, i)
	}
	slices.Sort(numbers)
	names := make([]string, len(numbers))
	for i, number := range numbers {
		names[i] = strconv.Itoa(number)
	}
	return names, nil
}

func (n *node) onlyThese(path string, names map[string]bool) error {
	for name := range n.children {
		if !names[name] {
			return &Unsupported{What: fmt.Sprintf("parameter %q", join(path, name))}
		}
	}
	return nil
}

func malformed(path, why string) error { return Fail("MalformedInput", path+": "+why) }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// spelling is how a member is written in the query protocol.
type spelling struct {
	name       string
	member     string // name in the JSON protocols
	flat       bool
	item       bool   // a list's elements are called item
	key, value string // names inside a map's entry
	omit       bool   // leave out the zero value
}

func spell(f reflect.StructField) spelling {
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		name = f.Name
	}
	s := spelling{name: name, member: name, key: "key", value: "value", omit: strings.Contains(options, "omit")}
	tag := f.Tag.Get("query")
	if tag == "" {
		return s
	}
	for i, part := range strings.Split(tag, ",") {
		switch {
		case i == 0 && part != "":
			s.name = part
		case part == "flat":
			s.flat = true
		case part == "item":
			s.item = true
		case strings.HasPrefix(part, "key="):
			s.key = part[len("key="):]
		case strings.HasPrefix(part, "value="):
			s.value = part[len("value="):]
		}
	}
	return s
}
