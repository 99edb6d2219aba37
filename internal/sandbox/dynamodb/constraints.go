package dynamodb

import (
	"strconv"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// constraints collects what is wrong with a request's members before anything is looked up.
type constraints struct{ wire.Invalid }

var nameCharacters = pattern.Compile(`[a-zA-Z0-9_.-]+`)

func (c *constraints) present(member string, is bool) {
	if !is {
		c.Add(member, nil, "not be null")
	}
}

// number checks a number that may be absent.
func (c *constraints) number(member string, n *int64, low, high int64) {
	switch {
	case n == nil:
	case *n < low:
		c.Add(member, *n, "have value greater than or equal to "+strconv.FormatInt(low, 10))
	case *n > high:
		c.Add(member, *n, "have value less than or equal to "+strconv.FormatInt(high, 10))
	}
}

// length checks that there is at least one of something, and not too many.
func (c *constraints) length(member string, shown any, n, high int) {
	switch {
	case n < 1:
		c.Add(member, shown, "have length greater than or equal to 1")
	case n > high:
		c.Add(member, shown, "have length less than or equal to "+strconv.Itoa(high))
	}
}

// name checks the name of a table or an index.
func (c *constraints) name(member, name string) {
	c.Required(member, name)
	c.Pattern(member, name, nameCharacters)
	c.Length(member, name, 3, 255)
}

// returns checks what most requests can say about their answer.
func (c *constraints) returns(capacity, metrics string) {
	c.Enum("returnConsumedCapacity", capacity, "INDEXES", "TOTAL", "NONE")
	c.Enum("returnItemCollectionMetrics", metrics, "SIZE", "NONE")
}

func (c *constraints) err() error {
	if err := c.Err(); err != nil {
		return invalid("%s", messageOf(err))
	}
	return nil
}
