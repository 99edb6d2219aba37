// Package stack changes one CloudFormation stack by change sets, and follows what comes of it.
//
// A change is made in two steps, so that people see it first: a change set says what would be done, then it is executed.
// Its name is made of what it is about, so that one whose answer was lost is found again. Mutating calls are tried once;
// whoever runs the same command again finds what the first one has left, and goes on with it.
//
//	Plan ─▶ Execute ─▶ Follow … CREATE_COMPLETE, UPDATE_COMPLETE
//	    └─▶ Discard             … ROLLBACK_COMPLETE, UPDATE_ROLLBACK_COMPLETE: taken back, with the reasons
//	                            … UPDATE_ROLLBACK_FAILED ─▶ Continue ─▶ Follow
//
// It imports account, deploy and retry.
package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/deploy"
)

// Client is CloudFormation in the Region of the configuration. It is safe for concurrent use.
type Client struct {
	cfn calls
}

// New makes a client.
func New(cfg aws.Config) *Client { return &Client{callsOf(cloudformation.NewFromConfig(cfg))} }

// Stack looks at a stack by its name or id; the zero value, with the name, is one that is not there (AWS CloudFormation API
// Reference, DescribeStacks).
func (c *Client) Stack(ctx context.Context, name string) (deploy.Stack, error) {
	out, err := c.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	switch {
	case notThere(err):
		return deploy.Stack{Name: name}, nil
	case err != nil:
		return deploy.Stack{}, fmt.Errorf("describe stack %s: %w", name, judge("cloudformation.DescribeStacks", err))
	case len(out.Stacks) == 0:
		return deploy.Stack{Name: name}, nil
	}
	s := out.Stacks[0]
	found := deploy.Stack{
		Name: aws.ToString(s.StackName), ID: aws.ToString(s.StackId), Status: string(s.StackStatus), Reason: aws.ToString(s.StackStatusReason),
		About: aws.ToString(s.Description), Protected: aws.ToBool(s.EnableTerminationProtection), Parameters: map[string]string{}, Outputs: map[string]string{},
	}
	for _, p := range s.Parameters {
		found.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	for _, o := range s.Outputs {
		found.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return found, nil
}

// Resources are what a stack holds, by name (AWS CloudFormation API Reference, DescribeStackResources: up to 100, and the
// template has fewer).
func (c *Client) Resources(ctx context.Context, name string) ([]deploy.Resource, error) {
	out, err := c.cfn.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &name})
	if notThere(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list resources of stack %s: %w", name, judge("cloudformation.DescribeStackResources", err))
	}
	var all []deploy.Resource
	for _, r := range out.StackResources {
		all = append(all, deploy.Resource{
			ID: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType), Physical: aws.ToString(r.PhysicalResourceId), Status: string(r.ResourceStatus),
		})
	}
	return all, nil
}

// Wish is how a stack is to be.
type Wish struct {
	Name       string
	Template   string
	Parameters map[string]string // all of them; what the template does not have is refused
}

// Plan is a change set that was compared.
type Plan struct {
	ID      string // of the change set
	Stack   string // id of the stack
	Creates bool   // the stack is not there yet
	Changes []deploy.Change
	Nothing bool // it would change nothing; then it is gone already
}

// Plan makes a change set, and waits until CloudFormation has compared it. now is the stack as it was just seen: the change
// set is of the type CREATE where it is not there. What exists already under a name that the template spells out is imported
// (AWS CloudFormation API Reference, CreateChangeSet).
func (c *Client) Plan(ctx context.Context, now deploy.Stack, w Wish) (Plan, error) {
	in := &cloudformation.CreateChangeSetInput{
		StackName: &w.Name, ChangeSetName: aws.String(w.changeSet(now)), ChangeSetType: types.ChangeSetTypeUpdate, TemplateBody: &w.Template,
		Description: aws.String("Made by vend."), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}, ImportExistingResources: aws.Bool(true),
	}
	creates := !now.There()
	if creates {
		in.ChangeSetType = types.ChangeSetTypeCreate
	}
	for _, key := range slices.Sorted(maps.Keys(w.Parameters)) {
		in.Parameters = append(in.Parameters, types.Parameter{ParameterKey: aws.String(key), ParameterValue: aws.String(w.Parameters[key])})
	}
	id, stackID, err := c.create(ctx, in)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{ID: id, Stack: stackID, Creates: creates}
	out, err := c.compared(ctx, id)
	if err != nil {
		return Plan{}, err
	}
	if out.Status == types.ChangeSetStatusFailed {
		return c.failed(ctx, p, aws.ToString(out.StatusReason))
	}
	p.Changes, err = c.changes(ctx, out)
	return p, err
}

