package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestUpdates(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, update, values, attributes string }{
		{"set replaces", `SET s = :v`, `":v":{"BOOL":false}`, `{"s":{"BOOL":false}}`},
		{"set makes a new attribute", `SET fresh = :v`, `":v":{"S":""}`, `{"fresh":{"S":""}}`},
		{"set copies another attribute", `SET twin = m`, ``, `{"twin":{"M":{"k":{"S":"v"},"n":{"N":"-1"}}}}`},
		{"set adds", `SET n = n + :v`, `":v":{"N":"0.5"}`, `{"n":{"N":"10.5"}}`},
		{"set subtracts", `SET n = :v - n`, `":v":{"N":"3"}`, `{"n":{"N":"-7"}}`},
		{"a difference may be zero", `SET n = n - n2, n2 = n`, ``, `{"n":{"N":"0"},"n2":{"N":"10"}}`},
		{"set takes a default", `SET fresh = if_not_exists(fresh, :v) + :w`, `":v":{"N":"0"},":w":{"N":"1"}`, `{"fresh":{"N":"1"}}`},
		{"set keeps what is there", `SET n = if_not_exists(n, :v)`, `":v":{"N":"0"}`, `{"n":{"N":"10"}}`},
		{"a default may be another attribute", `SET fresh = if_not_exists(nope, s)`, ``, `{"fresh":{"S":"hello"}}`},
		{
			"lists are joined", `SET l = list_append(:v, l)`, `":v":{"L":[{"S":"zero"}]}`,
			`{"l":{"L":[{"S":"zero"},{"S":"one"},{"N":"2"},{"M":{"deep":{"S":"down"}}}]}}`,
		},
		{"an element is set", `SET l[1] = :v`, `":v":{"S":"two"}`, `{"l":{"L":[{"S":"two"}]}}`},
		{"set goes deep", `SET l[2].deep = :v, m.n = m.n + :w`, `":v":{"S":"up"},":w":{"N":"1"}`, `{"l":{"L":[{"M":{"deep":{"S":"up"}}}]},"m":{"M":{"n":{"N":"0"}}}}`},
		{"all operands mean the item as it was", `SET n = :v, former = n`, `":v":{"N":"1"}`, `{"n":{"N":"1"},"former":{"N":"10"}}`},
		{"remove takes away", `REMOVE s, nope`, ``, ``},
		{"add makes a number", `ADD tries :v`, `":v":{"N":"1"}`, `{"tries":{"N":"1"}}`},
		{"add counts", `ADD n :v`, `":v":{"N":"-0.01"}`, `{"n":{"N":"9.99"}}`},
		{"add makes a set", `ADD fresh :v`, `":v":{"SS":["b","a"]}`, `{"fresh":{"SS":["a","b"]}}`},
		{"add puts members into a set, each once", `ADD ns :v`, `":v":{"NS":["1.0","-3"]}`, `{"ns":{"NS":["-3","1","2.5"]}}`},
		{"delete takes members out of a set", `DELETE ss :v`, `":v":{"SS":["x","q"]}`, `{"ss":{"SS":["y"]}}`},
		{"a set without members is gone", `DELETE ss :v`, `":v":{"SS":["x","y"]}`, ``},
		{"deleting from nothing does nothing", `DELETE nope :v`, `":v":{"SS":["x"]}`, ``},
		{
			"sections come in any order and case", `delete ss :x remove s set n = :n add ns :y`,
			`":x":{"SS":["x"]},":n":{"N":"1"},":y":{"NS":["7"]}`, `{"ss":{"SS":["y"]},"n":{"N":"1"},"ns":{"NS":["1","2.5","7"]}}`,
		},
		{"names stand for anything", `SET m.#dotted = :v`, `":v":{"S":"w"}`, `{"m":{"M":{"a.b":{"S":"w"}}}}`},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		l.must("PutItem", `{"TableName":"queue","Item":`+rich[:len(rich)-1]+`,"n2":{"N":"10"}}}`)
		in := fmt.Sprintf(`{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ReturnValues":"UPDATED_NEW","UpdateExpression":%s`,
			quoted(test.update))
		if test.values != "" {
			in += `,"ExpressionAttributeValues":{` + test.values + `}`
		}
		if strings.Contains(test.update, "#dotted") {
			in += `,"ExpressionAttributeNames":{"#dotted":"a.b"}`
		}
		want := `{}`
		if test.attributes != "" {
			want = `{"Attributes":` + test.attributes + `}`
		}
		l.expect(test.sentence, l.must("UpdateItem", in+"}"), want)
	}
}

