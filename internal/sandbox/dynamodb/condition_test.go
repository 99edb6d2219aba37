package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
)

// rich is an item with a value of every kind.
const rich = `{"pk":{"S":"a"},"sk":{"S":"1"},"s":{"S":"hello"},"n":{"N":"10"},"b":{"B":"aGVsbG8="},"yes":{"BOOL":true},
	"nil":{"NULL":true},"ss":{"SS":["x","y"]},"ns":{"NS":["1","2.50"]},"bs":{"BS":["YQ=="]},
	"l":{"L":[{"S":"one"},{"N":"2"},{"M":{"deep":{"S":"down"}}}]},"m":{"M":{"k":{"S":"v"},"n":{"N":"-1"}}}}`

func TestConditions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sentence, condition, values string
		holds                       bool
	}{
		{"equal strings are equal", `s = :v`, `":v":{"S":"hello"}`, true},
		{"a string equals no number", `n = :v`, `":v":{"S":"10"}`, false},
		{"numbers are equal whatever their spelling", `n = :v`, `":v":{"N":"1.0E1"}`, true},
		{"numbers compare as numbers", `n > :v`, `":v":{"N":"9"}`, true},
		{"strings compare byte by byte", `s < :v`, `":v":{"S":"hellp"}`, true},
		{"binaries compare byte by byte", `b <= :v`, `":v":{"B":"aGVsbG8="}`, true},
		{"values of different kinds are in no order", `s < :v`, `":v":{"N":"1"}`, false},
		{"sets are equal in any order", `ss = :v`, `":v":{"SS":["y","x"]}`, true},
		{"lists are equal in the same order only", `l = :v`, `":v":{"L":[{"N":"2"},{"S":"one"}]}`, false},
		{"maps are equal field by field", `m = :v`, `":v":{"M":{"n":{"N":"-1"},"k":{"S":"v"}}}`, true},
		{"what is missing equals nothing", `nope = :v`, `":v":{"S":"hello"}`, false},
		{"what is missing differs from everything", `nope <> :v`, `":v":{"S":"hello"}`, true},
		{"what is missing is in no order", `nope < :v`, `":v":{"S":"hello"}`, false},
		{"two attributes can be compared", `s <> n`, ``, true},
		{"a value may stand first", `:v < n`, `":v":{"N":"9"}`, true},
		{"between includes both bounds", `n BETWEEN :v AND :w`, `":v":{"N":"10"},":w":{"N":"10"}`, true},
		{"between is false outside", `n between :v and :w`, `":v":{"N":"11"},":w":{"N":"12"}`, false},
		{"in finds one of many", `s IN (:v, :w)`, `":v":{"N":"1"},":w":{"S":"hello"}`, true},
		{"in finds none", `nope IN (:v)`, `":v":{"S":"hello"}`, false},
		{"an attribute exists", `attribute_exists(m.k)`, ``, true},
		{"an element does not exist", `attribute_not_exists(l[3])`, ``, true},
		{"a null exists", `attribute_exists(nil)`, ``, true},
		{"a type is told", `attribute_type(ns, :v)`, `":v":{"S":"NS"}`, true},
		{"a string begins with another", `begins_with(s, :v)`, `":v":{"S":"hel"}`, true},
		{"a number begins with nothing", `begins_with(n, :v)`, `":v":{"S":"1"}`, false},
		{"a string contains another", `contains(s, :v)`, `":v":{"S":"ell"}`, true},
		{"a set contains a member", `contains(ns, :v)`, `":v":{"N":"2.5"}`, true},
		{"a set of numbers contains no string", `contains(ns, :v)`, `":v":{"S":"1"}`, false},
		{"a list contains an element", `contains(l, :v)`, `":v":{"N":"2"}`, true},
		{"a list contains a map", `contains(l, :v)`, `":v":{"M":{"deep":{"S":"down"}}}`, true},
		{"the size of a string is its length", `size(s) = :v`, `":v":{"N":"5"}`, true},
		{"the size of a list is how many it has", `size(l) > :v`, `":v":{"N":"2"}`, true},
		{"a number has no size", `size(n) > :v`, `":v":{"N":"0"}`, false},
		{"a path goes through lists and maps", `l[2].deep = :v`, `":v":{"S":"down"}`, true},
		{"not turns around", `NOT s = :v`, `":v":{"S":"x"}`, true},
		{"and binds tighter than or", `s = :v OR s = :w AND s = :w`, `":v":{"S":"hello"},":w":{"S":"x"}`, true},
		{"parentheses bind tightest", `(s = :v OR s = :w) AND s = :w`, `":v":{"S":"hello"},":w":{"S":"x"}`, false},
		{"not binds tighter than and", `NOT s = :w AND s = :w`, `":w":{"S":"x"}`, false},
		{"not may be doubled", `NOT NOT s = :v`, `":v":{"S":"hello"}`, true},
		{"an operand may stand in parentheses", `(s) = (:v)`, `":v":{"S":"hello"}`, true},
		{"blanks and line ends do not matter", "\ts\n=\r:v ", `":v":{"S":"hello"}`, true},
	}
	l := newLand(t).queue()
	l.must("PutItem", `{"TableName":"queue","Item":`+rich+`}`)
	for _, test := range tests {
		in := fmt.Sprintf(`{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":"SET seen = if_not_exists(seen, pk)",
			"ConditionExpression":%s`, quoted(test.condition))
		if test.values != "" {
			in += `,"ExpressionAttributeValues":{` + test.values + `}`
		}
		if out := l.call("UpdateItem", in+"}"); (out == "{}") != test.holds {
			t.Errorf("%s: %s answers %s", test.sentence, test.condition, out)
		}
	}
}