// changeSet names a change set: the same for the same wish of a stack in the same state.
func (w Wish) changeSet(now deploy.Stack) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00", w.Name, w.Template, now.ID, now.Status)
	for _, key := range slices.Sorted(maps.Keys(w.Parameters)) {
		fmt.Fprintf(h, "%s=%s\x00", key, w.Parameters[key])
	}
	return "vend-" + hex.EncodeToString(h.Sum(nil))[:16]
}

// create makes the change set. One of the same name is the same one, unless it is spent: then it is made anew.
func (c *Client) create(ctx context.Context, in *cloudformation.CreateChangeSetInput) (id, stack string, err error) {
	for attempt := 0; ; attempt++ {
		out, err := c.cfn.CreateChangeSet(ctx, in, once)
		if err == nil {
			return aws.ToString(out.Id), aws.ToString(out.StackId), nil
		}
		if code(err) != nameTaken || attempt > 0 {
			return "", "", fmt.Errorf("create change set for stack %s: %w", *in.StackName, judge("cloudformation.CreateChangeSet", err))
		}
		there, err := c.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: in.StackName, ChangeSetName: in.ChangeSetName})
		if err != nil {
			return "", "", fmt.Errorf("describe change set of stack %s: %w", *in.StackName, judge("cloudformation.DescribeChangeSet", err))
		}
		pending := there.Status == types.ChangeSetStatusCreatePending || there.Status == types.ChangeSetStatusCreateInProgress
		if pending || there.ExecutionStatus == types.ExecutionStatusAvailable {
			return aws.ToString(there.ChangeSetId), aws.ToString(there.StackId), nil
		}
		if err := c.deleteChangeSet(ctx, aws.ToString(there.ChangeSetId)); err != nil {
			return "", "", err
		}
	}
}

// compared waits until a change set is complete, or has failed.
func (c *Client) compared(ctx context.Context, id string) (*cloudformation.DescribeChangeSetOutput, error) {
	for wait := shortest; ; wait = longer(wait) {
		out, err := c.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &id})
		switch {
		case throttled(err): // it is looked at again
		case err != nil:
			return nil, fmt.Errorf("describe change set: %w", judge("cloudformation.DescribeChangeSet", err))
		case out.Status == types.ChangeSetStatusCreateComplete, out.Status == types.ChangeSetStatusFailed:
			return out, nil
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// failed tells a change set that changes nothing from one that CloudFormation refuses, and clears it away.
func (c *Client) failed(ctx context.Context, p Plan, reason string) (Plan, error) {
	if err := c.Discard(ctx, p); err != nil {
		return Plan{}, err
	}
	if changesNothing(reason) {
		p.Nothing = true
		return p, nil
	}
	return Plan{}, account.Refused{
		Code: account.CodeStackFailed, Reason: "CloudFormation can't make this change: " + reason,
		Hint: "Mend what it names, then run the same command again; nothing was changed.",
	}
}

// changes are those of all pages.
func (c *Client) changes(ctx context.Context, out *cloudformation.DescribeChangeSetOutput) ([]deploy.Change, error) {
	var all []deploy.Change
	for {
		for _, each := range out.Changes {
			if each.ResourceChange != nil {
				all = append(all, change(each.ResourceChange))
			}
		}
		if aws.ToString(out.NextToken) == "" {
			return all, nil
		}
		next, err := c.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: out.ChangeSetId, NextToken: out.NextToken})
		if err != nil {
			return nil, fmt.Errorf("describe change set: %w", judge("cloudformation.DescribeChangeSet", err))
		}
		out = next
	}
}

func change(r *types.ResourceChange) deploy.Change {
	c := deploy.Change{
		Action: strings.ToLower(string(r.Action)), ID: aws.ToString(r.LogicalResourceId), Type: aws.ToString(r.ResourceType),
		Physical: aws.ToString(r.PhysicalResourceId), Kept: r.PolicyAction == types.PolicyActionRetain,
	}
	if r.Action == types.ChangeActionModify && (r.Replacement == types.ReplacementTrue || r.Replacement == types.ReplacementConditional) {
		c.Replacement = strings.ToLower(string(r.Replacement))
	}
	for _, d := range r.Details {
		if d.Target == nil {
			continue
		}
		name := aws.ToString(d.Target.Name)
		if name == "" {
			name = string(d.Target.Attribute)
		}
		if !slices.Contains(c.Properties, name) {
			c.Properties = append(c.Properties, name)
		}
	}
	return c
}

