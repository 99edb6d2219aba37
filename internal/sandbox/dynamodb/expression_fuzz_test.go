package dynamodb_test

import (
	"strings"
	"testing"
)

// FuzzExpressions sends every text as every kind of expression: whatever it is, the answer is a success or one of
// DynamoDB's errors, never a failure of ours.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{
		"a = :v", "NOT (a = :v OR size(#n) > :v) AND b IN (:v, c[1].d)", "SET a = if_not_exists(b, :v) + :v REMOVE l[0], m.k ADD n :v DELETE ss :w",
		"a, b[2].c, #n", "pk = :p AND begins_with(sk, :v)", "((a))", "a BETWEEN :v AND", "SET l[99999] = list_append(l, l)", "a.b[", "#", ":", "\x00", "é",
		"SET a = (:v - (:v)), l[1].x = :w", "attribute_type(a, :v) or contains(:v, :v)", "size(size(a)) = size(:v)", strings.Repeat("(", 300),
	} {
		f.Add(seed)
	}
	l := newLand(f).queue()
	members := `"ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":v":{"N":"1"},":w":{"SS":["x"]},":p":{"S":"a"}}}`
	f.Fuzz(func(t *testing.T, text string) {
		l.t = t
		text = quoted(text)
		key := `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},`
		for _, request := range [][2]string{
			{"PutItem", `{"TableName":"queue","Item":` + rich + `}`},
			{"UpdateItem", key + `"ConditionExpression":` + text + `,` + members},
			{"UpdateItem", key + `"UpdateExpression":` + text + `,"ReturnValues":"UPDATED_NEW",` + members},
			// Unused placeholders would be all that is ever said of most texts: once more without them.
			{"UpdateItem", key + `"UpdateExpression":` + text + `,"ReturnValues":"UPDATED_OLD"}`},
			{"DeleteItem", key + `"ConditionExpression":` + text + `}`},
			{"GetItem", key + `"ProjectionExpression":` + text + `}`},
			{"Query", `{"TableName":"queue","KeyConditionExpression":` + text + `,` + members},
			{"Scan", `{"TableName":"queue","FilterExpression":` + text + `,` + members},
		} {
			out := l.call(request[0], request[1])
			if strings.Contains(out, `"__type"`) && !strings.Contains(out, "#ValidationException") && !strings.Contains(out, "#ConditionalCheckFailedException") {
				t.Errorf("%s with %s: %s", request[0], text, out)
			}
		}
	})
}
