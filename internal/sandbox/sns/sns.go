// Package sns is Amazon SNS with its standard topics, and subscriptions of queues and of e-mail addresses.
//
// It follows the Amazon SNS API Reference. Nobody confirms an e-mail subscription here, so it stays pending, as it does
// in AWS until somebody reads the mail; a queue is confirmed at once. Policies are stored, not enforced.
package sns

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// Service is the service, and remembers what was published.
type Service struct {
	*wire.RPC
	world     *world.World
	topics    map[string]*topic // by ARN
	published []Message
}

// Message is what somebody published.
type Message struct {
	ID       string
	TopicARN string
	Subject  string
	Message  string
	At       time.Time
}

type topic struct {
	arn, owner    string
	settings      map[string]string
	tags          map[string]string
	subscriptions []*subscription // in the order in which they came
	deleted       int
}

// New makes the service. Its topics take deliveries of the world under their ARNs.
func New(w *world.World) *Service {
	s := &Service{world: w, topics: map[string]*topic{}}
	s.RPC = &wire.RPC{
		SigningName: "sns",
		XMLNS:       "http://sns.amazonaws.com/doc/2010-03-31/",
		Operations: map[string]wire.Operation{
			"CreateTopic":               within(w, s.createTopic),
			"DeleteTopic":               within(w, s.deleteTopic),
			"ListTopics":                within(w, s.listTopics),
			"GetTopicAttributes":        within(w, s.getTopicAttributes),
			"SetTopicAttributes":        within(w, s.setTopicAttributes),
			"TagResource":               within(w, s.tagResource),
			"UntagResource":             within(w, s.untagResource),
			"ListTagsForResource":       within(w, s.listTagsForResource),
			"Subscribe":                 within(w, s.subscribe),
			"Unsubscribe":               within(w, s.unsubscribe),
			"ListSubscriptions":         within(w, s.listSubscriptions),
			"ListSubscriptionsByTopic":  within(w, s.listSubscriptionsByTopic),
			"GetSubscriptionAttributes": within(w, s.getSubscriptionAttributes),
			"SetSubscriptionAttributes": within(w, s.setSubscriptionAttributes),
			"Publish":                   within(w, s.publish),
			"PublishBatch":              within(w, s.publishBatch),
		},
	}
	w.AddTarget(s.deliver)
	return s
}

// Published returns what was published so far, oldest first.
func (s *Service) Published() []Message {
	var all []Message
	s.world.Do(func() { all = slices.Clone(s.published) })
	return all
}

func within[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		w.Do(func() { out, err = f(c, in) })
		return out, err
	})
}

func (s *Service) topic(c *wire.Call, arn string) (*topic, error) {
	if arn == "" {
		return nil, invalid("TopicArn")
	}
	if t := s.topics[arn]; t != nil && t.owner == c.Caller.Account {
		return t, nil
	}
	parts := strings.Split(arn, ":")
	switch {
	case len(parts) != 6 || parts[2] != "sns":
		return nil, invalid("TopicArn")
	case parts[4] != c.Caller.Account:
		return nil, &wire.Error{
			Code: "AuthorizationError", Status: http.StatusForbidden,
			Message: fmt.Sprintf("User: %s is not authorized to perform: SNS:%s on resource: %s", c.Caller.ARN, c.Operation, arn),
		}
	}
	return nil, &wire.Error{Code: "NotFound", Status: http.StatusNotFound, Message: "Topic does not exist"}
}

func invalid(what string) error { return wire.Fail("InvalidParameter", "Invalid parameter: "+what) }

var topicName = pattern.Compile(`^[A-Za-z0-9_-]{1,256}$`)

type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

type createTopicInput struct {
	Name       string            `json:"Name"`
	Attributes map[string]string `json:"Attributes"`
	Tags       []tag             `json:"Tags"`
}

type createTopicOutput struct {
	TopicARN string `json:"TopicArn"`
}

