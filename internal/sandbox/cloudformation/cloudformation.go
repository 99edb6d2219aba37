// Package cloudformation is AWS CloudFormation: stacks that change sets make, and service-managed stack sets.
//
// It follows the AWS CloudFormation API Reference and User Guide. Templates of stack sets may hold IAM roles and nothing
// else. A stack's template has more: what the sandbox has a service for is made there, by calls in the name of whoever changes
// the stack ([Calls]); functions, alarms and policies are only written down. Such a call is no request of anybody, so it is not
// counted; faults that are posted for its operation come to it, and let the resource fail.
//
//	CreateChangeSet ─▶ compare ─▶ ExecuteChangeSet ─▶ forward ─▶ cleanup ─▶ …_COMPLETE
//	                                                  └─ a call fails ─▶ back ─▶ …ROLLBACK_COMPLETE, …ROLLBACK_FAILED
//
// Stacks and stack sets live in the Region in which they were made, and are no part of the world's file. Who is not of the
// management account sees the stacks of its own account.
package cloudformation

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// Service is CloudFormation, and what goes on in its stacks.
type Service struct {
	*wire.RPC
	*service
}

// New makes the service; calls are how it makes what stacks hold.
func New(w *world.World, calls Calls) *Service {
	s := &service{w: w, calls: calls}
	w.OnPlaced(s.placed)
	return &Service{service: s, RPC: &wire.RPC{
		SigningName: "cloudformation",
		XMLNS:       "http://cloudformation.amazonaws.com/doc/2010-05-15/",
		Operations: map[string]wire.Operation{
			"ActivateOrganizationsAccess":       op(w, s.activateOrganizationsAccess),
			"DescribeOrganizationsAccess":       op(w, s.describeOrganizationsAccess),
			"DeactivateOrganizationsAccess":     op(w, s.deactivateOrganizationsAccess),
			"CreateStackSet":                    pointing(s, w, s.createStackSet),
			"DescribeStackSet":                  op(w, s.describeStackSet),
			"UpdateStackSet":                    pointing(s, w, s.updateStackSet),
			"DeleteStackSet":                    op(w, s.deleteStackSet),
			"ListStackSets":                     op(w, s.listStackSets),
			"CreateStackInstances":              pointing(s, w, s.createStackInstances),
			"UpdateStackInstances":              pointing(s, w, s.updateStackInstances),
			"DeleteStackInstances":              pointing(s, w, s.deleteStackInstances),
			"DescribeStackInstance":             op(w, s.describeStackInstance),
			"ListStackInstances":                op(w, s.listStackInstances),
			"DescribeStackSetOperation":         op(w, s.describeStackSetOperation),
			"ListStackSetOperations":            op(w, s.listStackSetOperations),
			"ListStackSetOperationResults":      op(w, s.listStackSetOperationResults),
			"StopStackSetOperation":             op(w, s.stopStackSetOperation),
			"ListStackSetAutoDeploymentTargets": op(w, s.listAutoDeploymentTargets),
			"ListStacks":                        wire.Op(s.listStacks),
			"DescribeStacks":                    wire.Op(s.describeStacks),
			"DeleteStack":                       wire.Op(s.deleteStack),
			"CreateChangeSet":                   pointing(s, w, s.createChangeSet),
			"DescribeChangeSet":                 op(w, s.describeChangeSet),
			"ListChangeSets":                    op(w, s.listChangeSets),
			"ExecuteChangeSet":                  op(w, s.executeChangeSet),
			"DeleteChangeSet":                   op(w, s.deleteChangeSet),
			"ContinueUpdateRollback":            op(w, s.continueUpdateRollback),
			"DescribeStackEvents":               op(w, s.describeStackEvents),
			"DescribeStackResources":            op(w, s.describeStackResources),
			"GetTemplate":                       op(w, s.getTemplate),
			"GetTemplateSummary":                pointing(s, w, s.getTemplateSummary),
			"ValidateTemplate":                  pointing(s, w, s.validateTemplate),
			"UpdateTerminationProtection":       op(w, s.updateTerminationProtection),
		},
	}}
}

type service struct {
	w      *world.World
	sets   []*set   // the oldest first, deleted ones included
	stacks []*stack // the same

	documents map[string]pointed // that the request at hand points at

	calls    Calls
	jobs     []*job
	going    atomic.Int32 // jobs that have not ended
	stepping sync.Mutex   // one step is taken at a time
}

// op lets an operation on stack sets happen in the world, if the caller is of the management account.
// What a request needs before is done first, and handed over by what that returns.
func op[In, Out any](w *world.World, f func(*wire.Call, *In) (*Out, error), before ...func(*wire.Call, *In) func()) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		if c.Caller.Account != w.Management.ID {
			return nil, &wire.Error{
				Code: "AccessDenied", Status: http.StatusForbidden,
				Message: "User: " + c.Caller.ARN + " is not authorized to perform: cloudformation:" + c.Operation,
			}
		}
		var hand []func()
		for _, b := range before {
			hand = append(hand, b(c, in))
		}
		w.Do(func() {
			for _, over := range hand {
				over()
			}
			out, err = f(c, in)
		})
		return out, err
	})
}

// fail is an error with the HTTP status that the API Reference gives it.
func fail(code, message string) error {
	statuses := map[string]int{
		"StackSetNotFoundException": http.StatusNotFound, "StackInstanceNotFoundException": http.StatusNotFound,
		"OperationNotFoundException": http.StatusNotFound, "OperationInProgressException": http.StatusConflict,
		"OperationIdAlreadyExistsException": http.StatusConflict, "NameAlreadyExistsException": http.StatusConflict,
		"StackSetNotEmptyException": http.StatusConflict, "CreatedButModifiedException": http.StatusConflict,
	}
	return &wire.Error{Code: code, Message: message, Status: statuses[code]}
}

// invalid is what CloudFormation answers to most of what is wrong with a request.
func invalid(message string) error { return wire.Fail("ValidationError", message) }

// nothingAtAll is the answer of operations that have none.
type nothingAtAll struct{}

type pageInput struct {
	MaxResults *int   `json:"MaxResults"`
	NextToken  string `json:"NextToken"`
}

func page[T any](all []T, in pageInput) ([]T, string, error) {
	var wrong wire.Invalid
	wrong.Range("maxResults", in.MaxResults, 1, 100)
	if err := wrong.Err(); err != nil {
		return nil, "", err
	}
	size, from := 100, 0
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	if in.NextToken != "" {
		n, err := strconv.ParseInt(in.NextToken, 36, 32)
		if err != nil || n < 0 || int(n) > len(all) {
			return nil, "", invalid("NextToken is not valid")
		}
		from = int(n)
	}
	to, next := min(from+size, len(all)), ""
	if to < len(all) {
		next = strconv.FormatInt(int64(to), 36)
	}
	return append([]T{}, all[from:to]...), next, nil
}

// callAs is on whose behalf the caller asks: of delegated administrators there are none here.
type callAs struct {
	CallAs string `json:"CallAs"`
}

func (c callAs) check() error {
	var wrong wire.Invalid
	wrong.Enum("callAs", c.CallAs, "SELF", "DELEGATED_ADMIN")
	if err := wrong.Err(); err != nil {
		return err
	}
	if c.CallAs == "DELEGATED_ADMIN" {
		return invalid("Account used is not a delegated administrator")
	}
	return nil
}

// first is the first error of those that are given.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// refused says whether an error is an answer of AWS, and which code it bears.
func refused(err error) (string, bool) {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code, true
	}
	return "", false
}
