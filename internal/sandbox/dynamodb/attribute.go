package dynamodb

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

const (
	maxNesting = 32
	maxName    = 64 << 10 // bytes of an attribute's name
	maxKeyName = 255      // characters of a key's name (Amazon DynamoDB API Reference, AttributeDefinition)
)

// attribute is an AttributeValue as it comes in, not yet checked.
type attribute struct {
	S    *string
	N    *string
	B    *string
	BOOL *bool
	NULL *bool
	SS   *[]string
	NS   *[]string
	BS   *[]string
	L    *[]attribute
	M    *map[string]attribute
}

// values checks attributes as they came in.
func values(in map[string]attribute) (fields, error) {
	return fieldsOf(in, 0)
}

// fieldsOf checks what stands side by side in an item or a map. A name has at least one character, and at most 64 KB (Amazon
// DynamoDB Developer Guide, "Naming rules").
func fieldsOf(in map[string]attribute, depth int) (fields, error) {
	f := make(fields, len(in))
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if name == "" || len(name) > maxName {
			return nil, invalidParameter("Attribute names have 1 to %d bytes", maxName)
		}
		v, err := in[name].value(depth)
		if err != nil {
			return nil, err
		}
		f[name] = v
	}
	return f, nil
}

// value checks one attribute that stands depth levels below its item.
func (a attribute) value(depth int) (value, error) {
	given := 0
	for _, present := range []bool{
		a.S != nil, a.N != nil, a.B != nil, a.BOOL != nil, a.NULL != nil,
		a.SS != nil, a.NS != nil, a.BS != nil, a.L != nil, a.M != nil,
	} {
		if present {
			given++
		}
	}
	switch {
	case given == 0:
		return value{}, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case given > 1:
		return value{}, invalid(
			"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	switch {
	case a.S != nil:
		return value{kind: kindS, text: *a.S}, nil
	case a.BOOL != nil:
		return value{kind: kindBOOL, flag: *a.BOOL}, nil
	case a.NULL != nil && !*a.NULL:
		return value{}, invalidParameter("Null attribute value types must have the value of true")
	case a.NULL != nil:
		return value{kind: kindNULL, flag: true}, nil
	case a.N != nil:
		n, err := parseNumber(*a.N)
		return numeric(n), err
	case a.B != nil:
		raw, err := decodeBinary(*a.B)
		return value{kind: kindB, text: raw}, err
	case a.L != nil || a.M != nil:
		return a.document(depth + 1)
	default:
		return a.setValue()
	}
}

func (a attribute) document(depth int) (value, error) {
	if depth > maxNesting {
		return value{}, invalid("Nesting Levels have exceeded supported limits")
	}
	if a.L != nil {
		list := make([]value, 0, len(*a.L))
		for _, element := range *a.L {
			v, err := element.value(depth)
			if err != nil {
				return value{}, err
			}
			list = append(list, v)
		}
		return value{kind: kindL, list: list}, nil
	}
	inner, err := fieldsOf(*a.M, depth)
	return value{kind: kindM, fields: inner}, err
}

func (a attribute) setValue() (value, error) {
	switch {
	case a.SS != nil:
		if len(*a.SS) == 0 {
			return value{}, invalidParameter("An string set  may not be empty")
		}
		set := members(kindSS, *a.SS)
		if len(set) != len(*a.SS) {
			return value{}, invalidParameter("Input collection [%s] contains duplicates.", strings.Join(*a.SS, ", "))
		}
		return value{kind: kindSS, set: set}, nil
	case a.NS != nil:
		if len(*a.NS) == 0 {
			return value{}, invalidParameter("An number set  may not be empty")
		}
		texts := make([]string, 0, len(*a.NS))
		for _, text := range *a.NS {
			n, err := parseNumber(text)
			if err != nil {
				return value{}, err
			}
			texts = append(texts, n.String())
		}
		set := members(kindNS, texts)
		if len(set) != len(texts) {
			return value{}, invalid("Input collection contains duplicates")
		}
		return value{kind: kindNS, set: set}, nil
	default:
		if len(*a.BS) == 0 {
			return value{}, invalidParameter("Binary sets should not be empty")
		}
		texts := make([]string, 0, len(*a.BS))
		for _, encoded := range *a.BS {
			raw, err := decodeBinary(encoded)
			if err != nil {
				return value{}, err
			}
			texts = append(texts, raw)
		}
		set := members(kindBS, texts)
		if len(set) != len(texts) {
			return value{}, invalidParameter("Input collection [%s]of type BS contains duplicates.", strings.Join(*a.BS, ", "))
		}
		return value{kind: kindBS, set: set}, nil
	}
}

func decodeBinary(encoded string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil {
		return string(raw), nil
	}
	message := "Invalid last non-pad Base64 character dectected" // spelt as AWS spells it
	if len(encoded)%4 != 0 {
		message = fmt.Sprintf("Base64 encoded length is expected a multiple of 4 bytes but found: %d", len(encoded))
	}
	return "", &wire.Error{Code: "SerializationException", Message: message, Namespace: "com.amazon.coral.service"}
}