func TestListsInUpdates(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, update, list string }{
		{"indexes mean the list as it was", `REMOVE l[0], l[1]`, `[{"N":"2"},{"N":"3"}]`},
		{"the order of removals does not matter", `REMOVE l[3], l[0]`, `[{"N":"1"},{"N":"2"}]`},
		{"what is behind the end is appended, in the order of its indexes", `SET l[20] = :y, l[9] = :x`, `[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"},{"S":"x"},{"S":"y"}]`},
		{"setting and removing do not disturb each other", `SET l[2] = :x, l[7] = :y REMOVE l[0], l[9]`, `[{"N":"1"},{"S":"x"},{"N":"3"},{"S":"y"}]`},
		{"an emptied list stays", `SET a = :x, b = :y REMOVE l[0], l[1], l[2], l[3]`, `[]`},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}}}`)
		in := fmt.Sprintf(`{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":%s`, quoted(test.update))
		if test.update[0] == 'S' {
			in += `,"ExpressionAttributeValues":{":x":{"S":"x"},":y":{"S":"y"}}`
		}
		l.must("UpdateItem", in+"}")
		l.expect(test.sentence, l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ProjectionExpression":"l"}`),
			`{"Item":{"l":{"L":`+test.list+`}}}`)
	}
}

func TestUpdatesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, update, values, says string }{
		{"a reserved word", `SET owner = :v`, `":v":{"S":"a"}`, `Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: owner`},
		{"nothing", ``, ``, `Invalid UpdateExpression: The expression can not be empty;`},
		{"an unknown section", `PUT a`, ``, `Invalid UpdateExpression: Syntax error; token: "PUT", near: "PUT a"`},
		{"a section twice", `SET a = b SET c = d`, ``, `Invalid UpdateExpression: The "SET" section can only be used once in an update expression;`},
		{"a comma at the end", `REMOVE a,`, ``, `Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ","`},
		{"three summands", `SET a = b + c + d`, ``, `Invalid UpdateExpression: Syntax error; token: "+", near: "c + d"`},
		{
			"an attribute twice", `SET a = :v, a = :v`, `":v":{"S":"a"}`,
			`Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]`,
		},
		{
			"an attribute and a part of it", `SET m.k = :v REMOVE m`, `":v":{"S":"a"}`,
			`Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, k], path two: [m]`,
		},
		{
			"a map that is a list", `SET m.k = :v, m[0] = :v`, `":v":{"S":"a"}`,
			`Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, k], path two: [m, [0]]`,
		},
		{"an unknown function", `SET a = size(b)`, ``, `Invalid UpdateExpression: Invalid function name; function: size`},
		{
			"a sum with a string", `SET a = b + :v`, `":v":{"S":"a"}`,
			`Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S`,
		},
		{
			"adding a string", `ADD a :v`, `":v":{"S":"a"}`,
			`Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING`,
		},
		{
			"deleting a number", `DELETE a :v`, `":v":{"N":"1"}`,
			`Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER`,
		},
		{"a key attribute", `SET pk = :v`, `":v":{"S":"a"}`, `One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key`},
		{"a part of a key attribute", `REMOVE sk.a`, ``, `One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key`},
		{
			"a part of an index's key attribute", `SET lane.a = :v`, `":v":{"S":"a"}`,
			`Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: lane`,
		},
		{
			"an index's key attribute of the wrong type", `SET due = :v`, `":v":{"S":"a"}`,
			`One or more parameter values were invalid: Type mismatch for Index Key due Expected: N Actual: S IndexName: timer`,
		},
		{
			"an index's key attribute copied from one of the wrong type", `SET due = s`, ``,
			`The update expression attempted to update the secondary index key to unsupported type`,
		},
		{
			"an empty index key", `SET lane = :v`, `":v":{"S":""}`,
			`One or more parameter values are not valid. The update expression attempted to update a secondary index key to a ` +
				`value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value.`,
		},
		{"copying what is not there", `SET a = nope`, ``, `The provided expression refers to an attribute that does not exist in the item`},
		{"a path to nowhere", `SET nope.a = :v`, `":v":{"S":"a"}`, `The document path provided in the update expression is invalid for update`},
		{"removing from nowhere", `REMOVE nope.a`, ``, `The document path provided in the update expression is invalid for update`},
		{"a field of a string", `SET s.a = :v`, `":v":{"S":"a"}`, `The document path provided in the update expression is invalid for update`},
		{"a sum of strings", `SET a = s + n`, ``, `An operand in the update expression has an incorrect data type`},
		{"adding a number to a string", `ADD s :v`, `":v":{"N":"1"}`, `An operand in the update expression has an incorrect data type`},
		{"joining a list to a string", `SET a = list_append(l, s)`, ``, `An operand in the update expression has an incorrect data type`},
		{
			"a sum that is too large", `SET n = big + big`, ``,
			`Number overflow. Attempting to store a number with magnitude larger than supported range`,
		},
		{"a sum that is too precise", `SET n = big + :v`, `":v":{"N":"1"}`, `Attempting to store more than 38 significant digits in a Number`},
	}
	l := newLand(t).queue()
	item := rich[:len(rich)-1] + `,"big":{"N":"9.9E125"}}`
	l.must("PutItem", `{"TableName":"queue","Item":`+item+`}`)
	for _, test := range tests {
		in := fmt.Sprintf(`{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":%s`, quoted(test.update))
		if test.values != "" {
			in += `,"ExpressionAttributeValues":{` + test.values + `}`
		}
		if got, want := l.refused("UpdateItem", in+"}"), "ValidationException: "+test.says; got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
	l.expect("nothing has changed", l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ProjectionExpression":"n, s"}`),
		`{"Item":{"n":{"N":"10"},"s":{"S":"hello"}}}`)
}

