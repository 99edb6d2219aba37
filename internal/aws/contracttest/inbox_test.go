package contracttest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/inbox"
)

// inboxChecks is what the inbox relies on: messages that are hidden while somebody has them, and put aside when they come
// too often.
func inboxChecks(s *setUp) []check {
	const messages = 12
	var (
		url string
		all []inbox.Message
	)
	raw := func() *sqs.Client { return sqs.NewFromConfig(s.cfg) }
	c := func() *inbox.Client { return inbox.New(s.cfg, url) }
	send := func(ctx context.Context, body string) error {
		_, err := raw().SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body})
		return err
	}
	// one is the next message that comes.
	one := func(ctx context.Context) (m inbox.Message, err error) {
		err = until(ctx, func() (bool, error) {
			got, err := c().Receive(ctx, 1, time.Second)
			if len(got) == 1 {
				m = got[0]
			}
			return len(got) == 1, err
		})
		return m, err
	}
	return []check{
		{"a queue is found by its name", func(ctx context.Context) error {
			dead, err := makeQueue(ctx, s, raw(), "dead", nil)
			if err != nil {
				return err
			}
			arn, err := raw().GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &dead, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
			if err != nil {
				return err
			}
			if url, err = makeQueue(ctx, s, raw(), "inbox", map[string]string{
				"VisibilityTimeout": "600", "RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"2"}`, arn.Attributes["QueueArn"]),
			}); err != nil {
				return err
			}
			found, ok, err := inbox.Find(ctx, s.cfg, s.name("inbox"))
			return want(ok && found == url, err, "found %q, %v; made %q", found, ok, url)
		}},
		{"a queue that is not there is told", func(ctx context.Context) error {
			if url == "" {
				return errors.New("no queue was made")
			}
			_, err := inbox.New(s.cfg, url+"-nobody").Receive(ctx, 1, 0)
			if awstest.Verdict(err) != "V3005 pause" {
				return fmt.Errorf("receive: %w", err)
			}
			found, ok, err := inbox.Find(ctx, s.cfg, s.name("nobody"))
			return want(!ok, err, "found %q", found)
		}},
		{"messages come, each once while it is hidden", func(ctx context.Context) error {
			for i := range messages {
				if err := send(ctx, fmt.Sprint("message ", i)); err != nil {
					return err
				}
			}
			seen := map[string]bool{}
			for len(all) < messages {
				m, err := one(ctx)
				if err != nil {
					return fmt.Errorf("after %d messages: %w", len(all), err)
				}
				if seen[m.Body] || m.ID == "" || m.Receipt == "" || m.Receives != 1 || m.SentAt.IsZero() {
					return fmt.Errorf("message %+v", m)
				}
				seen[m.Body], all = true, append(all, m)
			}
			return nil
		}},
		{"more messages than fit into one call are deleted, and none of them comes again", func(ctx context.Context) error {
			if err := c().Delete(ctx, all); err != nil {
				return err
			}
			more, err := c().Receive(ctx, 10, time.Second)
			return want(len(more) == 0, err, "%d messages come", len(more))
		}},
		{"the message that can't be deleted is named", func(ctx context.Context) error {
			err := c().Delete(ctx, []inbox.Message{{ID: "bad", Receipt: "no receipt"}})
			return want(err != nil && strings.Contains(err.Error(), "bad"), nil, "delete: %v", err)
		}},
		{"a message that is given back comes again, and is counted", func(ctx context.Context) error {
			if err := send(ctx, "again"); err != nil {
				return err
			}
			m, err := one(ctx)
			if err != nil {
				return err
			}
			if err := c().Extend(ctx, m, 0); err != nil {
				return err
			}
			m, err = one(ctx)
			if err = want(m.Body == "again" && m.Receives == 2, err, "message %+v", m); err != nil {
				return err
			}
			return c().Extend(ctx, m, 0)
		}},
		{"a message that came too often is put aside, and counted there", func(ctx context.Context) error {
			return until(ctx, func() (bool, error) {
				if _, err := c().Receive(ctx, 1, 0); err != nil {
					return false, err
				}
				h, err := c().Health(ctx)
				return h.HasDeadLetters && h.DeadLetters == 1, err
			})
		}},
	}
}

func makeQueue(ctx context.Context, s *setUp, raw *sqs.Client, name string, attributes map[string]string) (string, error) {
	made, err := raw.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(s.name(name)), Attributes: attributes})
	if err != nil {
		return "", err
	}
	s.later(func(ctx context.Context) error {
		_, err := raw.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: made.QueueUrl})
		return err
	})
	return aws.ToString(made.QueueUrl), nil
}
