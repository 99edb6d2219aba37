package dynamodb

type getItemInput struct {
	TableName                string
	Key                      map[string]attribute
	ConsistentRead           bool
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
	ReturnConsumedCapacity   string
}

type getItemOutput struct {
	Item             fields            `json:",omitzero"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// getItem follows DynamoDB API Reference, GetItem.
func (r *region) getItem(in *getItemInput) (*getItemOutput, error) {
	c := constraints{}
	c.tableName(in.TableName)
	c.present("key", in.Key != nil)
	c.returns(in.ReturnConsumedCapacity, "")
	if err := c.err(); err != nil {
		return nil, err
	}
	g := get{consistent: in.ConsistentRead}
	if err := g.parse(in.Key, in.ProjectionExpression, in.ExpressionAttributeNames); err != nil {
		return nil, err
	}
	t, err := r.existing(in.TableName)
	if err != nil {
		return nil, err
	}
	g.table = t
	if err := g.place(); err != nil {
		return nil, err
	}
	m := newMeter(in.ReturnConsumedCapacity)
	f := g.run(m)
	return &getItemOutput{Item: f, ConsumedCapacity: m.one()}, nil
}

// get is the reading of one item by its key, parsed.
type get struct {
	table      *table
	key        fields
	at         string
	projection []path
	consistent bool
}

func (g *get) parse(key map[string]attribute, projection *string, names map[string]string) error {
	var err error
	if g.key, err = values(key); err != nil {
		return err
	}
	e := expression{"ProjectionExpression", projection}
	s, err := newScope(placeholders{ExpressionAttributeNames: names}, e)
	if err != nil {
		return err
	}
	if g.projection, err = s.projection(e); err != nil {
		return err
	}
	return s.finish()
}

// place checks the key and finds out where the item would be.
func (g *get) place() error {
	if err := g.table.checkKey(g.key); err != nil {
		return err
	}
	g.at = g.table.keys.encode(g.key)
	return g.table.checkScalar(g.projection)
}

// find is the item as the reader sees it, nil when there is none.
func (g *get) find() *item {
	if g.table.lagging != nil && !g.consistent {
		return g.table.lagging.rows.get(g.table.lagging.encode(g.table, g.key))
	}
	return g.table.rows.get(g.at)
}

// run is what is wanted of the item, nil when there is none.
func (g *get) run(m *meter) fields {
	i := g.find()
	if i == nil {
		m.read(g.table, nil, 0, g.consistent)
		return nil
	}
	m.read(g.table, nil, i.size, g.consistent)
	if g.projection == nil {
		return i.fields
	}
	return project(i.fields, g.projection)
}

type writeOutput struct {
	Attributes       fields            `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

type putItemInput struct {
	TableName string
	Item      map[string]attribute
	conditional
	ReturnValues                string
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
}

// putItem follows DynamoDB API Reference, PutItem.
func (r *region) putItem(in *putItemInput) (*writeOutput, error) {
	c := constraints{}
	c.tableName(in.TableName)
	c.present("item", in.Item != nil)
	c.conditional(in.conditional)
	c.returns(in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics)
	c.Enum("returnValues", in.ReturnValues, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
	if err := c.err(); err != nil {
		return nil, err
	}
	w := &write{}
	var err error
	if w.put, err = wholeItem(in.Item); err != nil {
		return nil, err
	}
	if in.ReturnValues != "" && in.ReturnValues != "NONE" && in.ReturnValues != "ALL_OLD" {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	if err := w.parse(in.conditional, nil); err != nil {
		return nil, err
	}
	return r.finishWrite(w, in.TableName, in.ReturnValues, in.ReturnConsumedCapacity)
}

// wholeItem checks an item that is to be put, as far as it can be judged without its table.
func wholeItem(in map[string]attribute) (fields, error) {
	f, err := values(in)
	if err != nil {
		return nil, err
	}
	if f.size() > maxItem {
		return nil, invalid("Item size has exceeded the maximum allowed size")
	}
	return f, nil
}

type deleteItemInput struct {
	TableName string
	Key       map[string]attribute
	conditional
	ReturnValues                string
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
}

// deleteItem follows DynamoDB API Reference, DeleteItem: deleting what is not there is no error.
func (r *region) deleteItem(in *deleteItemInput) (*writeOutput, error) {
	c := constraints{}
	c.tableName(in.TableName)
	c.present("key", in.Key != nil)
	c.conditional(in.conditional)
	c.returns(in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics)
	c.Enum("returnValues", in.ReturnValues, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
	if err := c.err(); err != nil {
		return nil, err
	}
	w := &write{delete: true}
	var err error
	if w.key, err = values(in.Key); err != nil {
		return nil, err
	}
	if in.ReturnValues != "" && in.ReturnValues != "NONE" && in.ReturnValues != "ALL_OLD" {
		return nil, invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	if err := w.parse(in.conditional, nil); err != nil {
		return nil, err
	}
	return r.finishWrite(w, in.TableName, in.ReturnValues, in.ReturnConsumedCapacity)
}

type updateItemInput struct {
	TableName        string
	Key              map[string]attribute
	UpdateExpression *string
	conditional
	ReturnValues                string
	ReturnConsumedCapacity      string
	ReturnItemCollectionMetrics string
}

// updateItem follows DynamoDB API Reference, UpdateItem: it makes the item when there is none.
func (r *region) updateItem(in *updateItemInput) (*writeOutput, error) {
	c := constraints{}
	c.tableName(in.TableName)
	c.present("key", in.Key != nil)
	c.conditional(in.conditional)
	c.returns(in.ReturnConsumedCapacity, in.ReturnItemCollectionMetrics)
	c.Enum("returnValues", in.ReturnValues, "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
	if err := c.err(); err != nil {
		return nil, err
	}
	w := &write{update: true}
	var err error
	if w.key, err = values(in.Key); err != nil {
		return nil, err
	}
	if err := w.parse(in.conditional, in.UpdateExpression); err != nil {
		return nil, err
	}
	return r.finishWrite(w, in.TableName, in.ReturnValues, in.ReturnConsumedCapacity)
}

// finishWrite runs a write on its table and says of the item what was asked for.
func (r *region) finishWrite(w *write, table, want, capacity string) (*writeOutput, error) {
	t, err := r.existing(table)
	if err != nil {
		return nil, err
	}
	w.table = t
	m := newMeter(capacity)
	old, changed, err := w.run(m)
	if err != nil {
		return nil, err
	}
	out := &writeOutput{ConsumedCapacity: m.one()}
	var touched []path
	for _, a := range w.actions {
		touched = append(touched, a.path)
	}
	switch {
	case want == "ALL_OLD" && old != nil:
		out.Attributes = old.fields
	case want == "ALL_NEW":
		out.Attributes = changed.fields
	case want == "UPDATED_OLD" && old != nil:
		out.Attributes = project(old.fields, touched)
	case want == "UPDATED_NEW":
		out.Attributes = project(changed.fields, touched)
	}
	return out, nil
}
