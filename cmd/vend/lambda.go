package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	runtime "github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/config"
	"github.com/vend-cli/vend/internal/engine"
	"github.com/vend-cli/vend/internal/metrics"
)

// lambdaRuntime is the variable by which AWS Lambda tells a process where to take invocations from.
const lambdaRuntime = "AWS_LAMBDA_RUNTIME_API"

// beginning is how long an invocation begins anything; see [limits].
const beginning = 50 * time.Second

func lambdaCommand(s *session) *cli.Command {
	return &cli.Command{
		Name: "lambda", Usage: "work inside AWS Lambda, once for each invocation",
		CustomHelpTemplate: help(`Takes invocations from AWS Lambda. It is chosen by itself where Lambda starts vend without arguments. Two kinds are told apart:

  messages  of SQS, and events of S3 and Control Tower that EventBridge sends here, are handled, with the steps that they
            wake. Messages that could not be handled are named in the answer and come again (partial batch response);
            give the event source mapping ReportBatchItemFailures.
  a tick    is whatever else: it does what vend work --once does. One a minute is right. It finds what no event told of.

An invocation begins nothing in the second half of its time limit, nor after 50 seconds, and has ended after three quarters
of it. All state is in the table: any number of invocations, and of workers elsewhere, may be at work at once. What /metrics
of vend work shows is written to stdout in the embedded metric format, out of which CloudWatch makes metrics in the namespace
Vend. A configuration that can't be read is an error of the initialization; an error of an invocation has its code as type.`,
			[]string{"vend lambda"}, 3, 4),
		Action: func(c *cli.Context) error {
			if _, err := operands(c, 0, 0); err != nil {
				return err
			}
			api := s.env(lambdaRuntime)
			if api == "" {
				return usage("%s is not set: vend lambda runs inside AWS Lambda; elsewhere it is vend work --once", lambdaRuntime)
			}
			// What the runtime's library has to say goes the way of all else.
			log.SetFlags(0)
			log.SetOutput(slog.NewLogLogger(s.log(slog.LevelInfo).Handler(), slog.LevelError).Writer())
			if _, err := s.embedded(); err != nil {
				s.tellInit(c.Context, api, err)
				return err
			}
			lambda.StartWithOptions(s.invoked, lambda.WithContext(c.Context)) // it does not return
			return nil
		},
	}
}

// invoked is one invocation. The answer names the SQS messages that are to be brought again (AWS Lambda Developer Guide,
// "Implementing partial batch responses"); an error would bring them all, and is only for when none was handled.
func (s *session) invoked(ctx context.Context, event json.RawMessage) (events.SQSEventResponse, error) {
	answer, err := s.handled(ctx, brought(event))
	if err != nil {
		return answer, functionError(ctx, err)
	}
	return answer, nil
}

func (s *session) handled(ctx context.Context, messages []account.Message) (events.SQSEventResponse, error) {
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	atMost, ctx, cancel := limits(ctx)
	defer cancel()
	e, err := s.openEmbedded(ctx)
	if err != nil {
		return answer, err
	}
	defer s.tellFigures(ctx)
	if len(messages) == 0 {
		return answer, e.Tick(ctx, atMost)
	}
	unhandled, err := e.Handle(ctx, messages, atMost)
	for _, m := range unhandled {
		if m.ID == "" && err == nil { // an event that EventBridge itself sends again after an error
			err = errors.New("handle event: it could not be handled, see the log")
		}
		answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.ID})
	}
	return answer, err
}

// limits are those of an invocation: it begins nothing in the second half of its time, which may be long, and has ended
// after three quarters of it. What is saved then, and told, has the rest.
func limits(ctx context.Context) (atMost time.Duration, within context.Context, cancel context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		within, cancel = context.WithCancel(ctx)
		return beginning, within, cancel
	}
	left := time.Until(end)
	within, cancel = context.WithDeadline(ctx, end.Add(-left/4))
	return max(1, min(beginning, left/2)), within, cancel
}

// functionError is an error as Lambda is told of it (AWS Lambda Developer Guide, "Using the Lambda runtime API for custom
// runtimes"): its type is one of our codes.
func functionError(ctx context.Context, err error) runtime.InvokeResponse_Error {
	fault, _ := judge(ctx, err, "")
	if fault == nil {
		return runtime.InvokeResponse_Error{Type: "V9001", Message: err.Error()}
	}
	said := fault.Message
	if fault.Hint != "" {
		said += " - " + fault.Hint
	}
	return runtime.InvokeResponse_Error{Type: fault.Code, Message: said}
}

// tellInit tells Lambda why the function can't begin (the same page, "Initialization error"). Whoever invokes it is answered
// with that, and Lambda begins anew at the next invocation.
func (s *session) tellInit(ctx context.Context, api string, why error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	told := functionError(ctx, why)
	body, err := json.Marshal(told)
	if err == nil {
		err = post(ctx, "http://"+api+"/2018-06-01/runtime/init/error", told.Type, body)
	}
	if err != nil {
		s.log(slog.LevelInfo).Warn("Lambda could not be told of an error of the initialization", "error", err)
	}
}

func post(ctx context.Context, url, errorType string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Lambda-Runtime-Function-Error-Type", errorType)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// brought are the messages inside an event; none in one that is but a tick.
func brought(event json.RawMessage) []account.Message {
	var is struct {
		Source  string `json:"source"`
		Records []struct {
			EventSource string `json:"eventSource"`
			MessageID   string `json:"messageId"`
			Body        string `json:"body"`
			Attributes  struct{ SentTimestamp, ApproximateReceiveCount string }
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
			m := account.Message{ID: r.MessageID, Body: r.Body}
			m.Receives, _ = strconv.Atoi(r.Attributes.ApproximateReceiveCount) // 0 where SQS does not say
			if sent, err := strconv.ParseInt(r.Attributes.SentTimestamp, 10, 64); err == nil {
				m.SentAt = time.UnixMilli(sent)
			}
			messages = append(messages, m)
		case "aws:s3": // an event of the bucket itself holds all its records
			return []account.Message{{Body: string(event)}}
		}
	}
	return messages
}

// embedded is the configuration of the function.
func (s *session) embedded() (config.Config, error) {
	c, err := s.config()
	if err != nil {
		return c, err
	}
	return c, c.Need("bucket", "table")
}

// openEmbedded opens the pipeline for one invocation. What is counted outlives it, as the process does.
func (s *session) openEmbedded(ctx context.Context) (*engine.Engine, error) {
	c, err := s.embedded()
	if err != nil {
		return nil, err
	}
	if s.figures == nil {
		s.figures = metrics.NewEmbedded(c.Table, func(ctx context.Context) (metrics.Pipeline, error) { return s.working.Pipeline(ctx) })
	}
	e, _, err := s.openMeasured(ctx, "lambda", slog.LevelInfo, s.figures)
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
