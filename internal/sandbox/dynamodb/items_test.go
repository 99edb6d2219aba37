package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, sent, kept string }{
		{"an integer stays", "42", "42"},
		{"superfluous zeros go", "00012.3400", "12.34"},
		{"a plus goes", "+7", "7"},
		{"minus zero is zero", "-0.00", "0"},
		{"an exponent is written out", "1E3", "1000"},
		{"a small exponent is written out", "-1.5e-5", "-0.000015"},
		{"a point needs no digits before it", ".5", "0.5"},
		{"38 digits are kept", "-12345678901234567890123456789012345678", "-12345678901234567890123456789012345678"},
		{"the largest", "9.9999999999999999999999999999999999999E+125", strings.Repeat("9", 38) + strings.Repeat("0", 88)},
		{"the smallest", "1E-130", "0." + strings.Repeat("0", 129) + "1"},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"n"},"n":{"N":"`+test.sent+`"}}}`)
		l.expect(test.sentence, l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"n"}},"ProjectionExpression":"n"}`),
			`{"Item":{"n":{"N":"`+test.kept+`"}}}`)
	}
}

func TestValuesThatAreRefused(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat(`{"L":[`, 33) + strings.Repeat(`]}`, 33)
	tests := []struct{ sentence, value, says string }{
		{"no kind", `{}`, `Supplied AttributeValue is empty, must contain exactly one of the supported datatypes`},
		{"two kinds", `{"S":"a","N":"1"}`, `Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes`},
		{"an empty set of strings", `{"SS":[]}`, `One or more parameter values were invalid: An string set  may not be empty`},
		{"an empty set of numbers", `{"NS":[]}`, `One or more parameter values were invalid: An number set  may not be empty`},
		{"an empty set of binaries", `{"BS":[]}`, `One or more parameter values were invalid: Binary sets should not be empty`},
		{"a string twice", `{"SS":["b","a","b"]}`, `One or more parameter values were invalid: Input collection [b, a, b] contains duplicates.`},
		{"a number twice, spelt differently", `{"NS":["1","1.0"]}`, `Input collection contains duplicates`},
		{"a binary twice", `{"BS":["YQ==","YQ=="]}`, `One or more parameter values were invalid: Input collection [YQ==, YQ==]of type BS contains duplicates.`},
		{"a null that is false", `{"NULL":false}`, `One or more parameter values were invalid: Null attribute value types must have the value of true`},
		{"a number that is empty", `{"N":""}`, `The parameter cannot be converted to a numeric value`},
		{"a number that is none", `{"N":"1e"}`, `The parameter cannot be converted to a numeric value: 1e`},
		{"a number that is not finite", `{"N":"Infinity"}`, `The parameter cannot be converted to a numeric value: Infinity`},
		{"39 digits", `{"N":"123456789012345678901234567890123456789"}`, `Attempting to store more than 38 significant digits in a Number`},
		{"too large a number", `{"N":"1E126"}`, `Number overflow. Attempting to store a number with magnitude larger than supported range`},
		{"too small a number", `{"N":"1E-131"}`, `Number underflow. Attempting to store a number with magnitude smaller than supported range`},
		{"a bad value deep within", `{"M":{"a":{"L":[{"N":"x"}]}}}`, `The parameter cannot be converted to a numeric value: x`},
		{"a name without a character", `{"M":{"":{"S":"a"}}}`, `One or more parameter values were invalid: Attribute names have 1 to 65536 bytes`},
		{"33 levels", nested, `Nesting Levels have exceeded supported limits`},
		{"too much", `{"S":"` + strings.Repeat("x", 400*1024) + `"}`, `Item size has exceeded the maximum allowed size`},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		got := l.refused("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"v":`+test.value+`}}`)
		if want := "ValidationException: " + test.says; got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
}

func TestWhatFitsExactly(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	room := 400*1024 - len("pk") - len("a") - len("sk") - len("1") - len("v")
	l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"v":{"S":"`+strings.Repeat("x", room)+`"}}}`)
	got := l.refused("UpdateItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":"SET w = :v",
		"ExpressionAttributeValues":{":v":{"BOOL":true}}}`)
	if want := "ValidationException: Item size to update has exceeded the maximum allowed size"; got != want {
		t.Errorf("one byte more: got %s, want %s", got, want)
	}
	l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"2"},"v":`+strings.Repeat(`{"L":[`, 32)+strings.Repeat(`]}`, 32)+`}}`)
	l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"3"},"v":{"S":""},"w":{"B":""},"x":{"SS":[""]},"y":{"L":[]},"z":{"M":{}}}}`)
	l.expect("empty values are kept", l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"3"}},"ProjectionExpression":"v,w,x,y,z"}`),
		`{"Item":{"v":{"S":""},"w":{"B":""},"x":{"SS":[""]},"y":{"L":[]},"z":{"M":{}}}}`)
}

func TestKeysThatAreRefused(t *testing.T) {
	t.Parallel()
	mismatch := `The provided key element does not match the schema`
	tests := []struct{ sentence, operation, attributes, says string }{
		{"a part is missing", "GetItem", `{"pk":{"S":"a"}}`, mismatch},
		{"a part has the wrong type", "DeleteItem", `{"pk":{"S":"a"},"sk":{"N":"1"}}`, mismatch},
		{"there is one too many", "UpdateItem", `{"pk":{"S":"a"},"sk":{"S":"1"},"x":{"S":"1"}}`, mismatch},
		{
			"a part is empty", "GetItem", `{"pk":{"S":"a"},"sk":{"S":""}}`,
			`One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: sk`,
		},
		{"an item lacks a part", "PutItem", `{"pk":{"S":"a"}}`, `One or more parameter values were invalid: Missing the key sk in the item`},
		{
			"an item's part has the wrong type", "PutItem", `{"pk":{"S":"a"},"sk":{"BOOL":true}}`,
			`One or more parameter values were invalid: Type mismatch for key sk expected: S actual: BOOL`,
		},
		{
			"an index key has the wrong type", "PutItem", `{"pk":{"S":"a"},"sk":{"S":"1"},"due":{"S":"now"}}`,
			`One or more parameter values were invalid: Type mismatch for Index Key due Expected: N Actual: S IndexName: timer`,
		},
		{
			"an index key is empty", "PutItem", `{"pk":{"S":"a"},"sk":{"S":"1"},"lane":{"S":""}}`,
			`One or more parameter values are not valid. A value specified for a secondary index key is not supported. ` +
				`The AttributeValue for a key attribute cannot contain an empty string value. IndexName: timer, IndexKey: lane`,
		},
		{
			"a partition key is too long", "PutItem", `{"pk":{"S":"` + strings.Repeat("é", 1025) + `"},"sk":{"S":"1"}}`,
			`One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes`,
		},
		{
			"a sort key is too long", "GetItem", `{"pk":{"S":"a"},"sk":{"S":"` + strings.Repeat("x", 1025) + `"}}`,
			`One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes`,
		},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		member := "Key"
		if test.operation == "PutItem" {
			member = "Item"
		}
		got := l.refused(test.operation, fmt.Sprintf(`{"TableName":"queue",%q:%s}`, member, test.attributes))
		if want := "ValidationException: " + test.says; got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
}

func TestProjections(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, projection, item string }{
		{"attributes by name", `s, nope, n`, `{"s":{"S":"hello"},"n":{"N":"10"}}`},
		{"a field of a map, in its map", `m.k`, `{"m":{"M":{"k":{"S":"v"}}}}`},
		{"elements of a list, closed up", `l[2].deep, l[0], l[9]`, `{"l":{"L":[{"S":"one"},{"M":{"deep":{"S":"down"}}}]}}`},
		{"nothing of an item that exists", `nope, s.t`, `{}`},
	}
	l := newLand(t).queue()
	l.must("PutItem", `{"TableName":"queue","Item":`+rich+`}`)
	for _, test := range tests {
		in := fmt.Sprintf(`{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ProjectionExpression":%s}`, quoted(test.projection))
		l.expect(test.sentence, l.must("GetItem", in), `{"Item":`+test.item+`}`)
	}
	l.expect("an item that does not exist", l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"2"}}}`), `{}`)
	l.expect("everything", l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`),
		`{"Item":`+strings.Replace(rich, `"2.50"`, `"2.5"`, 1)+`}`)
	got := l.refused("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ProjectionExpression":"m.k, m"}`)
	want := "ValidationException: Invalid ProjectionExpression: Two document paths overlap with each other; " +
		"must remove or rewrite one of these paths; path one: [m, k], path two: [m]"
	if got != want {
		t.Errorf("overlapping paths: got %s, want %s", got, want)
	}
}

func TestWhatIsNotImplementedSaysSo(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, operation, in string }{
		{"conditions of old", "PutItem", `{"TableName":"queue","Item":{},"Expected":{"a":{"Exists":false}}}`},
		{"updates of old", "UpdateItem", `{"TableName":"queue","Key":{},"AttributeUpdates":{}}`},
		{"projections of old", "GetItem", `{"TableName":"queue","Key":{},"AttributesToGet":["a"]}`},
		{"key conditions of old", "Query", `{"TableName":"queue","KeyConditions":{}}`},
		{"filters of old", "Scan", `{"TableName":"queue","ScanFilter":{}}`},
		{"streams", "CreateTable", `{"TableName":"new","StreamSpecification":{"StreamEnabled":true}}`},
		{"local secondary indexes", "CreateTable", `{"TableName":"new","LocalSecondaryIndexes":[]}`},
		{"new indexes", "UpdateTable", `{"TableName":"queue","GlobalSecondaryIndexUpdates":[]}`},
		{"tables elsewhere", "GetItem", `{"TableName":"arn:aws:dynamodb:eu-west-1:999999999999:table/queue","Key":{"pk":{"S":"a"}}}`},
		{"PartiQL", "ExecuteStatement", `{}`},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		if got := l.refused(test.operation, test.in); !strings.HasPrefix(got, "NotImplemented: the sandbox does not implement ") {
			t.Errorf("%s: got %s", test.sentence, got)
		}
	}
}

func TestRequestsThatAreIncomplete(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, operation, in, says string }{
		{
			"nothing", "GetItem", `{}`,
			`ValidationException: 2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null; ` +
				`Value null at 'key' failed to satisfy constraint: Member must not be null`,
		},
		{
			"a choice that is none", "PutItem", `{"TableName":"queue","Item":{},"ReturnValues":"EVERYTHING"}`,
			`ValidationException: 1 validation error detected: Value 'EVERYTHING' at 'returnValues' failed to satisfy constraint: ` +
				`Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]`,
		},
		{
			"a name that is none", "GetItem", `{"TableName":"a b","Key":{}}`,
			`ValidationException: 1 validation error detected: Value 'a b' at 'tableName' failed to satisfy constraint: ` +
				`Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
		},
		{"a table that is not there", "GetItem", `{"TableName":"nope","Key":{"pk":{"S":"a"}}}`, `ResourceNotFoundException: Requested resource not found`},
		{"an index that is not there", "Query", `{"TableName":"queue","IndexName":"nope","KeyConditionExpression":"pk = :v",
			"ExpressionAttributeValues":{":v":{"S":"a"}}}`, `ValidationException: The table does not have the specified index: nope`},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		if got := l.refused(test.operation, test.in); got != test.says {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, test.says)
		}
	}
}
