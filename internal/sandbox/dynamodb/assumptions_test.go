package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/world"
	"github.com/vend-cli/vend/samples"
)

// switched are the sandbox's assumptions about DynamoDB: what a world does by default, and when it is switched.
var switched = map[string]func(l *land, otherwise bool){
	"dynamodb-eventual-reads-current": func(l *land, otherwise bool) {
		l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
		key := `{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}}`
		query := `{"TableName":"queue","KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"a"}},"Select":"COUNT"`
		item, found, empty := `{"Item":{"pk":{"S":"a"},"sk":{"S":"1"}}}`, `{"Count":1,"ScannedCount":1}`, `{"Count":0,"ScannedCount":0}`
		l.expect("a consistent read shows the present", l.must("GetItem", key+`,"ConsistentRead":true}`), item)
		l.expect("a consistent query shows the present", l.must("Query", query+`,"ConsistentRead":true}`), found)
		if otherwise {
			l.expect("a read shows the past", l.must("GetItem", key+`}`), `{}`)
			l.expect("a query shows the past", l.must("Query", query+`}`), empty)
			l.pass(l.world.Timing.IndexLag)
		}
		l.expect("a read shows the item", l.must("GetItem", key+`}`), item)
		l.expect("a query shows the item", l.must("Query", query+`}`), found)
	},
	"dynamodb-cancelled-token-forgotten": func(l *land, otherwise bool) {
		in := `{"ClientRequestToken":"token","TransactItems":[{"Delete":{"TableName":"queue","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},
			"ConditionExpression":"attribute_exists(pk)"}}]}`
		l.refused("TransactWriteItems", in)
		l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"}}}`)
		if otherwise {
			l.refused("TransactWriteItems", in)
			l.pass(10 * time.Minute)
		}
		l.must("TransactWriteItems", in)
	},
	"dynamodb-wrong-key-cancels": func(l *land, otherwise bool) {
		code := "TransactionCanceledException: "
		if otherwise {
			code = "ValidationException: "
		}
		for operation, action := range map[string]string{"TransactWriteItems": "Delete", "TransactGetItems": "Get"} {
			got := l.refused(operation, fmt.Sprintf(`{"TransactItems":[{%q:{"TableName":"queue","Key":{"pk":{"S":"a"}}}}]}`, action))
			if !strings.HasPrefix(got, code) {
				l.t.Errorf("%s answers %s", operation, got)
			}
		}
	},
}

func TestAssumptionsOfTheLedger(t *testing.T) {
	t.Parallel()
	for _, a := range world.Assumptions {
		if !strings.HasPrefix(a.Name, "dynamodb-") {
			continue
		}
		behaves := switched[a.Name]
		if behaves == nil {
			t.Errorf("%s is in the ledger, and nothing is known of it here", a.Name)
			continue
		}
		for _, otherwise := range []bool{false, true} {
			l := newLand(t)
			l.serve(otherWorld(t, a.Name, otherwise), l.clock)
			behaves(l.queue(), otherwise)
		}
	}
}

// otherWorld is the default world file with an assumption set.
func otherWorld(t *testing.T, name string, otherwise bool) []byte {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal(samples.LandingZone, &file); err != nil {
		t.Fatal(err)
	}
	file["assumptions"] = map[string]bool{name: otherwise}
	raw, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
