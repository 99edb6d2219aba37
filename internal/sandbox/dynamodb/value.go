package dynamodb

import (
	"cmp"
	"slices"
	"strings"
)

// kind is the data type of a value, as its descriptor on the wire.
type kind string

const (
	kindS    kind = "S"
	kindN    kind = "N"
	kindB    kind = "B"
	kindBOOL kind = "BOOL"
	kindNULL kind = "NULL"
	kindSS   kind = "SS"
	kindNS   kind = "NS"
	kindBS   kind = "BS"
	kindL    kind = "L"
	kindM    kind = "M"
)

// words are the kinds as error messages of operators call them.
var words = map[kind]string{
	kindS: "STRING", kindN: "NUMBER", kindB: "BINARY", kindBOOL: "BOOLEAN", kindNULL: "NULL", kindL: "LIST", kindM: "MAP",
	kindSS: "STRING_SET", kindNS: "NUMBER_SET", kindBS: "BINARY_SET",
}

func (k kind) set() bool { return k == kindSS || k == kindNS || k == kindBS }

// value is one attribute value. Values are never changed in place once they belong to an item.
type value struct {
	kind   kind
	text   string   // S; the bytes of a B; a canonical N
	flag   bool     // BOOL
	set    []string // SS, NS, BS: members like text, in order
	list   []value  // L
	fields fields   // M
}

// fields are attributes by name: an item, a key, or a map.
type fields map[string]value

// item is what a table holds under one key.
type item struct {
	fields fields
	size   int
}

func newItem(f fields) *item { return &item{fields: f, size: f.size()} }

func numeric(n number) value { return value{kind: kindN, text: n.String()} }

// number is the number of a value of kind N.
func (v value) number() number {
	n, _ := scanNumber(v.text)
	return n
}

func (v value) equal(w value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case kindL:
		return slices.EqualFunc(v.list, w.list, value.equal)
	case kindM:
		return v.fields.equal(w.fields)
	default:
		return v.text == w.text && v.flag == w.flag && slices.Equal(v.set, w.set)
	}
}

func (f fields) equal(g fields) bool {
	if len(f) != len(g) {
		return false
	}
	for name, v := range f {
		if w, ok := g[name]; !ok || !v.equal(w) {
			return false
		}
	}
	return true
}

// compare orders two values of the same scalar kind; it is false for all others.
func (v value) compare(w value) (int, bool) {
	switch {
	case v.kind != w.kind:
		return 0, false
	case v.kind == kindN:
		return v.number().compare(w.number()), true
	case v.kind == kindS || v.kind == kindB:
		return cmp.Compare(v.text, w.text), true
	default:
		return 0, false
	}
}

// contains is the function of that name (DynamoDB Developer Guide, "Condition and filter expressions, operators, and
// functions"): a substring of a string, a member of a set or of a list.
func (v value) contains(w value) bool {
	switch v.kind {
	case kindS, kindB:
		return v.kind == w.kind && strings.Contains(v.text, w.text)
	case kindSS, kindNS, kindBS:
		return v.kind == w.kind+"S" && slices.Contains(v.set, w.text)
	case kindL:
		return slices.ContainsFunc(v.list, w.equal)
	default:
		return false
	}
}

// length is what the function size says; false for a kind that has none.
func (v value) length() (int, bool) {
	switch v.kind {
	case kindS, kindB:
		return len(v.text), true
	case kindSS, kindNS, kindBS:
		return len(v.set), true
	case kindL:
		return len(v.list), true
	case kindM:
		return len(v.fields), true
	default:
		return 0, false
	}
}

// size counts bytes as the limits and capacity units do (DynamoDB Developer Guide, "DynamoDB item sizes and formats").
func (v value) size() int {
	switch v.kind {
	case kindS, kindB:
		return len(v.text)
	case kindN:
		return v.number().size()
	case kindSS, kindBS, kindNS:
		total := 0
		for _, member := range v.set {
			total += value{kind: v.kind[:1], text: member}.size()
		}
		return total
	case kindL:
		total := 3
		for _, element := range v.list {
			total += 1 + element.size()
		}
		return total
	case kindM:
		return 3 + len(v.fields) + v.fields.size()
	default:
		return 1
	}
}

func (f fields) size() int {
	total := 0
	for name, v := range f {
		total += len(name) + v.size()
	}
	return total
}

// depth is how many lists and maps stand in each other.
func (v value) depth() int {
	deepest := 0
	for _, element := range v.list {
		deepest = max(deepest, element.depth())
	}
	for _, field := range v.fields {
		deepest = max(deepest, field.depth())
	}
	if v.kind == kindL || v.kind == kindM {
		deepest++
	}
	return deepest
}

// clone copies lists and maps, so that the copy may be changed in place.
func (v value) clone() value {
	switch v.kind {
	case kindL:
		list := make([]value, len(v.list))
		for i, element := range v.list {
			list[i] = element.clone()
		}
		v.list = list
	case kindM:
		copied := make(fields, len(v.fields))
		for name, field := range v.fields {
			copied[name] = field.clone()
		}
		v.fields = copied
	}
	return v
}

// members makes a set's members out of texts: sorted, each once.
func members(k kind, texts []string) []string {
	sorted := slices.Clone(texts)
	if k == kindNS {
		slices.SortFunc(sorted, func(a, b string) int {
			x, _ := scanNumber(a)
			y, _ := scanNumber(b)
			return x.compare(y)
		})
	} else {
		slices.Sort(sorted)
	}
	return slices.Compact(sorted)
}
