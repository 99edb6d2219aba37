package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// journalLength is how many calls are remembered one by one.
const journalLength = 100_000

// Entry is one API request that was answered, or dropped after its effect.
type Entry struct {
	Operation string // "servicecatalog.ProvisionProduct"
	Status    int
	At        time.Time
}

// calls counts API requests.
type calls struct {
	mu      sync.Mutex
	begun   int
	known   map[string]int
	unknown map[string]int
	journal []Entry
}

func (c *calls) begin() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun++
	return c.begun
}

func (c *calls) finish(operation string, status int, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known, c.unknown = map[string]int{}, map[string]int{}
	}
	if status == http.StatusNotImplemented {
		c.unknown[operation]++
	} else {
		c.known[operation]++
	}
	if len(c.journal) == journalLength {
		c.journal = slices.Delete(c.journal, 0, journalLength/2)
	}
	c.journal = append(c.journal, Entry{operation, status, at})
}

// Calls returns how often each operation was called, "servicecatalog.ProvisionProduct" by "servicecatalog.ProvisionProduct",
// retries and faulted calls included; unknown are those that the sandbox does not implement.
func (s *Sandbox) Calls() (known, unknown map[string]int) {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return maps.Clone(s.calls.known), maps.Clone(s.calls.unknown)
}

// Journal returns the last calls (100,000 at most) in the order in which they were answered.
func (s *Sandbox) Journal() []Entry {
	s.calls.mu.Lock()
	defer s.calls.mu.Unlock()
	return slices.Clone(s.calls.journal)
}
