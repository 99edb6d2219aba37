package main

import (
	"context"
	"encoding/json"
	"log"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/metrics"
)

// lambdaRuntime is the variable by which AWS Lambda tells a process where to take invocations from.
const lambdaRuntime = "AWS_LAMBDA_RUNTIME_API"

// settling is what a step in hand gets to be saved in before Lambda freezes the process.
const settling = 2 * time.Second

func lambdaCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "lambda", Usage: "work inside AWS Lambda, once for each invocation",
		CustomHelpTemplate: help(`Takes invocations from AWS Lambda and does for each what vend work --once does: sweep the bucket, drain the inbox, advance
what is due. It is chosen by itself where Lambda starts vend without arguments. Whatever event invokes it is a tick;
messages of SQS, and events of S3 and Control Tower that EventBridge sends here, are also handled as if they had come
through the inbox. Any number of invocations, and of workers elsewhere, may be at work at once. What /metrics of vend work
shows is written to stdout in the embedded metric format, out of which CloudWatch makes metrics in the namespace Vend.`,
			[]string{"vend lambda"}, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			if s.env(lambdaRuntime) == "" {
				return usage("%s is not set: vend lambda runs inside AWS Lambda; elsewhere it is vend work --once", lambdaRuntime)
			}
			// What the runtime's library has to say goes the way of all else.
			log.SetFlags(0)
			log.SetOutput(slog.NewLogLogger(s.log(slog.LevelInfo).Handler(), slog.LevelError).Writer())
			lambda.StartWithOptions(s.invoked, lambda.WithContext(c.Context)) // it does not return
			return nil
		},
	}
}

// invoked is one invocation. The answer names the SQS messages that are to be brought again (AWS Lambda Developer Guide,
// "Implementing partial batch responses").
func (s *session) invoked(ctx context.Context, event json.RawMessage) (events.SQSEventResponse, error) {
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	if end, ok := ctx.Deadline(); ok {
		early, cancel := context.WithDeadline(ctx, end.Add(-settling))
		defer cancel()
		ctx = early
	}
	e, err := s.openEmbedded(ctx)
	if err != nil {
		return answer, err
	}
	defer s.tellFigures(ctx)
	unhandled, err := e.Tick(ctx, brought(event))
	for _, m := range unhandled {
		answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.ID})
	}
	return answer, err
}

// brought are the messages inside an event; none in one that is but a tick.
func brought(event json.RawMessage) []account.Message {
	var is struct {
		Source  string `json:"source"`
		Records []struct {
			EventSource string `json:"eventSource"`
			MessageID   string `json:"messageId"`
			Body        string `json:"body"`
		}
	}
	if json.Unmarshal(event, &is) != nil {
		return nil
	}
	if is.Source == "aws.s3" || is.Source == "aws.controltower" {
		return []account.Message{{Body: string(event)}}
	}
	var messages []account.Message
	for _, r := range is.Records {
		switch r.EventSource {
		case "aws:sqs":
			messages = append(messages, account.Message{ID: r.MessageID, Body: r.Body})
		case "aws:s3": // an event of the bucket itself holds all its records
			return []account.Message{{Body: string(event)}}
		}
	}
	return messages
}

// openEmbedded opens the pipeline for one invocation. What is counted outlives it, as the process does.
func (s *session) openEmbedded(ctx context.Context) (*engine.Engine, error) {
	c, err := s.config()
	if err != nil {
		return nil, err
	}
	if s.figures == nil {
		s.figures = metrics.NewEmbedded(c.Table, func(ctx context.Context) (metrics.Pipeline, error) { return s.working.Pipeline(ctx) })
	}
	e, _, err := s.openMeasured(ctx, "lambda", slog.LevelInfo, s.figures, "bucket", "table")
	if err == nil {
		s.working = e.Aside()
	}
	return e, err
}

// tellFigures writes what was counted to stdout, where Lambda takes log records from, and sends what was traced: the process
// is frozen next. It is no reason to fail.
func (s *session) tellFigures(ctx context.Context) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTraces)
	defer cancel()
	s.traces.Flush(last)
	if err := s.figures.Write(context.WithoutCancel(ctx), s.stdout, s.now()); err != nil {
		s.log(slog.LevelInfo).Warn("the figures could not be written", "error", err)
	}
}