func TestReturnValues(t *testing.T) {
	t.Parallel()
	key := `"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}`
	change := key + `,"UpdateExpression":"SET m.x = :v REMOVE gone","ExpressionAttributeValues":{":v":{"N":"2"}}`
	before := `{"pk":{"S":"a"},"sk":{"S":"1"},"m":{"M":{"x":{"N":"1"},"y":{"N":"9"}}},"gone":{"S":"g"}}`
	tests := []struct{ sentence, operation, in, want string }{
		{"an update says nothing by itself", "UpdateItem", change, `{}`},
		{"the whole item as it was", "UpdateItem", change + `,"ReturnValues":"ALL_OLD"`, `{"Attributes":` + before + `}`},
		{"what was changed as it was", "UpdateItem", change + `,"ReturnValues":"UPDATED_OLD"`, `{"Attributes":{"m":{"M":{"x":{"N":"1"}}},"gone":{"S":"g"}}}`},
		{
			"the whole item as it is", "UpdateItem", change + `,"ReturnValues":"ALL_NEW"`,
			`{"Attributes":{"pk":{"S":"a"},"sk":{"S":"1"},"m":{"M":{"x":{"N":"2"},"y":{"N":"9"}}}}}`,
		},
		{"what was changed as it is", "UpdateItem", change + `,"ReturnValues":"UPDATED_NEW"`, `{"Attributes":{"m":{"M":{"x":{"N":"2"}}}}}`},
		{"a put gives the old item", "PutItem", `"TableName":"queue","Item":` + before + `,"ReturnValues":"ALL_OLD"`, `{"Attributes":` + before + `}`},
		{"a deletion gives the old item", "DeleteItem", key + `,"ReturnValues":"ALL_OLD"`, `{"Attributes":` + before + `}`},
		{"a deletion of nothing gives nothing", "DeleteItem", `"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"2"}},"ReturnValues":"ALL_OLD"`, `{}`},
		{
			"a failed condition gives the item", "DeleteItem",
			key + `,"ConditionExpression":"attribute_not_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"`,
			`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":` + before + `}`,
		},
		{
			"a failed condition on nothing gives nothing", "DeleteItem",
			`"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"2"}},"ConditionExpression":"attribute_exists(pk)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"`,
			`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}`,
		},
		{
			"a put cannot give what it puts", "PutItem", `"TableName":"queue","Item":` + before + `,"ReturnValues":"ALL_NEW"`,
			`{"__type":"com.amazon.coral.validate#ValidationException","message":"ReturnValues can only be ALL_OLD or NONE"}`,
		},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		l.must("PutItem", `{"TableName":"queue","Item":`+before+`}`)
		l.expect(test.sentence, l.call(test.operation, "{"+test.in+"}"), test.want)
	}
}

func TestAnUpdateOfNothingMakesAnItem(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	l.expect("a bare update makes a bare item",
		l.must("UpdateItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ReturnValues":"ALL_NEW"}`),
		`{"Attributes":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
}
