// Package sqs is Amazon SQS with its standard queues, in the JSON and in the query protocol.
//
// It follows the Amazon SQS API Reference and the Amazon SQS Developer Guide (visibility timeout, dead-letter queues, long
// polling, quotas). Its timers are real ones: the sandbox's speed does not touch them. Policies are stored, not enforced.
package sqs

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

type service struct {
	*wire.RPC
	world   *world.World
	queues  map[string]*queue    // by ARN
	deleted map[string]time.Time // when the queue with that ARN was deleted
}

// New makes the service. Its queues take deliveries of the world under their ARNs.
func New(w *world.World) wire.Service {
	s := &service{world: w, queues: map[string]*queue{}, deleted: map[string]time.Time{}}
	s.RPC = &wire.RPC{
		SigningName: "sqs",
		Target:      "AmazonSQS.",
		Namespace:   "com.amazonaws.sqs",
		XMLNS:       "http://queue.amazonaws.com/doc/2012-11-05/",
		Operations: map[string]wire.Operation{
			"CreateQueue":                  within(w, s.createQueue),
			"DeleteQueue":                  within(w, s.deleteQueue),
			"GetQueueUrl":                  within(w, s.getQueueURL),
			"GetQueueAttributes":           within(w, s.getQueueAttributes),
			"SetQueueAttributes":           within(w, s.setQueueAttributes),
			"ListQueues":                   within(w, s.listQueues),
			"ListDeadLetterSourceQueues":   within(w, s.listDeadLetterSourceQueues),
			"PurgeQueue":                   within(w, s.purgeQueue),
			"TagQueue":                     within(w, s.tagQueue),
			"UntagQueue":                   within(w, s.untagQueue),
			"ListQueueTags":                within(w, s.listQueueTags),
			"SendMessage":                  within(w, s.sendMessage),
			"SendMessageBatch":             within(w, s.sendMessageBatch),
			"ReceiveMessage":               wire.Op(s.receiveMessage),
			"DeleteMessage":                within(w, s.deleteMessage),
			"DeleteMessageBatch":           within(w, s.deleteMessageBatch),
			"ChangeMessageVisibility":      within(w, s.changeMessageVisibility),
			"ChangeMessageVisibilityBatch": within(w, s.changeMessageVisibilityBatch),
		},
	}
	w.AddTarget(s.deliver)
	return s
}

// within is [wire.Op] for operations that do not wait: all of it happens at one moment of the world.
func within[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() { out, err = f(c, in) })
		return out, err
	})
}

func (s *service) deliver(arn string, body []byte) bool {
	q := s.queues[arn]
	if q == nil {
		return false
	}
	q.send(s.world, &message{id: s.world.UUID("message"), body: string(body), sender: "AIDAIENQZJOLO23YVJ4VO"}, q.seconds("DelaySeconds"))
	return true
}

// queue finds the queue that a QueueUrl names: any host, then account and name.
func (s *service) queue(c *wire.Call, address string) (*queue, error) {
	if address == "" && c.Protocol == wire.Query {
		address = c.Request.URL.Path // the query protocol posts to the queue's own address
	}
	if address == "" {
		return nil, missing("QueueUrl")
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, failure("InvalidAddress", fmt.Sprintf("The address %s is not valid for this endpoint.", address))
	}
	account, name, ok := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if !ok {
		return nil, failure("InvalidAddress", fmt.Sprintf("The address %s is not valid for this endpoint.", address))
	}
	if account != c.Caller.Account {
		return nil, &wire.Error{
			Code: "AccessDeniedException", QueryCode: "AccessDenied", Namespace: coral, Status: 403,
			Message: fmt.Sprintf("Access to the resource %s is denied.", address),
		}
	}
	q := s.queues[arn(c, name)]
	if q == nil {
		return nil, errNoQueue
	}
	return q, nil
}

func arn(c *wire.Call, name string) string {
	return "arn:aws:sqs:" + c.Region + ":" + c.Caller.Account + ":" + name
}

func address(c *wire.Call, q *queue) string {
	scheme := "http"
	if c.Request.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Request.Host + "/" + q.account + "/" + q.name
}
