package sns

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

type attributesOutput struct {
	Attributes map[string]string `json:"Attributes"`
}

func (s *Service) getTopicAttributes(c *wire.Call, in *topicInput) (*attributesOutput, error) {
	t, err := s.topic(c, in.TopicARN)
	if err != nil {
		return nil, err
	}
	confirmed, pending := 0, 0
	for _, sub := range t.subscriptions {
		if sub.pending {
			pending++
			continue
		}
		confirmed++
	}
	all := map[string]string{
		"TopicArn": t.arn, "Owner": t.owner, "DisplayName": "", "Policy": t.policy(),
		"SubscriptionsConfirmed":  strconv.Itoa(confirmed),
		"SubscriptionsPending":    strconv.Itoa(pending),
		"SubscriptionsDeleted":    strconv.Itoa(t.deleted),
		"EffectiveDeliveryPolicy": effectiveDeliveryPolicy,
	}
	maps.Copy(all, t.settings)
	return &attributesOutput{all}, nil
}

const effectiveDeliveryPolicy = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,` +
	`"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},` +
	`"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

// policy is the policy that SNS gives a new topic: its own account may do everything with it.
func (t *topic) policy() string {
	return fmt.Sprintf(`{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID",`+
		`"Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes",`+
		`"SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic",`+
		`"SNS:Publish"],"Resource":"%s","Condition":{"StringEquals":{"AWS:SourceOwner":"%s"}}}]}`, t.arn, t.owner)
}

type setTopicAttributesInput struct {
	TopicARN       string `json:"TopicArn"`
	AttributeName  string `json:"AttributeName"`
	AttributeValue string `json:"AttributeValue"`
}

func (s *Service) setTopicAttributes(c *wire.Call, in *setTopicAttributesInput) (*struct{}, error) {
	t, err := s.topic(c, in.TopicARN)
	if err != nil {
		return nil, err
	}
	if err := checkAttribute(in.AttributeName); err != nil {
		return nil, err
	}
	if in.AttributeName == "Policy" && !json.Valid([]byte(in.AttributeValue)) {
		return nil, invalid("Policy Error: null")
	}
	t.settings[in.AttributeName] = in.AttributeValue
	return nil, nil
}

type tagResourceInput struct {
	ResourceARN string `json:"ResourceArn"`
	Tags        []tag  `json:"Tags"`
}

func (s *Service) tagged(arn string) (*topic, error) {
	if t := s.topics[arn]; t != nil {
		return t, nil
	}
	return nil, &wire.Error{Code: "ResourceNotFound", Status: http.StatusNotFound, Message: "Resource does not exist"}
}

func (s *Service) tagResource(_ *wire.Call, in *tagResourceInput) (*struct{}, error) {
	t, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	for _, tag := range in.Tags {
		t.tags[tag.Key] = tag.Value
	}
	return &struct{}{}, nil
}

type untagResourceInput struct {
	ResourceARN string   `json:"ResourceArn"`
	TagKeys     []string `json:"TagKeys"`
}

func (s *Service) untagResource(_ *wire.Call, in *untagResourceInput) (*struct{}, error) {
	t, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(t.tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
	return &struct{}{}, nil
}

type listTagsForResourceInput struct {
	ResourceARN string `json:"ResourceArn"`
}

type listTagsForResourceOutput struct {
	Tags []tag `json:"Tags"`
}

func (s *Service) listTagsForResource(_ *wire.Call, in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	t, err := s.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	out := &listTagsForResourceOutput{}
	for _, key := range slices.Sorted(maps.Keys(t.tags)) {
		out.Tags = append(out.Tags, tag{key, t.tags[key]})
	}
	return out, nil
}
