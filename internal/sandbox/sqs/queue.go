package sqs

import (
	"cmp"
	"crypto/md5" // the protocol's digest, not a safeguard
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/world"
)

// maxInFlight is how many messages of a standard queue may be received and not yet deleted (Amazon SQS Developer Guide,
// message quotas).
const maxInFlight = 120_000

type queue struct {
	name, account, arn string
	created, modified  time.Time
	purged             time.Time
	settings           map[string]string // settable attributes
	tags               map[string]string
	messages           []*message // in the order in which they were sent
}

type message struct {
	id         string
	body       string
	attributes map[string]attribute
	sender     string
	sent       time.Time
	visible    time.Time // from when on it can be received
	first      time.Time // its first receive
	taken      time.Time // its last receive
	receives   int
	source     string // ARN of the queue that gave it up
}

// attribute is a message attribute, as both protocols spell it.
type attribute struct {
	DataType    string `json:"DataType"`
	StringValue string `json:"StringValue,omitempty"`
	BinaryValue []byte `json:"BinaryValue,omitempty"`
}

func (q *queue) send(w *world.World, m *message, delay time.Duration) {
	m.sent = w.Now()
	m.visible = m.sent.Add(delay)
	q.messages = append(q.messages, m)
	w.Notify()
}

// sweep drops what is past its retention, counted from when it was first sent, also in a dead-letter queue.
func (q *queue) sweep(now time.Time) {
	retention := q.seconds("MessageRetentionPeriod")
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return now.Sub(m.sent) >= retention })
}

// receive takes up to n messages that are visible. A message that was received maxReceiveCount times already goes to the
// dead-letter queue instead.
func (s *service) receive(q *queue, n int, hidden time.Duration) []*message {
	now := s.world.Now()
	q.sweep(now)
	dead, limit := s.deadLetter(q)
	var taken []*message
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool {
		if m.visible.After(now) || len(taken) == n {
			return false
		}
		if dead != nil && m.receives >= limit {
			m.source = q.arn
			dead.messages = append(dead.messages, m)
			s.world.Notify()
			return true
		}
		m.receives++
		m.taken = now
		m.visible = now.Add(hidden)
		if m.first.IsZero() {
			m.first = now
		}
		taken = append(taken, m)
		return false
	})
	return taken
}

// nextVisible is when the first message that is hidden now can be received; the zero time when there is none.
func (q *queue) nextVisible() time.Time {
	var next time.Time
	for _, m := range q.messages {
		if next.IsZero() || m.visible.Before(next) {
			next = m.visible
		}
	}
	return next
}

// redrive is the value of the attribute RedrivePolicy.
type redrive struct {
	Target  string `json:"deadLetterTargetArn"`
	Receive count  `json:"maxReceiveCount"`
}

// count is a number that may come as a string, as in policies written by hand.
type count int

func (c *count) UnmarshalJSON(b []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(b), `"`))
	if err != nil {
		return fmt.Errorf("read maxReceiveCount: %w", err)
	}
	*c = count(n)
	return nil
}

func (s *service) deadLetter(q *queue) (*queue, int) {
	policy := q.redrive()
	return s.queues[policy.Target], int(policy.Receive)
}

func (q *queue) redrive() redrive {
	var policy redrive
	if text := q.settings["RedrivePolicy"]; text != "" {
		if err := json.Unmarshal([]byte(text), &policy); err != nil {
			panic("sandbox: a stored RedrivePolicy cannot be read: " + err.Error()) // it was read before it was stored
		}
	}
	return policy
}

func (q *queue) number(attribute string) int {
	n, err := strconv.Atoi(q.settings[attribute])
	if err != nil {
		panic("sandbox: a stored " + attribute + " is no number: " + err.Error()) // it was read before it was stored
	}
	return n
}

func (q *queue) seconds(attribute string) time.Duration {
	return time.Duration(q.number(attribute)) * time.Second
}

func (q *queue) find(id string) *message {
	for _, m := range q.messages {
		if m.id == id {
			return m
		}
	}
	return nil
}

func (q *queue) remove(m *message) {
	q.messages = slices.DeleteFunc(q.messages, func(other *message) bool { return other == m })
}

// counts are the messages that can be received, are in flight, and are still delayed.
func (q *queue) counts(now time.Time) (visible, inFlight, delayed int) {
	for _, m := range q.messages {
		switch {
		case !m.visible.After(now):
			visible++
		case m.receives > 0:
			inFlight++
		default:
			delayed++
		}
	}
	return visible, inFlight, delayed
}

// handle is the receipt handle of the message's last receive.
func (q *queue) handle(m *message) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %d", q.arn, m.id, m.receives))
}

// open reads a receipt handle: the message, nil if it is gone, and whether the handle is the one of its last receive.
func (q *queue) open(handle string) (m *message, last bool, ok bool) {
	raw, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return nil, false, false
	}
	parts := strings.Split(string(raw), " ")
	if len(parts) != 3 || parts[0] != q.arn {
		return nil, false, false
	}
	m = q.find(parts[1])
	return m, m != nil && strconv.Itoa(m.receives) == parts[2], true
}

func digest(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

// attributesDigest follows the Amazon SQS Developer Guide, calculating the MD5 message digest for message attributes.
func attributesDigest(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var b []byte
	field := func(value string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
		b = append(b, value...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		field(name)
		field(a.DataType)
		if strings.HasPrefix(a.DataType, "Binary") {
			b = append(b, 2)
			field(string(a.BinaryValue))
			continue
		}
		b = append(b, 1)
		field(a.StringValue)
	}
	return digest(string(b))
}

func byName(a, b *queue) int { return cmp.Compare(a.name, b.name) }
