package dynamodb

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

const (
	// settling is how long a table is CREATING, UPDATING or DELETING, and its time to live ENABLING, in the world's own
	// time. AWS states none; it takes seconds there, and an hour for time to live.
	settling = 500 * time.Millisecond
	// counting is how often a table's ItemCount and TableSizeBytes are renewed, in real time ("DynamoDB updates this value
	// approximately every six hours", DynamoDB API Reference, TableDescription).
	counting = 6 * time.Hour
)

// table is one table with everything in it.
type table struct {
	world   *world.World
	name    string
	arn     string
	id      string
	status  string
	created time.Time
	types   map[string]kind // of the key attributes, also the indexes'
	keys    keys
	rows    tree
	bytes   int64
	count   int64
	indexes []*index
	lagging *index     // the table itself as eventually consistent reads see it; nil when they see the present
	behind  []followed // what indexes do not show yet, oldest first
	shown   int        // how many changes they show

	settings settings
	counted  struct {
		at           time.Time
		count, bytes int64
	}
}

// existing finds a table for a request about its items; data is there from the moment the table is ACTIVE.
func (r *region) existing(name string) (*table, error) {
	t, err := r.described(name)
	if err != nil || t.status == "CREATING" || t.status == "DELETING" {
		if isUnsupported(err) {
			return nil, err
		}
		return nil, notFound("Requested resource not found")
	}
	return t, nil
}

// described finds a table in whatever state it is, by name or ARN.
func (r *region) described(name string) (*table, error) {
	if strings.HasPrefix(name, "arn:") {
		prefix := r.tableARN("")
		plain, ok := strings.CutPrefix(name, prefix)
		if !ok {
			return nil, &wire.Unsupported{What: "tables of other accounts and Regions: " + name}
		}
		name = plain
	}
	if t := r.tables[name]; t != nil {
		return t, nil
	}
	return nil, notFound("Requested resource not found: Table: %s not found", name)
}

func (r *region) tableARN(name string) string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", r.region, r.account, name)
}

// tableName checks a request's TableName.
func (c *constraints) tableName(name string) {
	switch {
	case name == "":
		c.present("tableName", false)
	case !strings.HasPrefix(name, "arn:"):
		c.name("tableName", name)
	}
}

// controlled finds the table of a request about the table itself.
func (r *region) controlled(name string) (*table, error) {
	if err := controlName(name); err != nil {
		return nil, err
	}
	return r.described(name)
}

// controlName checks a name as the operations on tables do.
func controlName(name string) error {
	if name == "" {
		return invalid("The parameter 'TableName' is required but was not present in the request")
	}
	if strings.HasPrefix(name, "arn:") {
		return nil
	}
	if len(name) < 3 || len(name) > 255 {
		return invalid("TableName must be at least 3 characters long and at most 255 characters long")
	}
	c := constraints{}
	c.name("tableName", name)
	return c.err()
}

// store puts an item into its place, or takes away what is there when i is nil. Indexes follow later.
func (t *table) store(key string, i *item) {
	old := t.rows.get(key)
	t.account(old, -1)
	t.account(i, 1)
	if i == nil {
		t.rows.remove(key)
	} else {
		t.rows.put(key, i)
	}
	indexed := len(t.indexes) > 0 || t.lagging != nil
	if indexed && (old != nil || i != nil) {
		t.behind = append(t.behind, followed{old, i})
		upTo := t.shown + len(t.behind)
		t.world.After(t.world.Timing.IndexLag, func() { t.show(upTo) })
	}
}

// followed is a change that indexes take over: what an item was and what it is, nil where it is not there.
type followed struct{ old, now *item }

// show lets the indexes follow the first upTo changes of the table. They follow in the order of the changes, however the lag
// varies: what is older never covers what is newer.
func (t *table) show(upTo int) {
	for ; t.shown < upTo; t.shown++ {
		c := t.behind[0]
		t.behind = t.behind[1:]
		for _, x := range t.indexes {
			x.follow(t, c.old, c.now)
		}
		if t.lagging != nil {
			t.lagging.follow(t, c.old, c.now)
		}
	}
}

func (t *table) account(i *item, sign int64) {
	if i != nil {
		t.bytes += sign * int64(i.size)
		t.count += sign
	}
}

// settle lets the table be in a state for a moment, and then does what comes next.
func (t *table) settle(status string, then func()) {
	t.status = status
	t.world.After(settling, then)
}

// recount renews the figures that DescribeTable reports.
func (t *table) recount() {
	if now := t.world.Now(); now.Sub(t.counted.at) >= counting {
		t.counted.at, t.counted.count, t.counted.bytes = now, t.count, t.bytes
		for _, x := range t.indexes {
			x.count, x.bytes = x.measure(t)
		}
	}
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Fail("ResourceNotFoundException", fmt.Sprintf(format, args...))
}

func inUse(format string, args ...any) *wire.Error {
	return wire.Fail("ResourceInUseException", fmt.Sprintf(format, args...))
}

func isUnsupported(err error) bool {
	var u *wire.Unsupported
	return errors.As(err, &u)
}