// Discard takes a change set away, and the stack that was in review for it alone, whose name is free again then. It is safe to
// call twice.
func (c *Client) Discard(ctx context.Context, p Plan) error {
	if err := c.deleteChangeSet(ctx, p.ID); err != nil {
		return err
	}
	if !p.Creates {
		return nil
	}
	now, err := c.Stack(ctx, p.Stack)
	if err != nil || !now.Reviewed() {
		return err
	}
	if err := c.Delete(ctx, p.Stack); err != nil {
		return err
	}
	for wait := shortest; ; wait = longer(wait) { // until its name is free again
		now, err := c.Stack(ctx, p.Stack)
		if err != nil && !throttled(err) || err == nil && !now.Going() {
			return err
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

func (c *Client) deleteChangeSet(ctx context.Context, id string) error {
	_, err := c.cfn.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{ChangeSetName: &id}, once)
	if err != nil && code(err) != noChangeSet {
		return fmt.Errorf("delete change set: %w", judge("cloudformation.DeleteChangeSet", err))
	}
	return nil
}

// Execute begins to make the changes. Where no answer came it looks whether they have begun; so it is safe to call twice. A
// change set that is gone, or spent, because somebody has changed the stack meanwhile is refused (AWS CloudFormation API
// Reference, ExecuteChangeSet).
func (c *Client) Execute(ctx context.Context, p Plan) error {
	_, err := c.cfn.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: &p.ID, ClientRequestToken: aws.String(p.token())}, once)
	if err == nil {
		return nil
	}
	_, answered := account.AnswerOf("", err)
	if ctx.Err() == nil && (!answered || account.ServerFault(err) || code(err) == wrongState || code(err) == noChangeSet) {
		if begun, failed := c.begun(ctx, p); failed == nil && begun {
			return nil
		}
	}
	return fmt.Errorf("execute change set: %w", judge("cloudformation.ExecuteChangeSet", err))
}

// begun says whether the stack's newest events are of that very change set: they bear its token.
func (c *Client) begun(ctx context.Context, p Plan) (bool, error) {
	out, err := c.cfn.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &p.Stack})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(out.StackEvents, func(e types.StackEvent) bool { return aws.ToString(e.ClientRequestToken) == p.token() }), nil
}

// token marks the events of a change set's execution: its name, and the part of its ARN that no other has.
func (p Plan) token() string {
	_, rest, _ := strings.Cut(p.ID, ":changeSet/")
	return strings.ReplaceAll(rest, "/", "-")
}

// Delete begins to delete a stack by its name or id; one that is not there is no error (AWS CloudFormation API Reference,
// DeleteStack).
func (c *Client) Delete(ctx context.Context, name string) error {
	if _, err := c.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &name}, once); err != nil && !notThere(err) {
		return fmt.Errorf("delete stack %s: %w", name, judge("cloudformation.DeleteStack", err))
	}
	return nil
}

// Protect sets whether a stack is protected against deletion. It is safe to call twice (AWS CloudFormation API Reference,
// UpdateTerminationProtection).
func (c *Client) Protect(ctx context.Context, name string, protected bool) error {
	_, err := c.cfn.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{StackName: &name, EnableTerminationProtection: &protected}, once)
	if err != nil {
		return fmt.Errorf("protect stack %s: %w", name, judge("cloudformation.UpdateTerminationProtection", err))
	}
	return nil
}

// Continue begins again to take back a change that could not be taken back (AWS CloudFormation API Reference,
// ContinueUpdateRollback).
func (c *Client) Continue(ctx context.Context, name string) error {
	if _, err := c.cfn.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: &name}, once); err != nil {
		return fmt.Errorf("continue the rollback of stack %s: %w", name, judge("cloudformation.ContinueUpdateRollback", err))
	}
	return nil
}

const (
	shortest = 250 * time.Millisecond
	longest  = 4 * time.Second
)

func longer(wait time.Duration) time.Duration { return min(2*wait, longest) }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// once lets a mutating call be tried once: what became of one without an answer is looked at.
func once(o *cloudformation.Options) { o.Retryer = aws.NopRetryer{} }
