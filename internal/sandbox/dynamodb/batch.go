package dynamodb

import (
	"maps"
	"slices"
	"strings"
)

// Limits of batches (DynamoDB API Reference, BatchGetItem and BatchWriteItem).
const (
	maxBatchGet   = 100
	maxBatchWrite = 25
	maxBatchBytes = 16 << 20
)

type keysAndAttributes struct {
	Keys                     []map[string]attribute
	ConsistentRead           bool
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
}

type batchGetItemInput struct {
	RequestItems           map[string]keysAndAttributes
	ReturnConsumedCapacity string
}

type batchGetItemOutput struct {
	Responses        map[string][]fields
	UnprocessedKeys  map[string]unprocessedKeys
	ConsumedCapacity []consumedCapacity `json:",omitempty"`
}

type unprocessedKeys struct {
	Keys                     []fields
	ConsistentRead           bool              `json:",omitempty"`
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
}

// batchGetItem follows DynamoDB API Reference, BatchGetItem: up to 100 items and 16 MB, in no particular order; here it
// is the table's own, so that nobody gets used to that of the request.
func (r *region) batchGetItem(in *batchGetItemInput) (*batchGetItemOutput, error) {
	gets, err := in.parse()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(gets)) {
		t, err := r.existing(name)
		if err != nil {
			return nil, err
		}
		for _, g := range gets[name] {
			g.table = t
			if err := g.place(); err != nil {
				return nil, err
			}
		}
		slices.SortFunc(gets[name], func(a, b *get) int { return strings.Compare(a.at, b.at) })
		for i, g := range gets[name] {
			if i > 0 && gets[name][i-1].at == g.at {
				return nil, errDuplicateKeys()
			}
		}
	}
	m := newMeter(in.ReturnConsumedCapacity)
	out := &batchGetItemOutput{Responses: map[string][]fields{}, UnprocessedKeys: map[string]unprocessedKeys{}}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(gets)) {
		out.Responses[name] = []fields{}
		for _, g := range gets[name] {
			if i := g.find(); i != nil {
				if size += i.size; size > maxBatchBytes {
					out.postpone(name, in.RequestItems[name], g.key)
					continue
				}
			}
			if f := g.run(m); f != nil {
				out.Responses[name] = append(out.Responses[name], f)
			}
		}
	}
	out.ConsumedCapacity = m.all()
	return out, nil
}

func (in *batchGetItemInput) parse() (map[string][]*get, error) {
	c := constraints{}
	c.returns(in.ReturnConsumedCapacity, "")
	c.present("requestItems", in.RequestItems != nil)
	if in.RequestItems != nil {
		c.length("requestItems", "{}", len(in.RequestItems), maxBatchGet)
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		n := len(in.RequestItems[name].Keys)
		c.length("requestItems."+name+".member.keys", "[…]", n, maxBatchGet)
		total += n
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if total > maxBatchGet {
		return nil, invalid("Too many items requested for the BatchGetItem call")
	}
	gets := map[string][]*get{}
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		want := in.RequestItems[name]
		for _, key := range want.Keys {
			g := &get{consistent: want.ConsistentRead}
			if err := g.parse(key, want.ProjectionExpression, want.ExpressionAttributeNames); err != nil {
				return nil, err
			}
			gets[name] = append(gets[name], g)
		}
	}
	return gets, nil
}

func (out *batchGetItemOutput) postpone(name string, want keysAndAttributes, key fields) {
	u := out.UnprocessedKeys[name]
	u.Keys = append(u.Keys, key)
	u.ConsistentRead, u.ProjectionExpression = want.ConsistentRead, want.ProjectionExpression
	u.ExpressionAttributeNames = want.ExpressionAttributeNames
	out.UnprocessedKeys[name] = u
}

func errDuplicateKeys() error { return invalid("Provided list of item keys contains duplicates") }

type batchWriteItemInput struct {
	RequestItems                map[string][]writeRequest
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
}

type writeRequest struct {
	PutRequest    *struct{ Item map[string]attribute }
	DeleteRequest *struct{ Key map[string]attribute }
}

type batchWriteItemOutput struct {
	UnprocessedItems map[string][]writeRequest
	ConsumedCapacity []consumedCapacity `json:",omitempty"`
}

// batchWriteItem follows DynamoDB API Reference, BatchWriteItem: up to 25 puts and deletions, without conditions. All are
// checked before the first is done; none is ever left unprocessed.
func (r *region) batchWriteItem(in *batchWriteItemInput) (*batchWriteItemOutput, error) {
	writes, err := in.parse()
	if err != nil {
		return nil, err
	}
	seen := map[*table]map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		t, err := r.existing(name)
		if err != nil {
			return nil, err
		}
		if seen[t] == nil {
			seen[t] = map[string]bool{}
		}
		for _, w := range writes[name] {
			w.table = t
			if w.put != nil && t.checkKey(w.put.pick(t.keys.names())) != nil {
				return nil, t.checkKey(w.put.pick(t.keys.names()))
			}
			at, err := w.place()
			if err != nil {
				return nil, err
			}
			if seen[t][at] {
				return nil, errDuplicateKeys()
			}
			seen[t][at] = true
		}
	}
	m := newMeter(in.ReturnConsumedCapacity)
	for _, name := range slices.Sorted(maps.Keys(writes)) {
		for _, w := range writes[name] {
			if _, _, err := w.run(m); err != nil {
				return nil, err
			}
		}
	}
	return &batchWriteItemOutput{UnprocessedItems: map[string][]writeRequest{}, ConsumedCapacity: m.all()}, nil
}

func (in *batchWriteItemInput) parse() (map[string][]*write, error) {
	c := constraints{}
	c.returns(in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics)
	c.present("requestItems", in.RequestItems != nil)
	if in.RequestItems != nil {
		c.length("requestItems", "{}", len(in.RequestItems), maxBatchWrite)
	}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		n := len(in.RequestItems[name])
		if n < 1 || n > maxBatchWrite {
			return nil, invalid("1 validation error detected: Value '{%s=[…]}' at 'requestItems' failed to satisfy constraint: "+
				"Map value must satisfy constraint: [Member must have length less than or equal to %d, "+
				"Member must have length greater than or equal to 1]", name, maxBatchWrite)
		}
		total += n
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	if total > maxBatchWrite {
		return nil, invalid("Too many items requested for the BatchWriteItem call")
	}
	writes := map[string][]*write{}
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		for _, request := range in.RequestItems[name] {
			w, err := request.parse()
			if err != nil {
				return nil, err
			}
			writes[name] = append(writes[name], w)
		}
	}
	return writes, nil
}

func (q writeRequest) parse() (*write, error) {
	w := &write{}
	var err error
	switch {
	case (q.PutRequest == nil) == (q.DeleteRequest == nil):
		return nil, invalid("Supplied AttributeValue has more than one datatypes set, " +
			"must contain exactly one of the supported datatypes") // AWS says so of write requests, too
	case q.PutRequest != nil:
		w.put, err = wholeItem(q.PutRequest.Item)
	default:
		w.delete = true
		w.key, err = values(q.DeleteRequest.Key)
	}
	return w, err
}
