package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vend-cli/vend/internal/config"
)

// port puts a loopback address that nobody listens on into the variable LISTEN.
func port(ts *testscript.TestScript, neg bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("LISTEN", listener.Addr().String())
	ts.Check(listener.Close())
}

// fetch writes what is answered with 200 at an address into a file, once it is.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fetch URL FILE")
	}
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(args[0])
		if err == nil {
			body, readErr := io.ReadAll(answer.Body)
			ts.Check(readErr)
			ts.Check(answer.Body.Close())
			if answer.StatusCode == http.StatusOK {
				ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
				return
			}
		}
		if time.Since(start) > 2*time.Minute {
			ts.Fatalf("no answer at %s: %v", args[0], err)
		}
	}
}

func people(ts *testscript.TestScript) (*sqs.Client, *sns.Client) {
	cfg := config.Fixed("us-east-1", ts.Getenv("AWS_ENDPOINT_URL"), "people", "people", nil)
	return sqs.NewFromConfig(*cfg), sns.NewFromConfig(*cfg)
}

// subscribe has a queue hear what people are told.
func subscribe(ts *testscript.TestScript, neg bool, args []string) {
	queues, topics := people(ts)
	_, err := queues.CreateQueue(context.Background(), &sqs.CreateQueueInput{QueueName: aws.String("people")})
	ts.Check(err)
	_, err = topics.Subscribe(context.Background(), &sns.SubscribeInput{
		TopicArn: aws.String(ts.Getenv("VEND_TOPIC_ARN")), Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:111111111111:people"),
		Attributes: map[string]string{"RawMessageDelivery": "true"},
	})
	ts.Check(err)
}

// received writes what people were told since the last time into a file.
func received(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: received FILE")
	}
	queues, _ := people(ts)
	url := ts.Getenv("AWS_ENDPOINT_URL") + "/111111111111/people"
	var all []string
	for {
		out, err := queues.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 3600})
		ts.Check(err)
		if len(out.Messages) == 0 {
			break
		}
		for _, m := range out.Messages {
			all = append(all, aws.ToString(m.Body))
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(all, "\n----\n")), 0o600))
}
