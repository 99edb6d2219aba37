package sns

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// maxMessage is how many bytes a message, or a batch of them, may have (Amazon SNS API Reference, Publish).
const maxMessage = 262_144

type attribute struct {
	DataType    string `json:"DataType"`
	StringValue string `json:"StringValue"`
	BinaryValue []byte `json:"BinaryValue"`
}

type publishInput struct {
	TopicARN          string               `json:"TopicArn"`
	TargetARN         string               `json:"TargetArn"`
	Subject           string               `json:"Subject"`
	Message           string               `json:"Message"`
	MessageStructure  string               `json:"MessageStructure"`
	MessageAttributes map[string]attribute `json:"MessageAttributes" query:",key=Name,value=Value"`
}

type publishOutput struct {
	MessageID string `json:"MessageId"`
}

func (s *Service) publish(c *wire.Call, in *publishInput) (*publishOutput, error) {
	t, err := s.topic(c, cmp.Or(in.TopicARN, in.TargetARN))
	if err != nil {
		return nil, err
	}
	p, err := read(in.Subject, in.Message, in.MessageStructure, in.MessageAttributes)
	if err != nil {
		return nil, err
	}
	return &publishOutput{s.send(t, p)}, nil
}

// publication is a message that may be sent: to every protocol its own words, or the default ones.
type publication struct {
	subject, message string
	byProtocol       map[string]string
	attributes       map[string]attribute
}

