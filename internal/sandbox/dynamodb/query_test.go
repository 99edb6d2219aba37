package dynamodb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// fill puts items 00 to 19 into partition "a", and others around it.
func (l *land) fill() *land {
	l.t.Helper()
	for i := range 20 {
		l.must("PutItem", fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"%02d"},"lane":{"S":"timer"},
			"due":{"N":"%d"},"stage":{"S":"queued"},"more":{"S":"m"}}}`, i, (i-10)*5))
		l.must("PutItem", fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"other-%d"},"sk":{"S":"00"}}}`, i))
	}
	l.pass(time.Second)
	return l
}

// sorts are the sort keys that a query or scan answers with.
func (l *land) sorts(operation, in string) string {
	l.t.Helper()
	var sorts []string
	for _, part := range strings.Split(l.must(operation, in), `"sk":{"S":"`)[1:] {
		sorts = append(sorts, part[:2])
	}
	return strings.Join(sorts, " ")
}

func TestKeyConditions(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, condition, values, more, want string }{
		{"one item", `pk = :p AND sk = :s`, `":s":{"S":"05"}`, ``, `05`},
		{"items before", `pk = :p AND sk < :s`, `":s":{"S":"02"}`, ``, `00 01`},
		{"items up to", `pk = :p AND sk <= :s`, `":s":{"S":"02"}`, ``, `00 01 02`},
		{"items after", `pk = :p AND sk > :s`, `":s":{"S":"17"}`, ``, `18 19`},
		{"items from", `sk >= :s AND pk = :p`, `":s":{"S":"17"}`, ``, `17 18 19`},
		{"the value may stand first", `:p = pk AND :s < sk`, `":s":{"S":"17"}`, ``, `18 19`},
		{"items between", `pk = :p AND sk BETWEEN :s AND :t`, `":s":{"S":"03"},":t":{"S":"05x"}`, ``, `03 04 05`},
		{"items that begin alike", `(pk = :p) AND begins_with(sk, :s)`, `":s":{"S":"1"}`, ``, `10 11 12 13 14 15 16 17 18 19`},
		{"backwards", `pk = :p AND sk < :s`, `":s":{"S":"03"}`, `,"ScanIndexForward":false`, `02 01 00`},
		{"some", `pk = :p`, ``, `,"Limit":3`, `00 01 02 02`},
		{"some, backwards", `pk = :p`, ``, `,"Limit":2,"ScanIndexForward":false`, `19 18 18`},
		{"none", `pk = :p AND sk > :s`, `":s":{"S":"99"}`, ``, ``},
	}
	l := newLand(t).queue().fill()
	for _, test := range tests {
		values := `":p":{"S":"a"}`
		if test.values != "" {
			values += "," + test.values
		}
		in := fmt.Sprintf(`{"TableName":"queue","KeyConditionExpression":%s,"ProjectionExpression":"sk","ExpressionAttributeValues":{%s}%s}`,
			quoted(test.condition), values, test.more)
		if got := l.sorts("Query", in); got != test.want {
			t.Errorf("%s: got %s, want %s (with the LastEvaluatedKey's)", test.sentence, got, test.want)
		}
	}
}

func TestSortKeysInOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sentence, kind string
		sorted         []string
	}{
		{"numbers by size", "N", []string{"-1E125", "-100.5", "-100", "-99", "-1.5", "-1", "-0.1", "-1E-130", "0", "1E-130", "0.09", "0.1", "1", "1.5", "2", "10", "10.01", "1E125"}},
		{"strings by their bytes", "S", []string{"\x00", "\x00\x00", "\x00\x01", "\x00a", "\x01", "A", "a", "a\x00", "a\x00b", "a\x01", "aa", "b", "é", "\uffff", "😀"}},
		{"binaries by their bytes", "B", []string{"AA==", "AAA=", "AAE=", "AP8=", "AQ==", "fw==", "gA==", "/w==", "/wA=", "//8="}},
	}
	l := newLand(t)
	for _, test := range tests {
		table := "sorted-" + test.kind
		l.must("CreateTable", fmt.Sprintf(`{"TableName":%q,"BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},
			{"AttributeName":"sk","KeyType":"RANGE"}],"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"N"},{"AttributeName":"sk","AttributeType":%q}]}`,
			table, test.kind))
		l.pass(time.Second)
		for i := range test.sorted {
			sk := test.sorted[(i*7)%len(test.sorted)]
			l.must("PutItem", fmt.Sprintf(`{"TableName":%q,"Item":{"pk":{"N":"1"},"sk":{%q:%s}}}`, table, test.kind, quoted(sk)))
		}
		for _, forward := range []bool{true, false} {
			want := slices.Clone(test.sorted)
			if !forward {
				slices.Reverse(want)
			}
			if got := readAll(t, l.client(), table, forward, int32(len(want)/3)); !cmp.Equal(got, plainly(test.kind, want)) {
				t.Errorf("%s, forward %v: got %q, want %q", test.sentence, forward, got, want)
			}
		}
	}
}

