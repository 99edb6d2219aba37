package dynamodb

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// Limits of transactions (DynamoDB Developer Guide, "Amazon DynamoDB Transactions: How it works").
const (
	maxTransaction      = 100
	maxTransactionBytes = 4 << 20
)

type transactWriteItemsInput struct {
	TransactItems               []transactWriteItem
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
	ClientRequestToken          string
}

// transactWriteItem is one action: exactly one of its members is there.
type transactWriteItem struct {
	ConditionCheck *keyedAction  `json:",omitempty"`
	Put            *putAction    `json:",omitempty"`
	Delete         *keyedAction  `json:",omitempty"`
	Update         *updateAction `json:",omitempty"`
}

type keyedAction struct {
	TableName string
	Key       map[string]attribute
	conditional
}

type putAction struct {
	TableName string
	Item      map[string]attribute
	conditional
}

type updateAction struct {
	keyedAction
	UpdateExpression *string
}

type transactWriteItemsOutput struct {
	ConsumedCapacity []consumedCapacity `json:",omitempty"`
}

// cancellationReason is why one action of a transaction did not go: "None" for an innocent one.
type cancellationReason struct {
	Code    string
	Message string `json:",omitempty"`
	Item    any    `json:",omitempty"`
}

// transactWriteItems follows DynamoDB API Reference, TransactWriteItems: all actions happen, or none.
func (r *region) transactWriteItems(in *transactWriteItemsInput) (*transactWriteItemsOutput, error) {
	c := constraints{}
	c.transaction(len(in.TransactItems), in.TransactItems != nil)
	c.returns(in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics)
	c.Length("clientRequestToken", in.ClientRequestToken, 1, 36)
	writes := make([]*write, 0, len(in.TransactItems))
	names := make([]string, 0, len(in.TransactItems))
	for i, item := range in.TransactItems {
		item.constrain(&c, fmt.Sprintf("transactItems.%d.member.", i+1))
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	for _, item := range in.TransactItems {
		w, name, err := item.parse()
		if err != nil {
			return nil, err
		}
		writes, names = append(writes, w), append(names, name)
	}
	for i, w := range writes {
		t, err := r.existing(names[i])
		if err != nil {
			return nil, err
		}
		w.table = t
	}
	m := newTransactionMeter(in.ReturnConsumedCapacity)
	repeated, err := r.tokens.repeated(r.world.Now(), in)
	switch {
	case err != nil:
		return nil, err
	case repeated:
		for _, w := range writes {
			at, err := w.place()
			if err != nil {
				return nil, err
			}
			size := 0
			if i := w.table.rows.get(at); i != nil {
				size = i.size
			}
			m.read(w.table, nil, size, true)
		}
		return &transactWriteItemsOutput{ConsumedCapacity: m.all()}, nil
	}
	err = commit(writes, m)
	if err == nil || r.world.Otherwise("dynamodb-cancelled-token-forgotten") {
		r.tokens.remember(r.world.Now(), in, err)
	}
	if err != nil {
		return nil, err
	}
	return &transactWriteItemsOutput{ConsumedCapacity: m.all()}, nil
}

func (c *constraints) transaction(n int, present bool) {
	c.present("transactItems", present)
	if present {
		c.length("transactItems", "[…]", n, maxTransaction)
	}
}

// commit judges all writes on the items as they are, and then does all or none.
func commit(writes []*write, m *meter) error {
	reasons := make([]cancellationReason, len(writes))
	cancelled := false
	refuse := func(i int, err error) {
		reasons[i] = reasonOf(err)
		cancelled = true
	}
	places := make([]string, len(writes))
	changed := make([]*item, len(writes))
	type spot struct {
		table *table
		at    string
	}
	seen := map[spot]bool{}
	size := 0
	for i, w := range writes {
		at, err := w.place()
		if err != nil && w.table.world.Otherwise("dynamodb-wrong-key-cancels") {
			return err
		}
		if err != nil {
			refuse(i, err)
			continue
		}
		if seen[spot{w.table, at}] {
			return invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[spot{w.table, at}] = true
		places[i] = at
	}
	for i, w := range writes {
		if reasons[i].Code != "" {
			continue
		}
		var err error
		if changed[i], err = w.prepare(w.table.rows.get(places[i])); err != nil {
			refuse(i, err)
			continue
		}
		if changed[i] != nil {
			if size += changed[i].size; size > maxTransactionBytes {
				refuse(i, invalid("The aggregate size of the items in the transaction exceeds 4 MB"))
			}
		}
	}
	if cancelled {
		return cancellation(reasons)
	}
	for i, w := range writes {
		old := w.table.rows.get(places[i])
		if old != changed[i] {
			w.table.store(places[i], changed[i])
		}
		m.write(w.table, old, changed[i])
	}
	return nil
}

func reasonOf(err error) cancellationReason {
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != "ConditionalCheckFailedException" {
		return cancellationReason{Code: "ValidationError", Message: messageOf(err)}
	}
	return cancellationReason{Code: "ConditionalCheckFailed", Message: e.Message, Item: e.Members["Item"]}
}

func cancellation(reasons []cancellationReason) *wire.Error {
	codes := make([]string, len(reasons))
	for i := range reasons {
		if reasons[i].Code == "" {
			reasons[i].Code = "None"
		}
		codes[i] = reasons[i].Code
	}
	message := fmt.Sprintf("Transaction cancelled, please refer cancellation reasons for specific reasons [%s]", strings.Join(codes, ", "))
	return &wire.Error{
		Code: "TransactionCanceledException", Message: message,
		Members: map[string]any{"CancellationReasons": reasons, "Message": message}, // unlike in other errors of DynamoDB
	}
}

func (a *transactWriteItem) constrain(c *constraints, at string) {
	if a.ConditionCheck != nil {
		a.ConditionCheck.constrain(c, at+"conditionCheck.")
		c.present(at+"conditionCheck.conditionExpression", a.ConditionCheck.ConditionExpression != nil)
	}
	if a.Put != nil {
		c.Required(at+"put.tableName", a.Put.TableName)
		c.present(at+"put.item", a.Put.Item != nil)
		c.conditional(a.Put.conditional)
	}
	if a.Delete != nil {
		a.Delete.constrain(c, at+"delete.")
	}
	if a.Update != nil {
		a.Update.constrain(c, at+"update.")
		c.present(at+"update.updateExpression", a.Update.UpdateExpression != nil)
	}
}

func (k *keyedAction) constrain(c *constraints, at string) {
	c.Required(at+"tableName", k.TableName)
	c.present(at+"key", k.Key != nil)
	c.conditional(k.conditional)
}

// parse makes a write of the action, and says on which table.
func (a *transactWriteItem) parse() (*write, string, error) {
	given := 0
	for _, present := range []bool{a.ConditionCheck != nil, a.Put != nil, a.Delete != nil, a.Update != nil} {
		if present {
			given++
		}
	}
	if given != 1 {
		return nil, "", invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	}
	switch w := (&write{}); {
	case a.Put != nil:
		var err error
		if w.put, err = wholeItem(a.Put.Item); err != nil {
			return nil, "", err
		}
		return w, a.Put.TableName, w.parse(a.Put.conditional, nil)
	case a.Delete != nil:
		w.delete = true
		return w, a.Delete.TableName, a.Delete.parse(w, nil)
	case a.Update != nil:
		w.update = true
		return w, a.Update.TableName, a.Update.parse(w, a.Update.UpdateExpression)
	default:
		return w, a.ConditionCheck.TableName, a.ConditionCheck.parse(w, nil)
	}
}

func (k *keyedAction) parse(w *write, update *string) error {
	var err error
	if w.key, err = values(k.Key); err != nil {
		return err
	}
	return w.parse(k.conditional, update)
}