func (s *Service) createTopic(c *wire.Call, in *createTopicInput) (*createTopicOutput, error) {
	switch {
	case strings.HasSuffix(in.Name, ".fifo"):
		return nil, &wire.Unsupported{What: "FIFO topics"}
	case !topicName.MatchString(in.Name):
		return nil, invalid("Topic Name")
	}
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		if err := checkAttribute(name); err != nil {
			return nil, err
		}
	}
	tags := map[string]string{}
	for _, t := range in.Tags {
		tags[t.Key] = t.Value
	}
	arn := "arn:aws:sns:" + c.Region + ":" + c.Caller.Account + ":" + in.Name
	if t := s.topics[arn]; t != nil {
		for name, value := range in.Attributes {
			if t.settings[name] != value {
				return nil, invalid("Attributes Reason: Topic already exists with different attributes")
			}
		}
		if len(tags) > 0 && !maps.Equal(tags, t.tags) {
			return nil, invalid("Tags Reason: Topic already exists with different tags")
		}
		return &createTopicOutput{arn}, nil
	}
	t := &topic{arn: arn, owner: c.Caller.Account, settings: map[string]string{}, tags: tags}
	maps.Copy(t.settings, in.Attributes)
	s.topics[arn] = t
	return &createTopicOutput{arn}, nil
}

func checkAttribute(name string) error {
	switch name {
	case "DisplayName", "Policy", "DeliveryPolicy", "KmsMasterKeyId", "SignatureVersion", "TracingConfig":
		return nil
	case "FifoTopic", "ContentBasedDeduplication", "ArchivePolicy", "FifoThroughputScope":
		return &wire.Unsupported{What: "FIFO topics"}
	default:
		return invalid("AttributeName")
	}
}

type topicInput struct {
	TopicARN string `json:"TopicArn"`
}

func (s *Service) deleteTopic(c *wire.Call, in *topicInput) (*struct{}, error) {
	if s.topics[in.TopicARN] == nil && strings.Count(in.TopicARN, ":") == 5 {
		return nil, nil // deleting twice is fine
	}
	t, err := s.topic(c, in.TopicARN)
	if err != nil {
		return nil, err
	}
	delete(s.topics, t.arn)
	return nil, nil
}

// enter is the account that the caller acts in, if it may do so there.
func (s *Service) enter(c *wire.Call) (*world.Account, error) {
	a, err := s.world.Enter(world.Caller(c.Caller), c.Region, "sns:"+c.Operation)
	var r *world.Refusal
	switch {
	case !errors.As(err, &r):
		return a, err
	case r.Code == world.InvalidToken:
		return nil, &wire.Error{Code: "InvalidClientTokenId", Status: http.StatusForbidden, Message: r.Message}
	default:
		return nil, &wire.Error{Code: "AuthorizationError", Status: http.StatusForbidden, Message: r.Message}
	}
}

type listTopicsInput struct {
	NextToken string `json:"NextToken"`
}

type listTopicsOutput struct {
	Topics    []topicOutput `json:"Topics"`
	NextToken string        `json:"NextToken,omitempty"`
}

type topicOutput struct {
	TopicARN string `json:"TopicArn"`
}

func (s *Service) listTopics(c *wire.Call, in *listTopicsInput) (*listTopicsOutput, error) {
	a, err := s.enter(c)
	if err != nil {
		return nil, err
	}
	var all []string
	here := "arn:aws:sns:" + c.Region + ":" + a.ID + ":"
	for arn := range s.topics {
		if strings.HasPrefix(arn, here) {
			all = append(all, arn)
		}
	}
	for _, name := range s.world.AllTopics(a, c.Region) { // what the world knows of the account
		all = append(all, here+name)
	}
	slices.Sort(all)
	var arns []topicOutput
	for _, arn := range slices.Compact(all) {
		arns = append(arns, topicOutput{arn})
	}
	shown, next, err := page(arns, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &listTopicsOutput{shown, next}, nil
}

// page returns up to 100 items (Amazon SNS API Reference, ListTopics).
func page[T any](all []T, token string) ([]T, string, error) {
	start := 0
	if token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n > len(all) {
			return nil, "", invalid("NextToken")
		}
		start = n
	}
	end := min(start+100, len(all))
	if end == len(all) {
		return all[start:], "", nil
	}
	return all[start:end], strconv.Itoa(end), nil
}
