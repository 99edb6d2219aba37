package events

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// maxEntries is how many bytes the entries of one PutEvents may have together (Amazon EventBridge User Guide,
// calculating event entry size).
const maxEntries = 262_144

type putEventsInput struct {
	Entries []entry `json:"Entries"`
}

type entry struct {
	Time         *wire.Time `json:"Time"`
	Source       string     `json:"Source"`
	Resources    []string   `json:"Resources"`
	DetailType   string     `json:"DetailType"`
	Detail       string     `json:"Detail"`
	EventBusName string     `json:"EventBusName"`
	TraceHeader  string     `json:"TraceHeader"` // not looked at: the sandbox has no X-Ray
}

type putEventsOutput struct {
	FailedEntryCount int      `json:"FailedEntryCount"`
	Entries          []result `json:"Entries"`
}

type result struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:"ErrorCode,omitempty"`
	ErrorMessage string `json:"ErrorMessage,omitempty"`
}

// putEvents puts events of our own on the bus. What is wrong with one entry is said in its result: the answer is 200.
func (s *service) putEvents(c *wire.Call, in *putEventsInput) (*putEventsOutput, error) {
	if len(in.Entries) == 0 || len(in.Entries) > 10 {
		return nil, wire.Fail("ValidationException", "1 validation error detected: Value at 'entries' failed to satisfy constraint: "+
			"Member must have length between 1 and 10")
	}
	total := 0
	for _, e := range in.Entries {
		total += e.size()
	}
	if total >= maxEntries {
		return nil, wire.Fail("ValidationException", "Total size of the entries in the request is over the limit.")
	}
	out := &putEventsOutput{}
	for _, e := range in.Entries {
		r := s.put(c, e)
		if r.ErrorCode != "" {
			out.FailedEntryCount++
		}
		out.Entries = append(out.Entries, r)
	}
	return out, nil
}

func (e entry) size() int {
	n := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if e.Time != nil {
		n += 14
	}
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}

func (s *service) put(c *wire.Call, e entry) result {
	var object map[string]any
	switch {
	case e.Source == "":
		return result{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter Source is not valid. Reason: Source is a required argument."}
	case e.DetailType == "":
		return result{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter DetailType is not valid. Reason: DetailType is a required argument."}
	case e.Detail == "":
		return result{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter Detail is not valid. Reason: Detail is a required argument."}
	case strings.HasPrefix(e.Source, "aws."):
		return result{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
	case onDefault(c, e.EventBusName) != nil:
		return result{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter EventBusName is not valid. Reason: Event bus " + e.EventBusName + " does not exist."}
	case json.Unmarshal([]byte(e.Detail), &object) != nil || object == nil:
		return result{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	}
	at := s.world.Now()
	if e.Time != nil {
		at = e.Time.Time
	}
	event := world.Event{
		Version: "0", ID: s.world.UUID("event"), DetailType: e.DetailType, Source: e.Source, Account: c.Caller.Account,
		Time: at.UTC().Format(time.RFC3339), Region: c.Region, Resources: e.Resources, Detail: json.RawMessage(e.Detail),
	}
	if event.Resources == nil {
		event.Resources = []string{}
	}
	s.world.After(s.world.Timing.EventDelay, func() { s.route(event) })
	return result{EventID: event.ID}
}
