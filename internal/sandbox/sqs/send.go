package sqs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// maxBatch is how many bytes the messages of one batch may have together (Amazon SQS Developer Guide, message quotas).
const maxBatch = 1_048_576

var (
	attributeName = pattern.Compile(`^[A-Za-z0-9_.-]{1,256}$`)
	attributeType = pattern.Compile(`^(String|Number|Binary)(\..+)?$`)
)

type sendMessageInput struct {
	QueueURL          string               `json:"QueueUrl"`
	MessageBody       string               `json:"MessageBody"`
	DelaySeconds      *int                 `json:"DelaySeconds"`
	MessageAttributes map[string]attribute `json:"MessageAttributes" query:"MessageAttribute,flat,key=Name,value=Value"`
}

type sendMessageOutput struct {
	MessageID       string `json:"MessageId"`
	MD5OfBody       string `json:"MD5OfMessageBody"`
	MD5OfAttributes string `json:"MD5OfMessageAttributes,omitempty"`
}

func (s *service) sendMessage(c *wire.Call, in *sendMessageInput) (*sendMessageOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	m, delay, err := s.write(c, q, in.MessageBody, in.DelaySeconds, in.MessageAttributes)
	if err != nil {
		return nil, err
	}
	q.send(s.world, m, delay)
	return &sendMessageOutput{MessageID: m.id, MD5OfBody: digest(m.body), MD5OfAttributes: attributesDigest(m.attributes)}, nil
}

// write makes a message of what a request says, if it may be one.
func (s *service) write(
	c *wire.Call, q *queue, body string, delay *int, attributes map[string]attribute,
) (*message, time.Duration, error) {
	if body == "" {
		return nil, 0, missing("MessageBody")
	}
	if !allowed(body) {
		return nil, 0, failure("InvalidMessageContents", "Invalid characters found. Valid unicode characters are "+
			"#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	}
	if err := checkMessageAttributes(attributes); err != nil {
		return nil, 0, err
	}
	if most := q.number("MaximumMessageSize"); size(body, attributes) > most {
		return nil, 0, invalid(fmt.Sprintf("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", most))
	}
	wait := q.seconds("DelaySeconds")
	if delay != nil {
		if *delay < 0 || *delay > 900 {
			return nil, 0, invalid(fmt.Sprintf("Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", *delay))
		}
		wait = time.Duration(*delay) * time.Second
	}
	return &message{id: s.world.UUID("message"), body: body, attributes: attributes, sender: c.Caller.UserID}, wait, nil
}

func allowed(body string) bool {
	return utf8.ValidString(body) && !strings.ContainsFunc(body, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

func checkMessageAttributes(attributes map[string]attribute) error {
	if len(attributes) > 10 {
		return invalid(fmt.Sprintf("Number of message attributes [%d] exceeds the allowed maximum [10].", len(attributes)))
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		switch {
		case !attributeName.MatchString(name):
			return invalid(fmt.Sprintf("The message attribute name '%s' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.", name))
		case !attributeType.MatchString(a.DataType):
			return invalid(fmt.Sprintf("The type of message (user) attribute '%s' is invalid. You must use only the following supported type prefixes: Binary, Number, String.", name))
		case strings.HasPrefix(a.DataType, "Binary") && len(a.BinaryValue) == 0, !strings.HasPrefix(a.DataType, "Binary") && a.StringValue == "":
			return invalid(fmt.Sprintf("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType))
		}
	}
	return nil
}

func size(body string, attributes map[string]attribute) int {
	n := len(body)
	for name, a := range attributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

type sendEntry struct {
	ID                string               `json:"Id"`
	MessageBody       string               `json:"MessageBody"`
	DelaySeconds      *int                 `json:"DelaySeconds"`
	MessageAttributes map[string]attribute `json:"MessageAttributes" query:"MessageAttribute,flat,key=Name,value=Value"`
}

type sendMessageBatchInput struct {
	QueueURL string      `json:"QueueUrl"`
	Entries  []sendEntry `json:"Entries" query:"SendMessageBatchRequestEntry,flat"`
}

type sendMessageBatchOutput struct {
	Successful []sent   `json:"Successful" query:"SendMessageBatchResultEntry,flat"`
	Failed     []failed `json:"Failed,omitempty" query:"BatchResultErrorEntry,flat"`
}

type sent struct {
	ID              string `json:"Id"`
	MessageID       string `json:"MessageId"`
	MD5OfBody       string `json:"MD5OfMessageBody"`
	MD5OfAttributes string `json:"MD5OfMessageAttributes,omitempty"`
}

func (s *service) sendMessageBatch(c *wire.Call, in *sendMessageBatchInput) (*sendMessageBatchOutput, error) {
	q, err := s.queue(c, in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Entries, func(e sendEntry) string { return e.ID }); err != nil {
		return nil, err
	}
	total := 0
	for _, e := range in.Entries {
		total += size(e.MessageBody, e.MessageAttributes)
	}
	if total > maxBatch {
		return nil, failure("BatchRequestTooLong",
			fmt.Sprintf("Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxBatch, total))
	}
	out := &sendMessageBatchOutput{Successful: []sent{}}
	for _, e := range in.Entries {
		m, delay, err := s.write(c, q, e.MessageBody, e.DelaySeconds, e.MessageAttributes)
		if err != nil {
			out.Failed = append(out.Failed, failedEntry(e.ID, err))
			continue
		}
		q.send(s.world, m, delay)
		out.Successful = append(out.Successful, sent{e.ID, m.id, digest(m.body), attributesDigest(m.attributes)})
	}
	return out, nil
}
