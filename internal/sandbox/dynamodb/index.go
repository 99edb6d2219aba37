package dynamodb

import "slices"

// index is a global secondary index: items that have its key attributes, in their order.
type index struct {
	name       string
	arn        string
	keys       keys
	projection string   // ALL, KEYS_ONLY, INCLUDE
	include    []string // besides the keys, for INCLUDE
	throughput *throughputInput
	rows       tree
	count      int64 // as DescribeTable reports them
	bytes      int64
}

func (t *table) index(name string) (*index, error) {
	for _, x := range t.indexes {
		if x.name == name {
			return x, nil
		}
	}
	return nil, invalid("The table does not have the specified index: %s", name)
}

// holds says whether an item stands in the index: it needs all of the index's key attributes.
func (x *index) holds(f fields) bool {
	for _, name := range x.keys.names() {
		if _, ok := f[name]; !ok {
			return false
		}
	}
	return true
}

// encode is the place of an item in the index: its index key, then the table's own.
func (x *index) encode(t *table, f fields) string { return x.keys.encode(f) + t.keys.encode(f) }

// follow takes over what has changed in the table.
func (x *index) follow(t *table, old, changed *item) {
	if old != nil && x.holds(old.fields) {
		x.rows.remove(x.encode(t, old.fields))
	}
	if changed != nil && x.holds(changed.fields) {
		x.rows.put(x.encode(t, changed.fields), changed)
	}
}

// all says whether the index has all attributes of its items.
func (x *index) all() bool { return x.projection == "ALL" }

// projects says whether the index has an attribute of its items.
func (x *index) projects(t *table, name string) bool {
	return x.all() || t.keys.has(name) || x.keys.has(name) || slices.Contains(x.include, name)
}

// projected is what the index has of an item.
func (x *index) projected(t *table, f fields) fields {
	if x.all() {
		return f
	}
	return f.pick(slices.Concat(t.keys.names(), x.keys.names(), x.include))
}

// size is what the index has of an item, in bytes.
func (x *index) size(t *table, i *item) int {
	if x.all() {
		return i.size
	}
	return x.projected(t, i.fields).size()
}

func (x *index) measure(t *table) (count, bytes int64) {
	for _, i := range x.rows.span("", lastKey, false) {
		count++
		bytes += int64(x.size(t, i))
	}
	return count, bytes
}

// writeUnits is what a change of the table costs in the index: a write for each entry that goes, comes or differs
// (DynamoDB Developer Guide, "Using Global Secondary Indexes", "Write capacity units").
func (x *index) writeUnits(t *table, old, changed *item) float64 {
	was, is := old != nil && x.holds(old.fields), changed != nil && x.holds(changed.fields)
	switch {
	case was && is && x.encode(t, old.fields) == x.encode(t, changed.fields):
		if x.projected(t, old.fields).equal(x.projected(t, changed.fields)) {
			return 0
		}
		return writeUnits(max(x.size(t, old), x.size(t, changed)))
	case was && is:
		return writeUnits(x.size(t, old)) + writeUnits(x.size(t, changed))
	case was:
		return writeUnits(x.size(t, old))
	case is:
		return writeUnits(x.size(t, changed))
	default:
		return 0
	}
}
