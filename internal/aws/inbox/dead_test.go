package inbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/sandbox"
)

// A message that comes more often than the redrive policy allows is counted, and its queue is looked for once.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{})
		if err != nil {
			t.Fatal(err)
		}
		cfg := awstest.Config(s.RoundTripper())
		raw := sqs.NewFromConfig(cfg)
		create := func(name, redrive string) *string {
			attributes := map[string]string{"VisibilityTimeout": "10"}
			if redrive != "" {
				attributes["RedrivePolicy"] = redrive
			}
			made, err := raw.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
			if err != nil {
				t.Fatal(err)
			}
			return made.QueueUrl
		}
		create("put-aside", "")
		url := create("vend", `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:put-aside","maxReceiveCount":"2"}`)
		c := inbox.New(cfg, *url)
		dead := func(want int) {
			t.Helper()
			if n, err := c.Dead(t.Context()); err != nil || n != want {
				t.Errorf("%d dead letters, %v; want %d", n, err, want)
			}
		}
		dead(0)
		if _, err := raw.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			receive(t, c, 10, 0)
			time.Sleep(11 * time.Second)
		}
		dead(1)
		known, _ := s.Calls()
		if known["sqs.GetQueueUrl"] != 1 || known["sqs.GetQueueAttributes"] != 3 {
			t.Errorf("the calls are %v", known)
		}

		alone := inbox.New(cfg, *create("alone", ""))
		for range 2 {
			if n, err := alone.Dead(t.Context()); err != nil || n != 0 {
				t.Errorf("a queue without another one: %d, %v", n, err)
			}
		}
	})
}