// readAll reads partition 1 page by page.
func readAll(t *testing.T, client *sdk.Client, table string, forward bool, limit int32) []string {
	t.Helper()
	pages := sdk.NewQueryPaginator(client, &sdk.QueryInput{
		TableName: &table, KeyConditionExpression: aws.String("pk = :p"), ScanIndexForward: &forward, Limit: &limit,
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberN{Value: "1.0"}},
	})
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			switch v := item["sk"].(type) {
			case *types.AttributeValueMemberN:
				got = append(got, v.Value)
			case *types.AttributeValueMemberS:
				got = append(got, v.Value)
			case *types.AttributeValueMemberB:
				got = append(got, string(v.Value))
			}
		}
	}
	return got
}

// plainly is how the values come back.
func plainly(kind string, values []string) []string {
	var out []string
	for _, v := range values {
		switch {
		case kind == "N" && strings.HasSuffix(v, "E125"):
			v = strings.TrimSuffix(v, "E125") + strings.Repeat("0", 125)
		case kind == "N" && strings.HasSuffix(v, "1E-130"):
			v = strings.TrimSuffix(v, "1E-130") + "0." + strings.Repeat("0", 129) + "1"
		case kind == "B":
			raw, err := decode(v)
			if err != nil {
				panic(err)
			}
			v = raw
		}
		out = append(out, v)
	}
	return out
}

func TestQueriesThatAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ sentence, condition, values, more, says string }{
		{"without the partition key", `sk = :a`, `":a":{"S":"a"}`, ``, `Query condition missed key schema element: pk`},
		{"a range of partitions", `pk > :a`, `":a":{"S":"a"}`, ``, `Query key condition not supported`},
		{"either or", `pk = :a OR sk = :a`, `":a":{"S":"a"}`, ``, `Invalid operator used in KeyConditionExpression: OR`},
		{"not", `pk = :a AND NOT sk = :a`, `":a":{"S":"a"}`, ``, `Invalid operator used in KeyConditionExpression: NOT`},
		{"other than", `pk = :a AND sk <> :a`, `":a":{"S":"a"}`, ``, `Invalid operator used in KeyConditionExpression: <>`},
		{"one of", `pk IN (:a)`, `":a":{"S":"a"}`, ``, `Invalid operator used in KeyConditionExpression: IN`},
		{"a function", `pk = :a AND attribute_exists(sk)`, `":a":{"S":"a"}`, ``, `Invalid operator used in KeyConditionExpression: attribute_exists`},
		{"a size", `pk = :a AND size(sk) = :a`, `":a":{"S":"a"}`, ``, `KeyConditionExpressions cannot contain nested operations`},
		{"a path", `pk.x = :a`, `":a":{"S":"a"}`, ``, `KeyConditionExpressions cannot have conditions on nested attributes`},
		{"the same key twice", `pk = :a AND pk = :a`, `":a":{"S":"a"}`, ``, `KeyConditionExpressions must only contain one condition per key`},
		{
			"two attributes in one condition", `pk = sk`, ``, ``,
			`Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition`,
		},
		{"an attribute that is no key", `pk = :a AND more = :a`, `":a":{"S":"a"}`, ``, `Query condition missed key schema element: sk`},
		{"three attributes", `pk = :a AND sk = :a AND more = :a`, `":a":{"S":"a"}`, ``, `Conditions can be of length 1 or 2 only`},
		{
			"the wrong type", `pk = :a`, `":a":{"N":"1"}`, ``,
			`One or more parameter values were invalid: Condition parameter type does not match schema type`,
		},
		{
			"a filter on a key", `pk = :a`, `":a":{"S":"a"}`, `,"FilterExpression":"sk = :a"`,
			`Filter Expression can only contain non-primary key attributes: Primary key attribute: sk`,
		},
		{
			"a consistent read of an index", `lane = :a`, `":a":{"S":"a"}`, `,"IndexName":"timer","ConsistentRead":true`,
			`Consistent reads are not supported on global secondary indexes`,
		},
		{
			"more than an index has", `lane = :a`, `":a":{"S":"a"}`, `,"IndexName":"timer","Select":"ALL_ATTRIBUTES"`,
			`One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index timer ` +
				`because its projection type is not ALL`,
		},
		{
			"attributes that an index lacks", `lane = :a`, `":a":{"S":"a"}`, `,"IndexName":"timer","ProjectionExpression":"stage, more"`,
			`One or more parameter values were invalid: Global secondary index timer does not project [more]`,
		},
		{"a start that is no key", `pk = :a`, `":a":{"S":"a"}`, `,"ExclusiveStartKey":{"pk":{"S":"a"}}`, `The provided starting key is invalid`},
		{
			"a start elsewhere", `pk = :a`, `":a":{"S":"a"}`, `,"ExclusiveStartKey":{"pk":{"S":"b"},"sk":{"S":"a"}}`,
			`The provided starting key is outside query boundaries based on provided conditions`,
		},
		{
			"a start beside the range", `pk = :a AND sk > :a`, `":a":{"S":"a"}`, `,"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"S":"A"}}`,
			`The provided starting key does not match the range key predicate`,
		},
	}
	l := newLand(t).queue()
	for _, test := range tests {
		in := fmt.Sprintf(`{"TableName":"queue","KeyConditionExpression":%s%s`, quoted(test.condition), test.more)
		if test.values != "" {
			in += `,"ExpressionAttributeValues":{` + test.values + `}`
		}
		if got, want := l.refused("Query", in+"}"), "ValidationException: "+test.says; got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue().fill()
	in := `{"TableName":"queue","KeyConditionExpression":"pk = :p","FilterExpression":"due >= :d","Limit":12,"Select":"COUNT",
		"ExpressionAttributeValues":{":p":{"S":"a"},":d":{"N":"0"}}}`
	l.expect("the limit counts what was looked at, not what was found", l.must("Query", in),
		`{"Count":2,"ScannedCount":12,"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"S":"11"}}}`)
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue().fill()
	query := func(values, more string) string {
		return l.must("Query", `{"TableName":"queue","IndexName":"timer","KeyConditionExpression":"lane = :l AND due < :d",
			"ExpressionAttributeValues":{":l":{"S":"timer"},":d":{"N":"`+values+`"}}`+more+`}`)
	}
	l.expect("an index has its keys, the table's, and what it includes", query("-45", ""),
		`{"Count":1,"ScannedCount":1,"Items":[{"pk":{"S":"a"},"sk":{"S":"00"},"lane":{"S":"timer"},"due":{"N":"-50"},"stage":{"S":"queued"}}]}`)
	l.expect("a page ends with both keys", query("0", `,"Limit":1,"ScanIndexForward":false,"Select":"COUNT"`),
		`{"Count":1,"ScannedCount":1,"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"S":"09"},"lane":{"S":"timer"},"due":{"N":"-5"}}}`)
	l.expect("the next page goes on behind them", query("0", `,"ScanIndexForward":false,"Select":"COUNT",
		"ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"S":"09"},"lane":{"S":"timer"},"due":{"N":"-5"}}`), `{"Count":9,"ScannedCount":9}`)
	l.must("UpdateItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"00"}},"UpdateExpression":"REMOVE due"}`)
	l.pass(time.Second)
	l.expect("an item without a key attribute is not in the index", query("-45", `,"Select":"COUNT"`), `{"Count":0,"ScannedCount":0}`)
	l.expect("but still in others", l.must("Query", `{"TableName":"queue","IndexName":"whole","KeyConditionExpression":"lane = :l",
		"ExpressionAttributeValues":{":l":{"S":"timer"}},"Select":"COUNT"}`), `{"Count":20,"ScannedCount":20}`)
}

func TestAnIndexLags(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	count := func() string {
		return l.must("Query", `{"TableName":"queue","IndexName":"whole","KeyConditionExpression":"lane = :l","Select":"COUNT",
			"ExpressionAttributeValues":{":l":{"S":"a"}}}`)
	}
	put := func(lane string) {
		l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"lane":{"S":"`+lane+`"}}}`)
	}
	lag := l.world.Timing.IndexLag
	put("a")
	l.expect("the index does not know yet", count(), `{"Count":0,"ScannedCount":0}`)
	l.pass(lag / 2)
	put("b")
	l.pass(lag / 2)
	l.expect("the index shows what was, though it is no longer", count(), `{"Count":1,"ScannedCount":1}`)
	l.pass(lag / 2)
	l.expect("the index has caught up", count(), `{"Count":0,"ScannedCount":0}`)

	put("a")
	l.world.Do(func() { l.world.Timing.IndexLag = lag / 4 })
	put("b")
	l.pass(lag / 2)
	l.expect("a shorter lag brings what was before it along", count(), `{"Count":0,"ScannedCount":0}`)
	l.pass(2 * lag)
	l.expect("and what is late covers nothing newer", count(), `{"Count":0,"ScannedCount":0}`)
}

func TestPagesOfOneMegabyte(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	big := strings.Repeat("x", 300*1024)
	for i := range 7 {
		l.must("PutItem", fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"%02d"},"big":{"S":"%s"}}}`, i, big))
	}
	in := `{"TableName":"queue","KeyConditionExpression":"pk = :p","ProjectionExpression":"sk","ExpressionAttributeValues":{":p":{"S":"a"}},
		"ReturnConsumedCapacity":"TOTAL"`
	l.expect("a page ends before it would be too large, whatever is shown of it", l.must("Query", in+"}"),
		`{"Count":3,"ScannedCount":3,"Items":[{"sk":{"S":"00"}},{"sk":{"S":"01"}},{"sk":{"S":"02"}}],
		"LastEvaluatedKey":{"pk":{"S":"a"},"sk":{"S":"02"}},"ConsumedCapacity":{"TableName":"queue","CapacityUnits":113}}`)
	l.expect("the last page has no key", l.must("Query", in+`,"Select":"SPECIFIC_ATTRIBUTES","ExclusiveStartKey":{"pk":{"S":"a"},"sk":{"S":"05"}}}`),
		`{"Count":1,"ScannedCount":1,"Items":[{"sk":{"S":"06"}}],"ConsumedCapacity":{"TableName":"queue","CapacityUnits":38}}`)
}

