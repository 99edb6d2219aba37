package dynamodb

type transactGetItemsInput struct {
	TransactItems          []transactGetItem
	ReturnConsumedCapacity string
}

type transactGetItem struct {
	Get *struct {
		TableName                string
		Key                      map[string]attribute
		ProjectionExpression     *string
		ExpressionAttributeNames map[string]string
	}
}

type transactGetItemsOutput struct {
	Responses        []itemResponse
	ConsumedCapacity []consumedCapacity `json:",omitempty"`
}

type itemResponse struct {
	Item fields `json:",omitzero"`
}

// transactGetItems follows DynamoDB API Reference, TransactGetItems: all items as they are at one moment, in the order of
// the request, with nothing in the place of one that is not there.
func (r *region) transactGetItems(in *transactGetItemsInput) (*transactGetItemsOutput, error) {
	c := constraints{}
	c.transaction(len(in.TransactItems), in.TransactItems != nil)
	c.returns(in.ReturnConsumedCapacity, "")
	for _, item := range in.TransactItems {
		c.present("transactItems.member.get", item.Get != nil)
		if item.Get != nil {
			c.Required("transactItems.member.get.tableName", item.Get.TableName)
			c.present("transactItems.member.get.key", item.Get.Key != nil)
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	gets := make([]*get, 0, len(in.TransactItems))
	for _, item := range in.TransactItems {
		g := &get{consistent: true}
		if err := g.parse(item.Get.Key, item.Get.ProjectionExpression, item.Get.ExpressionAttributeNames); err != nil {
			return nil, err
		}
		gets = append(gets, g)
	}
	seen := map[*table]map[string]bool{}
	reasons := make([]cancellationReason, len(gets))
	cancelled := false
	for i, g := range gets {
		t, err := r.existing(in.TransactItems[i].Get.TableName)
		if err != nil {
			return nil, err
		}
		g.table = t
		err = g.place()
		if err != nil && r.world.Otherwise("dynamodb-wrong-key-cancels") {
			return nil, err
		}
		if err != nil {
			reasons[i], cancelled = reasonOf(err), true
			continue
		}
		if seen[t] == nil {
			seen[t] = map[string]bool{}
		}
		if seen[t][g.at] {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[t][g.at] = true
	}
	if cancelled {
		return nil, cancellation(reasons)
	}
	m := newTransactionMeter(in.ReturnConsumedCapacity)
	out := &transactGetItemsOutput{}
	for _, g := range gets {
		out.Responses = append(out.Responses, itemResponse{Item: g.run(m)})
	}
	out.ConsumedCapacity = m.all()
	return out, nil
}
