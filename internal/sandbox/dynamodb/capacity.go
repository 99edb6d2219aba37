package dynamodb

import (
	"maps"
	"slices"
)

// readUnits is what reading so many bytes costs: one unit for 4 KB strongly consistent, half of it eventually
// consistent; reading nothing costs as much as reading the least (DynamoDB Developer Guide, "DynamoDB read and write
// operations").
func readUnits(size int, consistent bool) float64 {
	units := float64(max(1, (size+4095)/4096))
	if !consistent {
		units /= 2
	}
	return units
}

// writeUnits is what writing so many bytes costs: one unit for 1 KB.
func writeUnits(size int) float64 { return float64(max(1, (size+1023)/1024)) }

// meter adds up the capacity units of a request, by table and index.
type meter struct {
	mode   string // of ReturnConsumedCapacity
	factor float64
	tables map[string]*usage
}

type usage struct {
	table       float64
	indexes     map[string]float64
	read, write bool // told separately in the answers of transactions
}

// consumedCapacity is ConsumedCapacity of an answer.
type consumedCapacity struct {
	TableName              string
	CapacityUnits          float64
	ReadCapacityUnits      float64                  `json:",omitempty"`
	WriteCapacityUnits     float64                  `json:",omitempty"`
	Table                  *capacityUnits           `json:",omitempty"`
	GlobalSecondaryIndexes map[string]capacityUnits `json:",omitempty"`
}

type capacityUnits struct {
	CapacityUnits      float64
	ReadCapacityUnits  float64 `json:",omitempty"`
	WriteCapacityUnits float64 `json:",omitempty"`
}

func newMeter(mode string) *meter { return &meter{mode: mode, factor: 1, tables: map[string]*usage{}} }

// newTransactionMeter counts twice: transactions read and write everything twice.
func newTransactionMeter(mode string) *meter {
	m := newMeter(mode)
	m.factor = 2
	return m
}

func (m *meter) of(t *table) *usage {
	u := m.tables[t.name]
	if u == nil {
		u = &usage{indexes: map[string]float64{}}
		m.tables[t.name] = u
	}
	return u
}

func (m *meter) read(t *table, x *index, size int, consistent bool) {
	u := m.of(t)
	u.read = true
	if x == nil || x == t.lagging {
		u.table += m.factor * readUnits(size, consistent)
	} else {
		u.indexes[x.name] += m.factor * readUnits(size, consistent)
	}
}

// write counts a change of an item in its table and in all indexes; nil is none.
func (m *meter) write(t *table, old, changed *item) {
	u := m.of(t)
	u.write = true
	size := 0
	for _, i := range []*item{old, changed} {
		if i != nil {
			size = max(size, i.size)
		}
	}
	u.table += m.factor * writeUnits(size)
	for _, x := range t.indexes {
		if units := x.writeUnits(t, old, changed); units > 0 {
			u.indexes[x.name] += m.factor * units
		}
	}
}

// one is the report of a request on one table; nil when none is wanted.
func (m *meter) one() *consumedCapacity {
	for _, c := range m.all() {
		return &c
	}
	return nil
}

// all is the report by table; nil when none is wanted.
func (m *meter) all() []consumedCapacity {
	if m.mode != "TOTAL" && m.mode != "INDEXES" {
		return nil
	}
	var report []consumedCapacity
	for _, name := range slices.Sorted(maps.Keys(m.tables)) {
		report = append(report, m.tables[name].report(name, m.mode == "INDEXES", m.factor > 1))
	}
	return report
}

func (u *usage) report(name string, byIndex, transaction bool) consumedCapacity {
	units := func(n float64) capacityUnits {
		c := capacityUnits{CapacityUnits: n}
		if transaction && u.read {
			c.ReadCapacityUnits = n
		}
		if transaction && u.write {
			c.WriteCapacityUnits = n
		}
		return c
	}
	total := u.table
	for _, n := range u.indexes {
		total += n
	}
	sum := units(total)
	c := consumedCapacity{
		TableName: name, CapacityUnits: sum.CapacityUnits,
		ReadCapacityUnits: sum.ReadCapacityUnits, WriteCapacityUnits: sum.WriteCapacityUnits,
	}
	if byIndex {
		own := units(u.table)
		c.Table = &own
		for x, n := range u.indexes {
			if c.GlobalSecondaryIndexes == nil {
				c.GlobalSecondaryIndexes = map[string]capacityUnits{}
			}
			c.GlobalSecondaryIndexes[x] = units(n)
		}
	}
	return c
}