func TestScans(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue().fill()
	for _, segments := range []int{1, 2, 3, 7} {
		seen := map[string]int{}
		for segment := range segments {
			start := ""
			for {
				out := l.must("Scan", fmt.Sprintf(`{"TableName":"queue","ProjectionExpression":"pk, sk","Limit":3,"Segment":%d,"TotalSegments":%d%s}`,
					segment, segments, start))
				items, last := cutPage(t, out)
				for _, item := range items {
					seen[item]++
				}
				if last == "" {
					break
				}
				start = `,"ExclusiveStartKey":` + last
			}
		}
		if len(seen) != 40 {
			t.Errorf("%d segments have %d items, not all 40", segments, len(seen))
		}
		for item, times := range seen {
			if times != 1 {
				t.Errorf("%d segments have %s %d times", segments, item, times)
			}
		}
	}
	l.expect("a filter picks", l.must("Scan", `{"TableName":"queue","FilterExpression":"due = :d AND attribute_exists(stage)","ProjectionExpression":"sk",
		"ExpressionAttributeValues":{":d":{"N":"5"}}}`), `{"Count":1,"ScannedCount":40,"Items":[{"sk":{"S":"11"}}]}`)
	l.expect("an index has fewer", l.must("Scan", `{"TableName":"queue","IndexName":"timer","Select":"COUNT"}`), `{"Count":20,"ScannedCount":20}`)
	want := "ValidationException: The Segment parameter is zero-based and must be less than parameter TotalSegments: " +
		"Segment: 2 is not less than TotalSegments: 2"
	if got := l.refused("Scan", `{"TableName":"queue","Segment":2,"TotalSegments":2}`); got != want {
		t.Errorf("a segment too many: got %s, want %s", got, want)
	}
}
