package inbox_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/inbox"
	"github.com/vend-cli/vend/internal/sandbox"
)

func queue(t *testing.T) (*inbox.Client, func(bodies ...string)) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := awstest.Config(s.RoundTripper())
	raw := sqs.NewFromConfig(cfg)
	made, err := raw.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("vend")})
	if err != nil {
		t.Fatal(err)
	}
	return inbox.New(cfg, aws.ToString(made.QueueUrl)), func(bodies ...string) {
		t.Helper()
		for _, b := range bodies {
			if _, err := raw.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: &b}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func receive(t *testing.T, c *inbox.Client, most int, wait time.Duration) []inbox.Message {
	t.Helper()
	messages, err := c.Receive(t.Context(), most, wait)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func TestReceiveAndDelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, send := queue(t)
		if got := receive(t, c, 10, 0); len(got) != 0 {
			t.Errorf("%d messages in an empty queue", len(got))
		}
		var bodies []string
		for i := range 25 {
			bodies = append(bodies, fmt.Sprintf("message %d", i))
		}
		send(bodies...)
		var all []inbox.Message
		for {
			got := receive(t, c, 100, 0)
			if len(got) == 0 {
				break
			}
			all = append(all, got...)
		}
		seen := map[string]bool{}
		for _, m := range all {
			seen[m.Body] = true
			if m.ID == "" || m.Receipt == "" || m.Receives != 1 {
				t.Errorf("message %+v", m)
			}
		}
		if len(all) != 25 || len(seen) != 25 {
			t.Fatalf("%d messages, %d of them different", len(all), len(seen))
		}
		if err := c.Delete(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		if err := c.Delete(t.Context(), nil); err != nil {
			t.Errorf("deleting nothing: %v", err)
		}
		time.Sleep(time.Hour)
		if got := receive(t, c, 10, 0); len(got) != 0 {
			t.Errorf("%d messages come again after they were deleted", len(got))
		}
	})
}

func TestReceiveWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, send := queue(t)
		start := time.Now()
		if got := receive(t, c, 10, time.Hour); len(got) != 0 || time.Since(start) != 20*time.Second {
			t.Errorf("%d messages after %v, want none after the longest wait there is", len(got), time.Since(start))
		}
		var sent sync.WaitGroup
		defer sent.Wait()
		sent.Go(func() {
			time.Sleep(3 * time.Second)
			send("late")
		})
		start = time.Now()
		if got := receive(t, c, 1, 10*time.Second); len(got) != 1 || time.Since(start) > 4*time.Second {
			t.Errorf("%d messages after %v, want one as soon as it is there", len(got), time.Since(start))
		}
	})
}

func TestExtend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, send := queue(t)
		send("slow")
		m := receive(t, c, 1, 0)[0]
		if err := c.Extend(t.Context(), m, 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Minute)
		if got := receive(t, c, 1, 0); len(got) != 0 {
			t.Fatal("the message came again before its time")
		}
		if err := c.Extend(t.Context(), m, 0); err != nil {
			t.Fatal(err)
		}
		again := receive(t, c, 1, 0)
		if len(again) != 1 || again[0].Receives != 2 || again[0].ID != m.ID {
			t.Errorf("given back, it comes again as %+v", again)
		}
	})
}

func TestDeleteNamesWhatFailed(t *testing.T) {
	t.Parallel()
	c, send := queue(t)
	send("a")
	good := receive(t, c, 1, 0)[0]
	bad := inbox.Message{ID: "the-bad-one", Receipt: "no receipt at all"}
	err := c.Delete(t.Context(), []inbox.Message{bad, good})
	if err == nil || !strings.Contains(err.Error(), "the-bad-one") || strings.Contains(err.Error(), good.ID) {
		t.Errorf("Delete: %v, want it to name the bad one only", err)
	}
}

func TestMissingQueue(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := inbox.New(awstest.Config(s.RoundTripper()), "http://127.0.0.1/111111111111/nobody")
	if _, err := c.Receive(t.Context(), 1, 0); awstest.Verdict(err) != "V3005 pause" {
		t.Errorf("Receive: %v", err)
	}
}
