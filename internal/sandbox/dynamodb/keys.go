package dynamodb

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// Limits of keys (DynamoDB Developer Guide, "Quotas in Amazon DynamoDB").
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

// Marks in encoded keys: the end of a part sorts before everything that could follow in a longer one.
const (
	partEnd  = "\x00\x01"
	zeroByte = "\x00\xff"
	lastKey  = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" // after every key: keys begin with eight bytes of hash
)

// keys are the names of a table's or an index's key attributes; sort may be empty.
type keys struct{ partition, sort string }

func (k keys) names() []string {
	if k.sort == "" {
		return []string{k.partition}
	}
	return []string{k.partition, k.sort}
}

func (k keys) has(name string) bool { return name == k.partition || name == k.sort }

// encode spells the key of f: first everything of a partition, in it by sort key.
func (k keys) encode(f fields) string {
	return k.spell(f) + partEnd
}

func (k keys) spell(f fields) string {
	if k.sort == "" {
		return partition(f[k.partition])
	}
	return partition(f[k.partition]) + sortPart(f[k.sort])
}

// partition is how the keys of everything in a partition begin, and nothing else's.
func partition(v value) string {
	raw := bytesOf(v)
	prefix := binary.BigEndian.AppendUint64(nil, mixed(raw))
	prefix = binary.AppendUvarint(prefix, uint64(len(raw)))
	return string(prefix) + raw
}

// sortPart keeps the order of the sort key's values.
func sortPart(v value) string { return strings.ReplaceAll(bytesOf(v), "\x00", zeroByte) }

func bytesOf(v value) string {
	if v.kind == kindN {
		return v.number().sortable()
	}
	return v.text
}

// after is the first key behind all those that begin with the prefix.
func after(prefix string) string {
	end := []byte(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return string(end[:i+1])
		}
	}
	return lastKey
}

// checkKey refuses what is not exactly a key of the table.
func (t *table) checkKey(f fields) error {
	if len(f) != len(t.keys.names()) {
		return errKeySchema()
	}
	for _, name := range t.keys.names() {
		v, ok := f[name]
		if !ok || v.kind != t.types[name] {
			return errKeySchema()
		}
		if err := t.keys.checkPart(name, v); err != nil {
			return err
		}
	}
	return nil
}

func errKeySchema() error { return invalid("The provided key element does not match the schema") }

// checkPart refuses an empty or an overlong part of a key.
func (k keys) checkPart(name string, v value) error {
	if v.kind != kindN && v.text == "" {
		return invalid("One or more parameter values are not valid. "+
			"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", plain(v.kind), name)
	}
	return k.checkSize(name, v)
}

func (k keys) checkSize(name string, v value) error {
	switch {
	case v.kind == kindN:
	case name == k.partition && len(v.text) > maxPartitionKey:
		return invalidParameter("Size of hashkey has exceeded the maximum size limit of%d bytes", maxPartitionKey)
	case name == k.sort && len(v.text) > maxSortKey:
		return invalidParameter("Aggregated size of all range keys has exceeded the size limit of %d bytes", maxSortKey)
	}
	return nil
}

func plain(k kind) string {
	if k == kindB {
		return "binary"
	}
	return "string"
}

// checkItem refuses an item that has no proper key, or cannot stand in the table's indexes.
func (t *table) checkItem(f fields) error {
	for _, name := range t.keys.names() {
		v, ok := f[name]
		if !ok {
			return invalidParameter("Missing the key %s in the item", name)
		}
		if v.kind != t.types[name] {
			return invalidParameter("Type mismatch for key %s expected: %s actual: %s", name, t.types[name], v.kind)
		}
		if err := t.keys.checkPart(name, v); err != nil {
			return err
		}
	}
	for _, x := range t.indexes {
		for _, name := range x.keys.names() {
			v, ok := f[name]
			switch {
			case !ok:
				continue
			case v.kind != t.types[name]:
				return invalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
					name, t.types[name], v.kind, x.name)
			case v.kind != kindN && v.text == "":
				return invalid("One or more parameter values are not valid. A value specified for a secondary index key is "+
					"not supported. The AttributeValue for a key attribute cannot contain an empty %s value. "+
					"IndexName: %s, IndexKey: %s", plain(v.kind), x.name, name)
			}
			if err := x.keys.checkSize(name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkUpdated refuses an update's outcome that cannot stand in the table's indexes; only the attributes named are new.
func (t *table) checkUpdated(f fields, changed []string) error {
	for _, x := range t.indexes {
		for _, name := range x.keys.names() {
			v, ok := f[name]
			switch {
			case !ok || !slices.Contains(changed, name):
				continue
			case v.kind != t.types[name]:
				return invalid("The update expression attempted to update the secondary index key to unsupported type")
			case v.kind != kindN && v.text == "":
				return invalid("One or more parameter values are not valid. The update expression attempted to update a "+
					"secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot "+
					"contain an empty %s value.", plain(v.kind))
			case x.keys.checkSize(name, v) != nil:
				return invalid("The update expression attempted to update the secondary index key beyond allowed size limits")
			}
		}
	}
	return nil
}

// checkScalar refuses a document path into a key attribute, which is no document.
func (t *table) checkScalar(paths []path) error {
	for _, p := range paths {
		if len(p) < 2 {
			continue
		}
		if t.keys.has(p[0].name) {
			return invalid("Key attributes must be scalars; "+
				"list random access '[]' and map lookup '.' are not allowed: Key: %s", p[0].name)
		}
		for _, x := range t.indexes {
			if x.keys.has(p[0].name) {
				return invalid("Key attributes must be scalars; "+
					"list random access '[]' and map lookup '.' are not allowed: IndexKey: %s", p[0].name)
			}
		}
	}
	return nil
}

// pick is the part of f with these names.
func (f fields) pick(names []string) fields {
	picked := make(fields, len(names))
	for _, name := range names {
		if v, ok := f[name]; ok {
			picked[name] = v
		}
	}
	return picked
}

// copied is f for somebody who changes it.
func (f fields) copied() fields {
	if f == nil {
		return fields{}
	}
	return maps.Clone(f)
}
