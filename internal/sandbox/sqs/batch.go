package sqs

import (
	"errors"
	"fmt"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

var entryID = pattern.Compile(`^[A-Za-z0-9_-]{1,80}$`)

// failed is an entry of a batch that did not succeed.
type failed struct {
	ID          string `json:"Id"`
	SenderFault bool   `json:"SenderFault"`
	Code        string `json:"Code"`
	Message     string `json:"Message,omitempty"`
}

// succeeded is an entry of a batch that did, where nothing else is said about it.
type succeeded struct {
	ID string `json:"Id"`
}

func failedEntry(id string, err error) failed {
	var e *wire.Error
	if !errors.As(err, &e) {
		return failed{ID: id, Code: "InternalError", Message: err.Error()}
	}
	return failed{ID: id, SenderFault: true, Code: e.QueryCode, Message: e.Message}
}

// checkBatch refuses a batch as a whole: without entries, with more than ten, with ids that are malformed or not distinct.
func checkBatch[E any](entries []E, id func(E) string) error {
	switch {
	case len(entries) == 0:
		return failure("EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(entries) > 10:
		return failure("TooManyEntriesInBatchRequest",
			fmt.Sprintf("Maximum number of entries per request are 10. You have sent %d.", len(entries)))
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		switch {
		case !entryID.MatchString(id(entry)):
			return failure("InvalidBatchEntryId",
				"A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		case seen[id(entry)]:
			return failure("BatchEntryIdsNotDistinct", fmt.Sprintf("Id %s repeated.", id(entry)))
		}
		seen[id(entry)] = true
	}
	return nil
}
