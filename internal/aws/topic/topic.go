// Package topic publishes notifications to an SNS topic.
//
// It imports account and retry.
package topic

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Client is one topic.
type Client struct {
	sns calls
	arn string
}

// New makes a client of the topic with that ARN, in the Region that the ARN names.
func New(cfg aws.Config, topicARN string) *Client {
	return &Client{arn: topicARN, sns: callsOf(sns.NewFromConfig(cfg, func(o *sns.Options) {
		if parsed, err := arn.Parse(topicARN); err == nil && parsed.Region != "" {
			o.Region = parsed.Region
		}
	}))}
}

// Limits of one message (Amazon SNS API Reference, Publish).
const (
	maxSubject = 99      // characters, "less than 100"
	maxMessage = 1 << 18 // bytes
	maxForm    = 60_000  // bytes, of one of two forms: JSON may write a byte as up to two, and of few as six
)

// Publish sends one message. A subject goes out as SNS takes it: one line of ASCII, less than 100 characters; a text that
// is longer than SNS takes is cut. It makes one attempt: a message whose answer was lost may have arrived.
func (c *Client) Publish(ctx context.Context, subject, text string) error {
	return c.publish(ctx, subject, &sns.PublishInput{Message: aws.String(cut(text, maxMessage))})
}

// PublishBoth sends one message in two forms: what subscriptions by https get, among them Amazon Q Developer's for chat
// channels, and the text that all others get. It is otherwise as [Client.Publish]; each form may have 60,000 bytes (Amazon
// SNS API Reference, Publish, MessageStructure).
func (c *Client) PublishBoth(ctx context.Context, subject, text, https string) error {
	forms, err := json.Marshal(map[string]string{"default": cut(text, maxForm), "https": https})
	if err != nil {
		return fmt.Errorf("write notification: %w", err)
	}
	return c.publish(ctx, subject, &sns.PublishInput{Message: aws.String(string(forms)), MessageStructure: aws.String("json")})
}

func (c *Client) publish(ctx context.Context, subject string, in *sns.PublishInput) error {
	in.TopicArn = &c.arn
	if subject = plain(subject); subject != "" {
		in.Subject = &subject
	}
	if _, err := c.sns.Publish(ctx, in, func(o *sns.Options) { o.Retryer = aws.NopRetryer{} }); err != nil {
		return fmt.Errorf("publish notification: %w", judge("sns.Publish", err))
	}
	return nil
}

// plain makes a subject of a text: control characters are blanks, what is not ASCII is a question mark.
func plain(subject string) string {
	subject = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f:
			return ' '
		case r > 0x7f:
			return '?'
		}
		return r
	}, subject)
	subject = strings.Join(strings.Fields(subject), " ")
	if len(subject) > maxSubject {
		subject = subject[:maxSubject-3] + "..."
	}
	return subject
}

func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if text == "" {
		return "(no text)" // SNS refuses an empty message
	}
	const mark = "…"
	if len(text) <= most {
		return text
	}
	end := most - len(mark)
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + mark
}

// Look asks whether the topic is there, and may be looked at (Amazon SNS API Reference, GetTopicAttributes).
func (c *Client) Look(ctx context.Context) error {
	if _, err := c.sns.GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &c.arn}); err != nil {
		return fmt.Errorf("look at topic %s: %w", c.arn, judge("sns.GetTopicAttributes", err))
	}
	return nil
}
