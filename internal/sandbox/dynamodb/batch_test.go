package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestBatchWriteItem(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	put := func(sk string) string {
		return `{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":"` + sk + `"}}}}`
	}
	write := func(requests ...string) string {
		return `{"RequestItems":{"queue":[` + strings.Join(requests, ",") + `]},"ReturnConsumedCapacity":"TOTAL"}`
	}
	remove := func(sk string) string { return `{"DeleteRequest":{"Key":{"pk":{"S":"a"},"sk":{"S":"` + sk + `"}}}}` }
	l.expect("puts and deletions", l.must("BatchWriteItem", write(put("1"), put("2"), remove("3"))),
		`{"UnprocessedItems":{},"ConsumedCapacity":[{"TableName":"queue","CapacityUnits":3}]}`)
	var many []string
	for i := range 26 {
		many = append(many, put(fmt.Sprint(i)))
	}
	tests := []struct{ sentence, in, says string }{
		{"one item twice", write(put("1"), remove("1")), `ValidationException: Provided list of item keys contains duplicates`},
		{"a put without its key", write(`{"PutRequest":{"Item":{"pk":{"S":"a"}}}}`), `ValidationException: The provided key element does not match the schema`},
		{
			"nothing to do", write(`{}`),
			`ValidationException: Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes`,
		},
		{
			"26 requests", write(many...), `ValidationException: 1 validation error detected: Value '{queue=[…]}' at 'requestItems' failed to satisfy ` +
				`constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]`,
		},
		{"a table that is not there", `{"RequestItems":{"nope":[` + put("1") + `]}}`, `ResourceNotFoundException: Requested resource not found`},
	}
	for _, test := range tests {
		if got := l.refused("BatchWriteItem", test.in); got != test.says {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, test.says)
		}
	}
	l.must("BatchWriteItem", write(many[:25]...))
	l.expect("25 requests are done", l.must("Scan", `{"TableName":"queue","Select":"COUNT"}`), `{"Count":25,"ScannedCount":25}`)
}

