package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/vend-cli/vend/internal/deploy"
)

// Follow tells of each step of what goes on in a stack, until nothing does any more, and returns the stack as it is then,
// with all steps of that change: those from before it was looked at, too. id is the stack's ARN, so that a stack that is
// deleted can be followed to its end (AWS CloudFormation API Reference, DescribeStackEvents).
//
// Calls that AWS takes no more of just now are made again later. Any other error ends the looking, not the change.
func (c *Client) Follow(ctx context.Context, id string, tell func(deploy.Event)) (deploy.Stack, []deploy.Event, error) {
	var all []deploy.Event
	for wait := shortest; ; wait = longer(wait) {
		now, err := c.Stack(ctx, id)
		if err != nil && !throttled(err) {
			return now, all, err
		}
		looked := err == nil
		if looked {
			fresh, err := c.since(ctx, id, all)
			if err != nil && !throttled(err) {
				return now, all, fmt.Errorf("list events of stack %s: %w", name(id), judge("cloudformation.DescribeStackEvents", err))
			}
			looked = err == nil
			for _, e := range fresh {
				tell(e)
			}
			all = append(all, fresh...)
		}
		if looked && !now.Going() {
			return now, all, nil
		}
		if err := pause(ctx, wait); err != nil {
			return now, all, err
		}
	}
}

// since are the events of the change that goes on, or was the last one, that are not among those that are known; the oldest
// first.
func (c *Client) since(ctx context.Context, id string, known []deploy.Event) ([]deploy.Event, error) {
	var fresh []deploy.Event
	pages := cloudformation.NewDescribeStackEventsPaginator(c.cfn, &cloudformation.DescribeStackEventsInput{StackName: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents {
			event := deploy.Event{
				Key: aws.ToString(e.EventId), At: aws.ToTime(e.Timestamp), ID: aws.ToString(e.LogicalResourceId), Type: aws.ToString(e.ResourceType),
				Physical: aws.ToString(e.PhysicalResourceId), Status: string(e.ResourceStatus), Reason: aws.ToString(e.ResourceStatusReason),
			}
			if len(known) > 0 && known[len(known)-1].Key == event.Key {
				slices.Reverse(fresh)
				return fresh, nil
			}
			fresh = append(fresh, event)
			if begins(event, id) {
				slices.Reverse(fresh)
				return fresh, nil
			}
		}
	}
	slices.Reverse(fresh)
	return fresh, nil
}

// begins says whether an event is the first one of a change.
func begins(e deploy.Event, id string) bool {
	return e.OfStack() && e.Physical == id && slices.Contains([]string{
		"REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS",
	}, e.Status) || e.OfStack() && e.Physical == id && e.Status == "UPDATE_ROLLBACK_IN_PROGRESS" && strings.HasPrefix(e.Reason, "User Initiated")
}

// name is the stack's name in its ARN.
func name(id string) string {
	if _, rest, ok := strings.Cut(id, ":stack/"); ok {
		id, _, _ = strings.Cut(rest, "/")
	}
	return id
}
