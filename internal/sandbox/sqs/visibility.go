package sqs

import (
	"fmt"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type changeMessageVisibilityInput struct {
	QueueURL          string `json:"QueueUrl"`
	ReceiptHandle     string `json:"ReceiptHandle"`
	VisibilityTimeout *int   `json:"VisibilityTimeout"`
}

func (s *service) changeMessageVisibility(c *wire.Call, in *changeMessageVisibilityInput) (*struct{}, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	return nil, s.hide(q, in.ReceiptHandle, in.VisibilityTimeout)
}

// hide sets for how long from now a message that is in flight stays invisible (Amazon SQS API Reference,
// ChangeMessageVisibility).
func (s *service) hide(q *queue, handle string, seconds *int) error {
	switch {
	case handle == "":
		return missing("ReceiptHandle")
	case seconds == nil:
		return missing("VisibilityTimeout")
	case *seconds < 0 || *seconds > 43_200:
		return outOfRange("VisibilityTimeout", *seconds, 0, 43_200)
	}
	m, last, ok := q.open(handle)
	now := s.world.Now()
	switch {
	case !ok:
		return failure("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")
	case !last:
		return invalid(fmt.Sprintf("Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.", handle))
	case !m.visible.After(now):
		return failure("MessageNotInflight", "The specified message isn't in flight.")
	}
	until := now.Add(time.Duration(*seconds) * time.Second)
	if until.Sub(m.taken) > longestHold {
		return invalid(fmt.Sprintf("Value %d for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].", *seconds))
	}
	m.visible = until
	s.world.Notify()
	return nil
}

type visibilityEntry struct {
	ID                string `json:"Id"`
	ReceiptHandle     string `json:"ReceiptHandle"`
	VisibilityTimeout *int   `json:"VisibilityTimeout"`
}

type changeMessageVisibilityBatchInput struct {
	QueueURL string            `json:"QueueUrl"`
	Entries  []visibilityEntry `json:"Entries" query:"ChangeMessageVisibilityBatchRequestEntry,flat"`
}

type changeMessageVisibilityBatchOutput struct {
	Successful []succeeded `json:"Successful" query:"ChangeMessageVisibilityBatchResultEntry,flat"`
	Failed     []failed    `json:"Failed,omitempty" query:"BatchResultErrorEntry,flat"`
}

func (s *service) changeMessageVisibilityBatch(
	c *wire.Call, in *changeMessageVisibilityBatchInput,
) (*changeMessageVisibilityBatchOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Entries, func(e visibilityEntry) string { return e.ID }); err != nil {
		return nil, err
	}
	out := &changeMessageVisibilityBatchOutput{Successful: []succeeded{}}
	for _, e := range in.Entries {
		if err := s.hide(q, e.ReceiptHandle, e.VisibilityTimeout); err != nil {
			out.Failed = append(out.Failed, failedEntry(e.ID, err))
			continue
		}
		out.Successful = append(out.Successful, succeeded{e.ID})
	}
	return out, nil
}