func TestBatchGetItem(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	for i := range 45 {
		l.must("PutItem", fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"p%d"},"sk":{"S":"1"},"big":{"S":"%s"}}}`, i, strings.Repeat("x", 390*1024)))
	}
	get := func(from, to int, more string) string {
		var keys []string
		for i := from; i < to; i++ {
			keys = append(keys, fmt.Sprintf(`{"pk":{"S":"p%d"},"sk":{"S":"1"}}`, i))
		}
		return `{"RequestItems":{"queue":{"Keys":[` + strings.Join(keys, ",") + `]` + more + `}},"ReturnConsumedCapacity":"TOTAL"}`
	}
	l.expect("what is missing is left out", l.must("BatchGetItem", get(44, 47, `,"ProjectionExpression":"pk"`)),
		`{"Responses":{"queue":[{"pk":{"S":"p44"}}]},"UnprocessedKeys":{},"ConsumedCapacity":[{"TableName":"queue","CapacityUnits":50}]}`)
	out := l.must("BatchGetItem", get(0, 45, `,"ProjectionExpression":"pk","ConsistentRead":true`))
	answer, unprocessed, _ := strings.Cut(out, `"UnprocessedKeys"`)
	if found, left := strings.Count(answer, `"pk"`), strings.Count(unprocessed, `"pk":{`); found != 42 || left != 3 {
		t.Errorf("of 45 items of 390 KB %d came and %d were left, want 42 and 3", found, left)
	}
	if !strings.Contains(unprocessed, `"ConsistentRead":true`) || !strings.Contains(unprocessed, `"ProjectionExpression":"pk"`) {
		t.Errorf("what is left cannot be asked for as it stands: %s", unprocessed)
	}
	tests := []struct{ sentence, in, says string }{
		{"one item twice", `{"RequestItems":{"queue":{"Keys":[{"pk":{"S":"a"},"sk":{"S":"1"}},{"pk":{"S":"a"},"sk":{"S":"1"}}]}}}`, `ValidationException: Provided list of item keys contains duplicates`},
		{
			"101 items", get(0, 101, ""), `ValidationException: 1 validation error detected: Value '[…]' at 'requestItems.queue.member.keys' ` +
				`failed to satisfy constraint: Member must have length less than or equal to 100`,
		},
		{"a wrong key", `{"RequestItems":{"queue":{"Keys":[{"pk":{"S":"a"}}]}}}`, `ValidationException: The provided key element does not match the schema`},
	}
	for _, test := range tests {
		if got := l.refused("BatchGetItem", test.in); got != test.says {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, test.says)
		}
	}
}

func TestConsumedCapacity(t *testing.T) {
	t.Parallel()
	item := func(kilobytes int, more string) string {
		return fmt.Sprintf(`{"pk":{"S":"a"},"sk":{"S":"1"},"v":{"S":"%s"}%s}`, strings.Repeat("x", kilobytes*1024-7), more)
	}
	key := `"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}`
	indexed := `,"lane":{"S":"l"},"due":{"N":"1"}`
	tests := []struct{ sentence, before, operation, in, want string }{
		{"an eventually consistent read", item(8, ""), "GetItem", key, `{"CapacityUnits":1}`},
		{"a strongly consistent read", item(8, ""), "GetItem", key + `,"ConsistentRead":true`, `{"CapacityUnits":2}`},
		{"a byte more", item(8, `,"w":{"S":""}`), "GetItem", key + `,"ConsistentRead":true`, `{"CapacityUnits":3}`},
		{"a projection saves nothing", item(8, ""), "GetItem", key + `,"ProjectionExpression":"pk"`, `{"CapacityUnits":1}`},
		{"reading nothing", ``, "GetItem", key, `{"CapacityUnits":0.5}`},
		{"a write", ``, "PutItem", `"TableName":"queue","Item":` + item(3, ""), `{"CapacityUnits":3}`},
		{"the larger one counts", item(5, ""), "PutItem", `"TableName":"queue","Item":` + item(3, ""), `{"CapacityUnits":5}`},
		{"a deletion", item(5, ""), "DeleteItem", key, `{"CapacityUnits":5}`},
		{
			"an update that indexes do not see", item(2, indexed), "UpdateItem",
			key + `,"UpdateExpression":"SET w = pk","ReturnConsumedCapacity":"INDEXES"`,
			`{"CapacityUnits":6,"Table":{"CapacityUnits":3},"GlobalSecondaryIndexes":{"whole":{"CapacityUnits":3}}}`,
		},
		{
			"an entry that moves is taken out and put in", item(2, indexed), "UpdateItem",
			key + `,"UpdateExpression":"ADD due :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnConsumedCapacity":"INDEXES"`,
			`{"CapacityUnits":8,"Table":{"CapacityUnits":3},"GlobalSecondaryIndexes":{"whole":{"CapacityUnits":3},"timer":{"CapacityUnits":2}}}`,
		},
		{
			"a query of an index", item(9, indexed), "Query",
			`"TableName":"queue","IndexName":"whole","KeyConditionExpression":"lane = :l","ExpressionAttributeValues":{":l":{"S":"l"}},"Select":"COUNT",
				"ReturnConsumedCapacity":"INDEXES"`,
			`{"CapacityUnits":1.5,"Table":{"CapacityUnits":0},"GlobalSecondaryIndexes":{"whole":{"CapacityUnits":1.5}}}`,
		},
	}
	for _, test := range tests {
		l := newLand(t).queue()
		if test.before != "" {
			l.must("PutItem", `{"TableName":"queue","Item":`+test.before+`}`)
			l.pass(l.world.Timing.IndexLag)
		}
		in := test.in
		if !strings.Contains(in, "ReturnConsumedCapacity") {
			in += `,"ReturnConsumedCapacity":"TOTAL"`
		}
		_, out, _ := strings.Cut(l.must(test.operation, "{"+in+"}"), `"ConsumedCapacity":`)
		depth := 0
		for i, c := range out {
			if c == '{' {
				depth++
			} else if c == '}' {
				if depth--; depth == 0 {
					out = out[:i+1]
					break
				}
			}
		}
		l.expect(test.sentence, out, `{"TableName":"queue",`+test.want[1:])
	}
}
