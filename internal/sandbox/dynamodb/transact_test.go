package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const none = `{"Code":"None"}`

func TestTransactions(t *testing.T) {
	t.Parallel()
	put := func(sk string) string {
		return `{"Put":{"TableName":"queue","Item":{"pk":{"S":"t"},"sk":{"S":"` + sk + `"}}}}`
	}
	update := func(more string) string {
		return `{"Update":{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":"SET n = n + :one",
			"ExpressionAttributeValues":{":one":{"N":"1"}}` + more + `}}`
	}
	check := func(condition string) string {
		return `{"ConditionCheck":{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"2"}},"ConditionExpression":"` + condition + `"}}`
	}
	cancelled := func(codes string, reasons ...string) string {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
			"Message":"Transaction cancelled, please refer cancellation reasons for specific reasons [` + codes + `]",
			"CancellationReasons":[` + strings.Join(reasons, ",") + `]}`
	}
	failed := `{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}`
	item := `{"pk":{"S":"a"},"sk":{"S":"1"},"n":{"N":"1"},"s":{"S":"text"}}`
	tests := []struct {
		sentence string
		actions  []string
		want     string
		after    string // n of a/1, and whether t/1 is there
	}{
		{"all happens", []string{put("1"), update(""), check("attribute_not_exists(pk)")}, `{}`, "2 true"},
		{"a deletion is an action, too", []string{put("1"), `{"Delete":{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}}`}, `{}`, " true"},
		{"a failed check stops all", []string{put("1"), check("attribute_exists(pk)"), update("")}, cancelled("None, ConditionalCheckFailed, None", none, failed, none), "1 false"},
		{
			"each reason is told, with the item on demand",
			[]string{check("attribute_exists(pk)"), put("1"), update(`,"ConditionExpression":"n > :one","ReturnValuesOnConditionCheckFailure":"ALL_OLD"`)},
			cancelled("ConditionalCheckFailed, None, ConditionalCheckFailed", failed, none, failed[:len(failed)-1]+`,"Item":`+item+`}`), "1 false",
		},
		{
			"an update that cannot be done is a reason",
			[]string{put("1"), strings.Replace(update(""), "n + :one", "s + :one", 1)},
			cancelled("None, ValidationError", none,
				`{"Code":"ValidationError","Message":"An operand in the update expression has an incorrect data type"}`), "1 false",
		},
		{
			"a wrong key is a reason",
			[]string{put("1"), `{"Delete":{"TableName":"queue","Key":{"pk":{"S":"a"}}}}`},
			cancelled("None, ValidationError", none, `{"Code":"ValidationError","Message":"The provided key element does not match the schema"}`), "1 false",
		},
		{
			"one item twice",
			[]string{put("1"), put("1")},
			`{"__type":"com.amazon.coral.validate#ValidationException","message":"Transaction request cannot include multiple operations on one item"}`, "1 false",
		},
		{
			"two actions in one",
			[]string{put("1")[:len(put("1"))-1] + "," + update("")[1:]},
			`{"__type":"com.amazon.coral.validate#ValidationException","message":"TransactItems can only contain one of Check, Put, Update or Delete"}`, "1 false",
		},
		{
			"a mistake in an expression",
			[]string{put("1"), check("status = status")},
			`{"__type":"com.amazon.coral.validate#ValidationException","message":"Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: status"}`, "1 false",
		},
		{
			"a table that is not there",
			[]string{put("1"), strings.Replace(put("2"), "queue", "nope", 1)},
			`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}`, "1 false",
		},
	}
	for _, test := range tests {
		l := newLand(t).queue()
		l.must("PutItem", `{"TableName":"queue","Item":`+item+`}`)
		l.expect(test.sentence, l.call("TransactWriteItems", `{"TransactItems":[`+strings.Join(test.actions, ",")+`]}`), test.want)
		n := l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ProjectionExpression":"n"}`)
		n = strings.Trim(strings.TrimPrefix(n, `{"Item":{"n":{"N":`), `"{}`)
		there := l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"t"},"sk":{"S":"1"}}}`) != "{}"
		if got := fmt.Sprint(n, " ", there); got != test.after {
			t.Errorf("%s: afterwards %q, want %q", test.sentence, got, test.after)
		}
	}
}

func TestTransactionsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	many := func(n int) string {
		var actions []string
		for i := range n {
			actions = append(actions, fmt.Sprintf(`{"Put":{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"%d"}}}}`, i))
		}
		return `{"TransactItems":[` + strings.Join(actions, ",") + `]}`
	}
	l.must("TransactWriteItems", many(100))
	for _, n := range []int{0, 101} {
		if got := l.refused("TransactWriteItems", many(n)); !strings.Contains(got, "at 'transactItems' failed to satisfy constraint: Member must have length") {
			t.Errorf("%d actions: got %s", n, got)
		}
	}
	var big []string
	for i := range 11 {
		big = append(big, fmt.Sprintf(`{"Put":{"TableName":"queue","Item":{"pk":{"S":"b"},"sk":{"S":"%d"},"v":{"S":"%s"}}}}`, i, strings.Repeat("x", 399*1024)))
	}
	if got := l.refused("TransactWriteItems", `{"TransactItems":[`+strings.Join(big, ",")+`]}`); !strings.HasPrefix(got, "TransactionCanceledException: ") {
		t.Errorf("more than 4 MB: got %s", got)
	}
}

func TestATransactionIsDoneOnceForItsToken(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	count := func(token, by string) string {
		return `{"ClientRequestToken":"` + token + `","ReturnConsumedCapacity":"TOTAL","TransactItems":[{"Update":{"TableName":"queue",
			"Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":"ADD n :v","ExpressionAttributeValues":{":v":{"N":"` + by + `"}}}}]}`
	}
	n := func() string {
		return l.must("GetItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"ProjectionExpression":"n"}`)
	}
	l.must("TransactWriteItems", count("one", "1"))
	l.expect("a repetition is a success that only reads", l.must("TransactWriteItems", count("one", "1")),
		`{"ConsumedCapacity":[{"TableName":"queue","CapacityUnits":2,"ReadCapacityUnits":2}]}`)
	l.expect("it happened once", n(), `{"Item":{"n":{"N":"1"}}}`)
	if got := l.refused("TransactWriteItems", count("one", "2")); !strings.HasPrefix(got, "IdempotentParameterMismatchException: ") {
		t.Errorf("the same token for something else: got %s", got)
	}
	l.must("TransactWriteItems", count("two", "1"))
	l.pass(10 * time.Minute)
	l.must("TransactWriteItems", count("one", "2"))
	l.expect("after ten minutes the token is forgotten", n(), `{"Item":{"n":{"N":"4"}}}`)
	failing := strings.Replace(count("three", "1"), `"UpdateExpression"`, `"ConditionExpression":"attribute_not_exists(pk)","UpdateExpression"`, 1)
	l.refused("TransactWriteItems", failing)
	l.must("DeleteItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
	l.must("TransactWriteItems", failing)
	l.expect("a cancelled transaction may be tried again", n(), `{"Item":{"n":{"N":"1"}}}`)
}

func TestTransactGetItems(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"n":{"N":"1"}}}`)
	get := func(sk, more string) string {
		return `{"Get":{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"` + sk + `"}}` + more + `}}`
	}
	l.expect("in the order of the request, with a gap for what is missing",
		l.must("TransactGetItems", `{"TransactItems":[`+get("2", "")+","+get("1", `,"ProjectionExpression":"n"`)+`],"ReturnConsumedCapacity":"TOTAL"}`),
		`{"Responses":[{},{"Item":{"n":{"N":"1"}}}],"ConsumedCapacity":[{"TableName":"queue","CapacityUnits":4,"ReadCapacityUnits":4}]}`)
	want := "ValidationException: Transaction request cannot include multiple operations on one item"
	if got := l.refused("TransactGetItems", `{"TransactItems":[`+get("1", "")+","+get("1", "")+`]}`); got != want {
		t.Errorf("one item twice: got %s, want %s", got, want)
	}
}
