package sqs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// limits are the numeric attributes with their bounds and defaults (Amazon SQS API Reference, SetQueueAttributes).
var limits = map[string]struct{ lowest, highest, otherwise int }{
	"DelaySeconds":                  {0, 900, 0},
	"MaximumMessageSize":            {1_024, 1_048_576, 1_048_576},
	"MessageRetentionPeriod":        {60, 1_209_600, 345_600},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
	"VisibilityTimeout":             {0, 43_200, 30},
	"KmsDataKeyReusePeriodSeconds":  {60, 86_400, 300},
}

func defaults() map[string]string {
	settings := map[string]string{"SqsManagedSseEnabled": "true"}
	for name, limit := range limits {
		settings[name] = strconv.Itoa(limit.otherwise)
	}
	return settings
}

// check reads the attributes of CreateQueue and SetQueueAttributes, and returns them as they are stored.
func (s *service) check(attributes map[string]string) (map[string]string, error) {
	checked := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value := attributes[name]
		if limit, ok := limits[name]; ok {
			n, err := strconv.Atoi(value)
			if err != nil || n < limit.lowest || n > limit.highest {
				return nil, badValue(name)
			}
			checked[name] = strconv.Itoa(n)
			continue
		}
		switch name {
		case "RedrivePolicy":
			if err := s.checkRedrive(value); err != nil {
				return nil, err
			}
		case "Policy", "RedriveAllowPolicy":
			if value != "" && !json.Valid([]byte(value)) {
				return nil, badValue(name)
			}
		case "SqsManagedSseEnabled":
			if value != "true" && value != "false" {
				return nil, badValue(name)
			}
		case "KmsMasterKeyId":
		case "FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit":
			return nil, &wire.Unsupported{What: "FIFO queues"}
		default:
			return nil, failure("InvalidAttributeName", fmt.Sprintf("Unknown Attribute %s.", name))
		}
		checked[name] = value
	}
	return checked, nil
}

func badValue(name string) error {
	return failure("InvalidAttributeValue", fmt.Sprintf("Invalid value for the parameter %s.", name))
}

func (s *service) checkRedrive(value string) error {
	if value == "" {
		return nil
	}
	refuse := func(reason string) error {
		return invalid(fmt.Sprintf("Value %s for parameter RedrivePolicy is invalid. Reason: %s", value, reason))
	}
	var policy redrive
	if err := json.Unmarshal([]byte(value), &policy); err != nil {
		return refuse("Redrive policy is not a valid JSON map.")
	}
	switch {
	case policy.Target == "":
		return refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	case policy.Receive == 0:
		return refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.")
	case policy.Receive < 1 || policy.Receive > 1_000:
		return refuse("Invalid value for maxReceiveCount: " + strconv.Itoa(int(policy.Receive)) + ", valid values are from 1 to 1000 both inclusive.")
	case s.queues[policy.Target] == nil:
		return refuse("Dead letter target does not exist.")
	}
	return nil
}

// attributes are the attributes that were asked for by name, or All of them.
func (s *service) attributes(q *queue, names []string) (map[string]string, error) {
	now := s.world.Now()
	q.sweep(now)
	visible, inFlight, delayed := q.counts(now)
	all := map[string]string{
		"QueueArn":                              q.arn,
		"CreatedTimestamp":                      strconv.FormatInt(q.created.Unix(), 10),
		"LastModifiedTimestamp":                 strconv.FormatInt(q.modified.Unix(), 10),
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
	}
	maps.Copy(all, q.settings)
	if q.settings["KmsMasterKeyId"] == "" {
		delete(all, "KmsDataKeyReusePeriodSeconds")
	}
	if slices.Contains(names, "All") {
		return all, nil
	}
	chosen := map[string]string{}
	for _, name := range names {
		if value, ok := all[name]; ok {
			chosen[name] = value
			continue
		}
		switch name {
		case "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds":
		default:
			return nil, failure("InvalidAttributeName", fmt.Sprintf("Unknown Attribute %s.", name))
		}
	}
	return chosen, nil
}

// systemAttributes are the attributes of a message that SQS itself keeps.
func systemAttributes(m *message, names []string) map[string]string {
	all := map[string]string{
		"ApproximateReceiveCount":          strconv.Itoa(m.receives),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.first.UnixMilli(), 10),
		"SentTimestamp":                    strconv.FormatInt(m.sent.UnixMilli(), 10),
		"SenderId":                         m.sender,
	}
	if m.source != "" {
		all["DeadLetterQueueSourceArn"] = m.source
	}
	if !slices.Contains(names, "All") {
		maps.DeleteFunc(all, func(name, _ string) bool { return !slices.Contains(names, name) })
	}
	return all
}

// messageAttributes are those that were asked for: by name, All, or prefix.*.
func messageAttributes(m *message, names []string) map[string]attribute {
	chosen := maps.Clone(m.attributes)
	maps.DeleteFunc(chosen, func(name string, _ attribute) bool {
		return !slices.ContainsFunc(names, func(want string) bool {
			prefix, wild := strings.CutSuffix(want, ".*")
			return want == "All" || want == name || wild && strings.HasPrefix(name, prefix)
		})
	})
	return chosen
}