func TestConditionsThatAreRefused(t *testing.T) {
	t.Parallel()
	v := `":v":{"S":"x"}`
	tests := []struct{ sentence, condition, values, says string }{
		{"a reserved word", `status = :v`, v, `Attribute name is a reserved keyword; reserved keyword: status`},
		{"a reserved word within a path", `a.Owner = :v`, v, `Attribute name is a reserved keyword; reserved keyword: Owner`},
		{"an undefined name", `#a = :v`, v, `An expression attribute name used in the document path is not defined; attribute name: #a`},
		{
			"an undefined value", `a = :w AND a = :v`, v,
			`An expression attribute value used in expression is not defined; attribute value: :w`,
		},
		{"an end too soon", `a = :v AND`, v, `Syntax error; token: "<EOF>", near: "AND"`},
		{"an operator at the beginning", `AND a = :v`, v, `Syntax error; token: "AND", near: "AND a"`},
		{"a bare operand", `a`, ``, `Syntax error; token: "<EOF>", near: "a"`},
		{"two conditions in a row", `a = :v b = :v`, v, `Syntax error; token: "b", near: ":v b ="`},
		{"a name that begins with a digit", `1a = :v`, v, `Syntax error; token: "1", near: "1a"`},
		{"a strange character", `a = :v;`, v, `Syntax error; token: ";", near: ":v;"`},
		{"an index that is no number", `a[-1] = :v`, v, `Syntax error; token: "-", near: "[-1"`},
		{"an index beyond all bounds", `a[99999999999999999999] = :v`, v, `Syntax error; token: "99999999999999999999", near: "[99999999999999999999]"`},
		{"an empty condition", ``, ``, `The expression can not be empty;`},
		{"redundant parentheses", `((a = :v))`, v, `The expression has redundant parentheses;`},
		{"redundant parentheses around an operand", `((a)) = :v`, v, `The expression has redundant parentheses;`},
		{"an unknown function", `exists(a)`, ``, `Invalid function name; function: exists`},
		{"a function in capitals", `SIZE(a) = :v`, v, `Invalid function name; function: SIZE`},
		{"a size alone", `size(a)`, ``, `The function is not allowed to be used this way in an expression; function: size`},
		{
			"a condition as an operand", `attribute_exists(contains(a, b))`, ``,
			`The function is not allowed to be used this way in an expression; function: contains`,
		},
		{
			"too many operands", `attribute_exists(a, b)`, ``,
			`Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2`,
		},
		{
			"a value where a path belongs", `attribute_exists(:v)`, v,
			`Operator or function requires a document path; operator or function: attribute_exists`,
		},
		{
			"a number to begin with", `begins_with(a, :v)`, `":v":{"N":"1"}`,
			`Incorrect operand type for operator or function; operator or function: begins_with, operand type: N`,
		},
		{"a type that is none", `attribute_type(a, :v)`, v, `Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`},
		{
			"the same path twice", `a = a`, ``,
			`The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]`,
		},
		{
			"bounds the wrong way round", `a BETWEEN :v AND :w`, `":v":{"N":"2"},":w":{"N":"1"}`,
			`The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ` +
				`lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}`,
		},
		{
			"bounds of two kinds", `a BETWEEN :v AND :w`, `":v":{"N":"2"},":w":{"S":"1"}`,
			`The BETWEEN operator requires same data type for lower and upper bounds; ` +
				`lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {S:1}`,
		},
		{"an order of sets", `a < :v`, `":v":{"SS":["a"]}`, `Incorrect operand type for operator or function; operator: <, operand type: STRING_SET`},
		{"an overlong expression", strings.Repeat(" ", 4091) + `a = :v`, v, `Expression size has exceeded the maximum allowed size; expression size: 4097`},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		in := fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"}},"ConditionExpression":%s`, quoted(test.condition))
		if test.values != "" {
			in += `,"ExpressionAttributeValues":{` + test.values + `}`
		}
		want := "ValidationException: Invalid ConditionExpression: " + test.says
		if got := l.refused("PutItem", in+"}"); got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, members, says string }{
		{
			"a value that is not used", `"ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"S":"a"},":w":{"S":"b"}}`,
			`Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}`,
		},
		{
			"a name that is not used", `"ConditionExpression":"a = b","ExpressionAttributeNames":{"#c":"c","#d":"d"}`,
			`Value provided in ExpressionAttributeNames unused in expressions: keys: {#c, #d}`,
		},
		{
			"values without an expression", `"ExpressionAttributeValues":{":v":{"S":"a"}}`,
			`ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null`,
		},
		{
			"names without an expression", `"ExpressionAttributeNames":{"#v":"a"}`,
			`ExpressionAttributeNames can only be specified when using expressions`,
		},
		{"no values", `"ConditionExpression":"a = b","ExpressionAttributeValues":{}`, `ExpressionAttributeValues must not be empty`},
		{"no names", `"ConditionExpression":"a = b","ExpressionAttributeNames":{}`, `ExpressionAttributeNames must not be empty`},
		{
			"a value without its colon", `"ConditionExpression":"a = b","ExpressionAttributeValues":{"v":{"S":"a"}}`,
			`ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`,
		},
		{
			"a name without its hash", `"ConditionExpression":"a = b","ExpressionAttributeNames":{"v":"a"}`,
			`ExpressionAttributeNames contains invalid key: Syntax error; key: "v"`,
		},
		{
			"a value that is none", `"ConditionExpression":"a = :v","ExpressionAttributeValues":{":v":{"N":"one"}}`,
			`ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: one for key :v`,
		},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		got := l.refused("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"}},`+test.members+`}`)
		if want := "ValidationException: " + test.says; got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
	l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"}},"ConditionExpression":"attribute_not_exists(#s)",
		"ExpressionAttributeNames":{"#s":"status"}}`)
}
