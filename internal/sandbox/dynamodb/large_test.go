package dynamodb_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestATableAgreesWithASortedList(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	chance := rand.New(rand.NewPCG(1, 2))
	held := map[string]int{}
	for range 1500 {
		sk := fmt.Sprintf("%03d", chance.IntN(400))
		if due := chance.IntN(1000); due < 400 {
			l.must("DeleteItem", `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"`+sk+`"}}}`)
			delete(held, sk)
		} else {
			l.must("PutItem", fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":%q},"lane":{"S":"l"},"due":{"N":"%d"}}}`, sk, due))
			held[sk] = due
		}
	}
	l.pass(time.Second)
	for range 100 {
		low, high := chance.IntN(400), chance.IntN(400)
		if low > high {
			low, high = high, low
		}
		var want []string
		for sk := range held {
			if sk >= fmt.Sprintf("%03d", low) && sk <= fmt.Sprintf("%03d", high) {
				want = append(want, sk)
			}
		}
		slices.Sort(want)
		forward := chance.IntN(2) == 0
		if !forward {
			slices.Reverse(want)
		}
		got := l.strings("Query", `"sk":{"S":"`, fmt.Sprintf(`{"TableName":"queue","KeyConditionExpression":"pk = :p AND sk BETWEEN :l AND :h","ProjectionExpression":"sk",
			"ScanIndexForward":%v,"ExpressionAttributeValues":{":p":{"S":"a"},":l":{"S":"%03d"},":h":{"S":"%03d"}}}`, forward, low, high))
		if !slices.Equal(got, want) {
			t.Fatalf("between %d and %d: got %v, want %v", low, high, got, want)
		}
		var due []string
		for _, n := range slices.Sorted(maps.Values(held)) {
			if n > low {
				due = append(due, fmt.Sprint(n))
			}
		}
		got = l.strings("Query", `"due":{"N":"`, fmt.Sprintf(`{"TableName":"queue","IndexName":"timer","KeyConditionExpression":"lane = :p AND due > :l",
			"ExpressionAttributeValues":{":p":{"S":"l"},":l":{"N":"%d"}}}`, low))
		if !slices.Equal(got, due) {
			t.Fatalf("due after %d: got %v, want %v", low, got, due)
		}
	}
}

// strings are all values in an answer that stand behind the mark.
func (l *land) strings(operation, mark, in string) []string {
	l.t.Helper()
	var found []string
	for _, part := range strings.Split(l.must(operation, in), mark)[1:] {
		found = append(found, part[:strings.IndexByte(part, '"')])
	}
	return found
}

// BenchmarkAHundredThousandItems claims the item that is due first, again and again, in a table of 100,000 that all stand
// in one partition of the index: what it takes must not grow with the table.
func BenchmarkAHundredThousandItems(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l := newLand(b).queue()
			for i := range n {
				l.must("PutItem", fmt.Sprintf(`{"TableName":"queue","Item":{"pk":{"S":"r-%d"},"sk":{"S":"request"},"lane":{"S":"timer"},"due":{"N":"%d"}}}`, i, i))
			}
			l.pass(time.Second)
			l.world.Do(func() {}) // the index catches up
			for b.Loop() {
				first := l.strings("Query", `"pk":{"S":"`, `{"TableName":"queue","IndexName":"timer","KeyConditionExpression":"lane = :l","Limit":1,
					"ProjectionExpression":"pk","ExpressionAttributeValues":{":l":{"S":"timer"}}}`)
				l.must("UpdateItem", fmt.Sprintf(`{"TableName":"queue","Key":{"pk":{"S":%q},"sk":{"S":"request"}},"UpdateExpression":"SET due = due + :n",
					"ConditionExpression":"attribute_exists(pk)","ExpressionAttributeValues":{":n":{"N":"%d"}}}`, first[0], n))
				l.pass(time.Second)
			}
		})
	}
}
