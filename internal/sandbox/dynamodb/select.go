package dynamodb

import (
	"iter"
	"math"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// maxPage is how much Query and Scan read at once, before filtering.
const maxPage = 1 << 20

// selection is what Query and Scan have in common.
type selection struct {
	TableName            string
	IndexName            *string
	Select               string
	Limit                *int64
	ConsistentRead       bool
	ExclusiveStartKey    map[string]attribute
	ProjectionExpression *string
	FilterExpression     *string
	placeholders
	ReturnConsumedCapacity string
}

type page struct {
	Items            *[]fields `json:",omitempty"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey fields            `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func (c *constraints) selection(in *selection) {
	c.tableName(in.TableName)
	if in.IndexName != nil {
		c.name("indexName", *in.IndexName)
	}
	c.Enum("select", in.Select, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	c.number("limit", in.Limit, 1, math.MaxInt32)
	c.returns(in.ReturnConsumedCapacity, "")
}

// reader reads a table or one of its indexes in order.
type reader struct {
	table      *table
	index      *index // nil: the table itself
	keys       keys
	rows       *tree
	consistent bool
	filter     *node
	projection []path
	count      bool
	limit      int64
	start      fields
}

// checkSelect refuses combinations of Select, index and projection that contradict each other.
func (in *selection) checkSelect() error {
	switch {
	case in.Select == "ALL_PROJECTED_ATTRIBUTES" && in.IndexName == nil:
		return invalidParameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case in.Select == "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression == nil:
		return invalidParameter("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select == "COUNT" && in.ProjectionExpression != nil:
		return invalidParameter("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case in.Select != "" && in.Select != "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression != nil:
		return invalidParameter("Cannot specify the ProjectionExpression when choosing to get %s", in.Select)
	}
	return nil
}

// reader finds the table and the index, and checks what the request wants of them.
func (in *selection) reader(r *region, filter *node, projection []path) (*reader, error) {
	t, err := r.existing(in.TableName)
	if err != nil {
		return nil, err
	}
	d := &reader{
		table: t, keys: t.keys, rows: &t.rows, consistent: in.ConsistentRead, filter: filter, projection: projection,
		count: in.Select == "COUNT", limit: math.MaxInt64,
	}
	if in.Limit != nil {
		d.limit = *in.Limit
	}
	if in.IndexName != nil {
		if d.index, err = t.index(*in.IndexName); err != nil {
			return nil, err
		}
		if in.ConsistentRead {
			return nil, invalid("Consistent reads are not supported on global secondary indexes")
		}
		if in.Select == "ALL_ATTRIBUTES" && !d.index.all() {
			return nil, invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its "+
				"projection type is not ALL", d.index.name)
		}
	} else if t.lagging != nil && !in.ConsistentRead {
		d.index = t.lagging
	}
	if d.index != nil {
		d.keys, d.rows = d.index.keys, &d.index.rows
	}
	if err := t.checkScalar(append(filter.paths(), projection...)); err != nil {
		return nil, err
	}
	if err := d.checkProjected(); err != nil {
		return nil, err
	}
	return d, d.startAt(in.ExclusiveStartKey)
}

func (d *reader) checkProjected() error {
	var missing []string
	for _, p := range d.projection {
		if d.index != nil && !d.index.projects(d.table, p[0].name) {
			missing = append(missing, p[0].name)
		}
	}
	if missing != nil {
		return invalidParameter("Global secondary index %s does not project [%s]", d.index.name, strings.Join(missing, ", "))
	}
	return nil
}

// startAt checks the key behind which the page begins.
func (d *reader) startAt(in map[string]attribute) error {
	if in == nil {
		return nil
	}
	start, err := values(in)
	if err != nil {
		return invalid("The provided starting key is invalid: %s", messageOf(err))
	}
	names := d.keyNames()
	if len(start) != len(names) {
		return invalid("The provided starting key is invalid")
	}
	for _, name := range names {
		if v, ok := start[name]; !ok || v.kind != d.table.types[name] {
			return invalid("The provided starting key is invalid")
		}
	}
	if err := d.table.checkKey(start.pick(d.table.keys.names())); err != nil {
		return invalid("The provided starting key is invalid: %s", messageOf(err))
	}
	d.start = start
	return nil
}

// keyNames are the attributes of a LastEvaluatedKey.
func (d *reader) keyNames() []string {
	names := d.table.keys.names()
	for _, name := range d.keys.names() {
		if !d.table.keys.has(name) {
			names = append(names, name)
		}
	}
	return names
}

// encode is the place of an item in what is read.
func (d *reader) encode(f fields) string {
	if d.index != nil {
		return d.index.encode(d.table, f)
	}
	return d.keys.encode(f)
}

// span is what has from <= key < to, less what the starting key says is read already.
func (d *reader) span(from, to string, backwards bool) iter.Seq2[string, *item] {
	if d.start != nil {
		if at := d.encode(d.start); backwards {
			to = min(to, at)
		} else {
			from = max(from, at+"\x00")
		}
	}
	return d.rows.span(from, to, backwards)
}

// page reads on until it has seen Limit items or 1 MB of them, whatever the filter thinks of them.
func (d *reader) page(rows iter.Seq2[string, *item], m *meter) *page {
	out := &page{}
	items := []fields{}
	size := 0
	var last *item
	for _, i := range rows {
		f, n := i.fields, i.size
		if d.index != nil {
			f, n = d.index.projected(d.table, f), d.index.size(d.table, i)
		}
		if size+n > maxPage && out.ScannedCount > 0 {
			out.LastEvaluatedKey = last.fields.pick(d.keyNames())
			break
		}
		size += n
		out.ScannedCount++
		if d.filter == nil || d.filter.holds(f) {
			out.Count++
			if d.projection != nil {
				f = project(f, d.projection)
			}
			items = append(items, f)
		}
		last = i
		if int64(out.ScannedCount) == d.limit {
			out.LastEvaluatedKey = last.fields.pick(d.keyNames())
			break
		}
	}
	if !d.count {
		out.Items = &items
	}
	m.read(d.table, d.index, size, d.consistent)
	out.ConsumedCapacity = m.one()
	return out
}

// noStart refuses a starting key that lies elsewhere than what is read.
func noStart(format string, args ...any) *wire.Error {
	return invalid("The provided starting key "+format, args...)
}
