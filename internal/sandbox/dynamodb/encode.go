package dynamodb

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
)

// Answers of a table are most of what the sandbox ever writes, so attributes are appended to one buffer: as a map of maps
// through encoding/json each of them costs five allocations and is read over again at each level that it stands in.

// MarshalJSON writes attributes as a map of AttributeValues, in the order of their names.
func (f fields) MarshalJSON() ([]byte, error) {
	return f.append(make([]byte, 0, 2*f.size()+32*len(f)+2)), nil
}

// MarshalJSON writes the value as an AttributeValue.
func (v value) MarshalJSON() ([]byte, error) { return v.append(nil), nil }

func (f fields) append(b []byte) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(f)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, name), ':')
		b = f[name].append(b)
	}
	return append(b, '}')
}

func (v value) append(b []byte) []byte {
	b = append(b, `{"`...)
	b = append(b, v.kind...)
	b = append(b, `":`...)
	switch v.kind {
	case kindS, kindN:
		b = appendText(b, v.text)
	case kindB:
		b = appendBinary(b, v.text)
	case kindBOOL, kindNULL:
		if v.flag {
			b = append(b, "true"...)
		} else {
			b = append(b, "false"...)
		}
	case kindSS, kindNS:
		b = appendList(b, v.set, appendText)
	case kindBS:
		b = appendList(b, v.set, appendBinary)
	case kindL:
		b = appendList(b, v.list, func(b []byte, element value) []byte { return element.append(b) })
	case kindM:
		b = v.fields.append(b)
	default:
		panic("sandbox: a value without a kind") // a programming error: values are made of what was read
	}
	return append(b, '}')
}

func appendList[E any](b []byte, elements []E, one func([]byte, E) []byte) []byte {
	b = append(b, '[')
	for i, element := range elements {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, element)
	}
	return append(b, ']')
}

func appendBinary(b []byte, raw string) []byte {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, []byte(raw))
	return append(b, '"')
}

// appendText leaves to encoding/json whatever is more than plain ASCII.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(text) // a string always can
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}
