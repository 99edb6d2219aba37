package sns

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type subscription struct {
	arn, topic, owner  string
	protocol, endpoint string
	pending            bool // nobody has confirmed it
	raw                bool // RawMessageDelivery
}

type subscribeInput struct {
	TopicARN   string            `json:"TopicArn"`
	Protocol   string            `json:"Protocol"`
	Endpoint   string            `json:"Endpoint"`
	Attributes map[string]string `json:"Attributes"`
	ReturnARN  bool              `json:"ReturnSubscriptionArn"`
}

type subscribeOutput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
}

func (s *Service) subscribe(c *wire.Call, in *subscribeInput) (*subscribeOutput, error) {
	t, err := s.topic(c, in.TopicARN)
	if err != nil {
		return nil, err
	}
	sub := &subscription{topic: t.arn, owner: c.Caller.Account, protocol: in.Protocol, endpoint: in.Endpoint}
	switch in.Protocol {
	case "email", "email-json":
		sub.pending = true
		if at := strings.Index(in.Endpoint, "@"); at < 1 || at == len(in.Endpoint)-1 {
			return nil, invalid("Email address")
		}
	case "sqs":
		if !strings.HasPrefix(in.Endpoint, "arn:aws:sqs:") || strings.Count(in.Endpoint, ":") != 5 {
			return nil, invalid("SQS endpoint ARN")
		}
	case "http", "https", "sms", "application", "lambda", "firehose":
		return nil, &wire.Unsupported{What: "subscriptions with protocol " + in.Protocol}
	default:
		return nil, invalid("Does not support this protocol string: " + in.Protocol)
	}
	for name, value := range in.Attributes {
		if err := sub.set(name, value); err != nil {
			return nil, err
		}
	}
	for _, other := range t.subscriptions {
		if other.protocol == sub.protocol && other.endpoint == sub.endpoint {
			if other.raw != sub.raw && len(in.Attributes) > 0 {
				return nil, invalid("Attributes Reason: Subscription already exists with different attributes")
			}
			return &subscribeOutput{other.answer(in.ReturnARN)}, nil
		}
	}
	sub.arn = t.arn + ":" + s.world.UUID("subscription")
	t.subscriptions = append(t.subscriptions, sub)
	return &subscribeOutput{sub.answer(in.ReturnARN)}, nil
}

func (s *subscription) answer(always bool) string {
	if s.pending && !always {
		return "pending confirmation"
	}
	return s.arn
}

func (s *subscription) set(name, value string) error {
	switch name {
	case "RawMessageDelivery":
		raw, err := strconv.ParseBool(value)
		if err != nil {
			return invalid("Attributes Reason: RawMessageDelivery: Invalid value [" + value + "]. Must be true or false.")
		}
		s.raw = raw
		return nil
	case "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "DeliveryPolicy", "SubscriptionRoleArn", "ReplayPolicy":
		return &wire.Unsupported{What: "subscription attribute " + name}
	default:
		return invalid("AttributeName")
	}
}

func (s *Service) subscription(arn string) (*topic, *subscription, error) {
	for _, t := range s.topics {
		for _, sub := range t.subscriptions {
			if sub.arn == arn {
				return t, sub, nil
			}
		}
	}
	if strings.Count(arn, ":") != 6 {
		return nil, nil, invalid("SubscriptionArn Reason: An ARN must have at least 6 elements, not " + strconv.Itoa(strings.Count(arn, ":")+1))
	}
	return nil, nil, &wire.Error{Code: "NotFound", Status: http.StatusNotFound, Message: "Subscription does not exist"}
}

type subscriptionInput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
}

func (s *Service) unsubscribe(_ *wire.Call, in *subscriptionInput) (*struct{}, error) {
	t, sub, err := s.subscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	t.subscriptions = slices.DeleteFunc(t.subscriptions, func(other *subscription) bool { return other == sub })
	t.deleted++
	return nil, nil
}

type listSubscriptionsInput struct {
	NextToken string `json:"NextToken"`
}

type listSubscriptionsByTopicInput struct {
	TopicARN  string `json:"TopicArn"`
	NextToken string `json:"NextToken"`
}

type listSubscriptionsOutput struct {
	Subscriptions []subscribed `json:"Subscriptions"`
	NextToken     string       `json:"NextToken,omitempty"`
}

type subscribed struct {
	SubscriptionARN string `json:"SubscriptionArn"`
	Owner           string `json:"Owner"`
	Protocol        string `json:"Protocol"`
	Endpoint        string `json:"Endpoint"`
	TopicARN        string `json:"TopicArn"`
}

func (s *subscription) listed() subscribed {
	out := subscribed{s.arn, s.owner, s.protocol, s.endpoint, s.topic}
	if s.pending {
		out.SubscriptionARN = "PendingConfirmation"
	}
	return out
}

func (s *Service) listSubscriptions(c *wire.Call, in *listSubscriptionsInput) (*listSubscriptionsOutput, error) {
	var all []*subscription
	for _, t := range s.topics {
		for _, sub := range t.subscriptions {
			if sub.owner == c.Caller.Account && strings.HasPrefix(t.arn, "arn:aws:sns:"+c.Region+":") {
				all = append(all, sub)
			}
		}
	}
	slices.SortFunc(all, func(a, b *subscription) int { return strings.Compare(a.arn, b.arn) })
	return listed(all, in.NextToken)
}

func (s *Service) listSubscriptionsByTopic(c *wire.Call, in *listSubscriptionsByTopicInput) (*listSubscriptionsOutput, error) {
	t, err := s.topic(c, in.TopicARN)
	if err != nil {
		return nil, err
	}
	return listed(t.subscriptions, in.NextToken)
}

func listed(all []*subscription, token string) (*listSubscriptionsOutput, error) {
	shown, next, err := page(all, token)
	if err != nil {
		return nil, err
	}
	out := &listSubscriptionsOutput{Subscriptions: []subscribed{}, NextToken: next}
	for _, sub := range shown {
		out.Subscriptions = append(out.Subscriptions, sub.listed())
	}
	return out, nil
}

func (s *Service) getSubscriptionAttributes(_ *wire.Call, in *subscriptionInput) (*attributesOutput, error) {
	_, sub, err := s.subscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	return &attributesOutput{map[string]string{
		"SubscriptionArn": sub.arn, "TopicArn": sub.topic, "Owner": sub.owner, "Protocol": sub.protocol,
		"Endpoint": sub.endpoint, "RawMessageDelivery": strconv.FormatBool(sub.raw),
		"PendingConfirmation": strconv.FormatBool(sub.pending), "ConfirmationWasAuthenticated": strconv.FormatBool(!sub.pending),
	}}, nil
}

type setSubscriptionAttributesInput struct {
	SubscriptionARN string `json:"SubscriptionArn"`
	AttributeName   string `json:"AttributeName"`
	AttributeValue  string `json:"AttributeValue"`
}

func (s *Service) setSubscriptionAttributes(_ *wire.Call, in *setSubscriptionAttributesInput) (*struct{}, error) {
	_, sub, err := s.subscription(in.SubscriptionARN)
	if err != nil {
		return nil, err
	}
	return nil, sub.set(in.AttributeName, in.AttributeValue)
}
