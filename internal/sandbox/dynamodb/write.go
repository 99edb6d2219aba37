package dynamodb

import "github.com/vend-cli/vend/internal/sandbox/wire"

// Limits of an item (DynamoDB Developer Guide, "Quotas in Amazon DynamoDB").
const maxItem = 400 * 1024

// write is one change of one item, parsed: what PutItem, UpdateItem, DeleteItem, a batch and a transaction have in
// common.
type write struct {
	table     *table
	key       fields   // of an update, a deletion or a check
	put       fields   // the whole new item, nil for anything else
	actions   []action // of an update
	update    bool
	delete    bool // otherwise, when put is nil: only the condition is checked
	condition *node
	showOld   bool // the item goes with the error of a failed condition
}

// place checks the write against the table's definition and says where the item is.
func (w *write) place() (string, error) {
	at := w.key
	if w.put != nil {
		at = w.put
		if err := w.table.checkItem(w.put); err != nil {
			return "", err
		}
	} else if err := w.table.checkKey(w.key); err != nil {
		return "", err
	}
	for _, a := range w.actions {
		if err := w.table.checkAction(a); err != nil {
			return "", err
		}
	}
	return w.table.keys.encode(at), w.table.checkScalar(w.reached())
}

// checkAction refuses a change of a key attribute, and of an index's to a literal of the wrong type.
func (t *table) checkAction(a action) error {
	name := a.path[0].name
	if t.keys.has(name) {
		return invalidParameter("Cannot update attribute %s. This attribute is part of the key", name)
	}
	if len(a.path) > 1 || a.operand == nil || a.operand.kind() == "" || a.operand.kind() == t.types[name] {
		return nil
	}
	for _, x := range t.indexes {
		if x.keys.has(name) {
			return invalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
				name, t.types[name], a.operand.kind(), x.name)
		}
	}
	return nil
}

// prepare judges the condition on the item as it is, and makes the item as it will be: nil when there will be none.
func (w *write) prepare(old *item) (*item, error) {
	var was fields
	if old != nil {
		was = old.fields
	}
	if w.condition != nil && !w.condition.holds(was) {
		e := wire.Fail("ConditionalCheckFailedException", "The conditional request failed")
		if w.showOld && old != nil {
			e.Members = map[string]any{"Item": was}
		}
		return nil, e
	}
	switch {
	case w.put != nil:
		return sized(w.put, "Item size has exceeded the maximum allowed size")
	case w.update:
		return w.updated(was)
	case w.delete:
		return nil, nil
	default:
		return old, nil
	}
}

func (w *write) updated(was fields) (*item, error) {
	var changed []string
	for _, a := range w.actions {
		changed = append(changed, a.path[0].name)
	}
	now, err := change(was, w.actions)
	if err != nil {
		return nil, err
	}
	for name, v := range w.key {
		now[name] = v
	}
	if err := w.table.checkUpdated(now, changed); err != nil {
		return nil, err
	}
	return sized(now, "Item size to update has exceeded the maximum allowed size")
}

func sized(f fields, tooLarge string) (*item, error) {
	i := newItem(f)
	if i.size > maxItem {
		return nil, invalid("%s", tooLarge)
	}
	return i, nil
}

// run does the write: the item before and after.
func (w *write) run(m *meter) (old, changed *item, err error) {
	key, err := w.place()
	if err != nil {
		return nil, nil, err
	}
	old = w.table.rows.get(key)
	changed, err = w.prepare(old)
	if err != nil {
		return nil, nil, err
	}
	w.table.store(key, changed)
	m.write(w.table, old, changed)
	return old, changed, nil
}

// conditional is what requests with a condition have in common.
type conditional struct {
	placeholders
	ConditionExpression                 *string
	ReturnValuesOnConditionCheckFailure string
}

func (c *constraints) conditional(in conditional) {
	c.Enum("returnValuesOnConditionCheckFailure", in.ReturnValuesOnConditionCheckFailure, "ALL_OLD", "NONE")
}

// parse reads the expressions of a request with a condition into w; update may be nil.
func (w *write) parse(in conditional, update *string) error {
	condition := expression{"ConditionExpression", in.ConditionExpression}
	given := []expression{condition}
	if w.update {
		given = []expression{{"UpdateExpression", update}, condition}
	}
	s, err := newScope(in.placeholders, given...)
	if err != nil {
		return err
	}
	if w.update {
		if w.actions, err = s.update(given[0]); err != nil {
			return err
		}
	}
	if w.condition, err = s.condition(condition); err != nil {
		return err
	}
	w.showOld = in.ReturnValuesOnConditionCheckFailure == "ALL_OLD"
	return s.finish()
}

// reached are all document paths in the write's expressions.
func (w *write) reached() []path {
	paths := w.condition.paths()
	for _, a := range w.actions {
		paths = append(paths, a.path)
		paths = append(paths, a.operand.paths()...)
	}
	return paths
}

func (n *node) paths() []path {
	if n == nil {
		return nil
	}
	var paths []path
	if n.op == "path" {
		paths = append(paths, n.path)
	}
	for _, arg := range n.args {
		paths = append(paths, arg.paths()...)
	}
	return paths
}