func read(subject, message, structure string, attributes map[string]attribute) (*publication, error) {
	switch {
	case message == "":
		return nil, invalid("Empty message")
	case len(message) > maxMessage:
		return nil, invalid("Message too long")
	case utf8.RuneCountInString(subject) > 100 || strings.ContainsFunc(subject, unicode.IsControl):
		return nil, invalid("Subject")
	case structure != "" && structure != "json":
		return nil, invalid("MessageStructure")
	}
	p := &publication{subject: subject, message: message, attributes: attributes}
	for name, a := range attributes {
		if a.DataType == "" || a.StringValue == "" && len(a.BinaryValue) == 0 {
			return nil, wire.Fail("ParameterValueInvalid",
				fmt.Sprintf("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", name, a.DataType))
		}
	}
	if structure == "" {
		return p, nil
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal([]byte(message), &entries); err != nil {
		return nil, invalid("Message Structure - JSON message body failed to parse")
	}
	p.byProtocol = map[string]string{}
	for protocol, raw := range entries {
		var words string
		if json.Unmarshal(raw, &words) == nil {
			p.byProtocol[protocol] = words // AWS ignores values that are no strings
		}
	}
	var ok bool
	if p.message, ok = p.byProtocol["default"]; !ok {
		return nil, invalid("Message Structure - No default entry in JSON message body")
	}
	return p, nil
}

func (p *publication) to(protocol string) string {
	if words, ok := p.byProtocol[protocol]; ok {
		return words
	}
	return p.message
}

// send remembers the message, and brings it to the queues that are subscribed. A queue that is gone misses it, as in AWS.
func (s *Service) send(t *topic, p *publication) string {
	m := Message{ID: s.world.UUID("notification"), TopicARN: t.arn, Subject: p.subject, Message: p.message, At: s.world.Now()}
	s.published = append(s.published, m)
	for _, sub := range t.subscriptions {
		if sub.pending || sub.protocol != "sqs" {
			continue
		}
		m.Message = p.to("sqs")
		body := []byte(m.Message)
		if !sub.raw {
			body = envelope(m, sub.arn, p.attributes)
		}
		s.world.Deliver(sub.endpoint, body)
	}
	return m.ID
}

// deliver is how other services reach a topic: EventBridge, for one.
func (s *Service) deliver(arn string, body []byte) bool {
	t := s.topics[arn]
	if t == nil {
		return false
	}
	s.send(t, &publication{message: string(body)})
	return true
}

type notification struct {
	Type              string                       `json:"Type"`
	MessageID         string                       `json:"MessageId"`
	TopicARN          string                       `json:"TopicArn"`
	Subject           string                       `json:"Subject,omitempty"`
	Message           string                       `json:"Message"`
	Timestamp         wire.ISOTime                 `json:"Timestamp"`
	SignatureVersion  string                       `json:"SignatureVersion"`
	Signature         string                       `json:"Signature"`
	SigningCertURL    string                       `json:"SigningCertURL"`
	UnsubscribeURL    string                       `json:"UnsubscribeURL"`
	MessageAttributes map[string]notifiedAttribute `json:"MessageAttributes,omitempty"`
}

type notifiedAttribute struct {
	Type  string `json:"Type"`
	Value any    `json:"Value"`
}

// envelope is what a subscriber gets without raw delivery (Amazon SNS Developer Guide, HTTP/HTTPS notification JSON
// format). Nothing signs it: the signature is only as long as a real one.
func envelope(m Message, subscription string, attributes map[string]attribute) []byte {
	region := strings.Split(m.TopicARN, ":")[3]
	n := notification{
		Type: "Notification", MessageID: m.ID, TopicARN: m.TopicARN, Subject: m.Subject, Message: m.Message,
		Timestamp: wire.ISOTime{Time: m.At}, SignatureVersion: "1", Signature: strings.Repeat("A", 342) + "==",
		SigningCertURL: "https://sns." + region + ".amazonaws.com/SimpleNotificationService-sandbox.pem",
		UnsubscribeURL: "https://sns." + region + ".amazonaws.com/?Action=Unsubscribe&SubscriptionArn=" + subscription,
	}
	for name, a := range attributes {
		if n.MessageAttributes == nil {
			n.MessageAttributes = map[string]notifiedAttribute{}
		}
		if a.BinaryValue != nil {
			n.MessageAttributes[name] = notifiedAttribute{a.DataType, a.BinaryValue}
			continue
		}
		n.MessageAttributes[name] = notifiedAttribute{a.DataType, a.StringValue}
	}
	body, err := json.Marshal(n)
	if err != nil {
		panic("sandbox: notification: " + err.Error()) // a programming error: it is our own struct
	}
	return body
}

type publishEntry struct {
	ID                string               `json:"Id"`
	Subject           string               `json:"Subject"`
	Message           string               `json:"Message"`
	MessageStructure  string               `json:"MessageStructure"`
	MessageAttributes map[string]attribute `json:"MessageAttributes" query:",key=Name,value=Value"`
}

type publishBatchInput struct {
	TopicARN string         `json:"TopicArn"`
	Entries  []publishEntry `json:"PublishBatchRequestEntries"`
}

type publishBatchOutput struct {
	Successful []publishedEntry `json:"Successful"`
	Failed     []failedEntry    `json:"Failed"`
}

type publishedEntry struct {
	ID        string `json:"Id"`
	MessageID string `json:"MessageId"`
}

type failedEntry struct {
	ID          string `json:"Id"`
	Code        string `json:"Code"`
	Message     string `json:"Message"`
	SenderFault bool   `json:"SenderFault"`
}

func (s *Service) publishBatch(c *wire.Call, in *publishBatchInput) (*publishBatchOutput, error) {
	t, err := s.topic(c, in.TopicARN)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.Entries) == 0:
		return nil, wire.Fail("EmptyBatchRequest", "The batch request doesn't contain any entries.")
	case len(in.Entries) > 10:
		return nil, wire.Fail("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.")
	}
	total, seen := 0, map[string]bool{}
	for _, e := range in.Entries {
		if seen[e.ID] {
			return nil, wire.Fail("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.")
		}
		seen[e.ID] = true
		total += len(e.Message)
	}
	if total > maxMessage {
		return nil, wire.Fail("BatchRequestTooLong", "The length of all the messages put together is more than the limit.")
	}
	out := &publishBatchOutput{}
	for _, e := range in.Entries {
		p, err := read(e.Subject, e.Message, e.MessageStructure, e.MessageAttributes)
		var refusal *wire.Error
		if errors.As(err, &refusal) {
			out.Failed = append(out.Failed, failedEntry{e.ID, refusal.Code, refusal.Message, true})
			continue
		}
		out.Successful = append(out.Successful, publishedEntry{e.ID, s.send(t, p)})
	}
	return out, nil
}
