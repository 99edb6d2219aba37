package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/queue"
	"github.com/vend-cli/vend/internal/render"
	"github.com/vend-cli/vend/internal/worker"
)

// errUsage is a command that was not understood.
type errUsage struct{ message, hint string }

func (e *errUsage) Error() string { return e.message }

func usage(format string, args ...any) *errUsage {
	return &errUsage{message: fmt.Sprintf(format, args...), hint: "See `vend help`."}
}

// errOutcome ends a run whose result was written, or said, already: some requests failed, work is left.
type errOutcome struct{ code int }

func (e errOutcome) Error() string { return exits[e.code] }

// errMissing is a name that stands for nothing: a batch, a request, a code.
type errMissing struct{ message, hint string }

func (e *errMissing) Error() string { return e.message }

func notFound(message, hint string) error { return &errMissing{message, hint} }

// errInput is an input that can't be used.
type errInput struct{ code, message, hint string }

func (e *errInput) Error() string { return e.message }

// errHere is a refusal of this machine: an address that is taken, a file that can't be written.
type errHere struct{ code, message, hint string }

func (e *errHere) Error() string { return e.message }

// judge says how an error is told, and with which code the process exits. goOn says how to go on after an interruption.
func judge(ctx context.Context, err error, goOn string) (*render.Fault, int) {
	var (
		outcome errOutcome
		wrong   *errUsage
		missing *errMissing
		input   *errInput
		here    *errHere
		refused account.Refused
		exit    cli.ExitCoder
		foreign account.Foreign
		network net.Error
	)
	switch {
	case err == nil:
		return nil, 0
	case signalOf(ctx) != nil:
		return &render.Fault{Code: "V9005", Message: "interrupted", Hint: goOn}, 130
	case errors.As(err, &outcome):
		return nil, outcome.code
	case errors.As(err, &wrong):
		return &render.Fault{Code: "V9002", Message: wrong.message, Hint: wrong.hint}, 64
	case errors.As(err, &missing):
		return &render.Fault{Code: "V9003", Message: missing.message, Hint: missing.hint}, 10
	case errors.As(err, &input):
		return &render.Fault{Code: input.code, Message: input.message, Hint: input.hint}, 3
	case errors.As(err, &here):
		return &render.Fault{Code: here.code, Message: here.message, Hint: here.hint}, 1
	case errors.As(err, &exit): // v2's own complaints, such as a help topic that does not exist
		return &render.Fault{Code: "V9002", Message: err.Error(), Hint: "See `vend help`."}, 64
	case errors.Is(err, worker.ErrPending):
		return explained("V9004", err.Error()), 8
	case errors.Is(err, queue.ErrNotFound):
		return explained("V9003", err.Error()), 10
	case errors.As(err, &refused):
		return refusal(err, refused)
	}
	if fault := answer(err); fault != nil {
		return fault, 4
	}
	if errors.As(err, &foreign) {
		return explained("V3015", err.Error()), 4
	}
	if errors.As(err, &network) {
		return explained("V3015", "AWS can't be reached: "+unreached(err)), 4
	}
	return explained("V9001", err.Error()), 1
}

// unreached is what the network said, without the many layers that wrap it.
func unreached(err error) string {
	var to *url.Error
	var op *net.OpError
	if errors.As(err, &to) {
		where, _, _ := strings.Cut(to.URL, "?")
		if errors.As(to.Err, &op) && op.Err != nil {
			return fmt.Sprintf("%s: %s", where, op.Err)
		}
		return fmt.Sprintf("%s: %s", where, to.Err)
	}
	return err.Error()
}

// credentialsEnded says that AWS takes the credentials no longer, or that there are none.
func credentialsEnded(err error) bool {
	var refused account.Refused
	if errors.As(err, &refused) {
		return refused.Code == "V3001"
	}
	fault := answer(err)
	return fault != nil && fault.Code == "V3001"
}

// refusal keeps what the steps above the refusal said of it, and adds what to do.
func refusal(err error, r account.Refused) (*render.Fault, int) {
	fault := explained(r.Code, err.Error())
	if r.Hint != "" {
		fault.Hint = r.Hint
	}
	switch {
	case strings.HasPrefix(r.Code, "V1"):
		return fault, 3
	case strings.HasPrefix(r.Code, "V3"):
		return fault, 4
	}
	return fault, 1
}

// explained is a fault whose hint is the remedy of its code.
func explained(code, message string) *render.Fault {
	e, _ := account.Explain(code)
	return &render.Fault{Code: code, Message: message, Hint: e.Remedy}
}

// answers are the refusals that any AWS call may meet, before its adapter can make sense of them (AWS's "Common Errors").
var answers = map[string]string{
	"AccessDenied": "V3002", "AccessDeniedException": "V3002", "UnauthorizedOperation": "V3002", "AuthorizationError": "V3002",
	"ExpiredToken": "V3001", "ExpiredTokenException": "V3001", "InvalidClientTokenId": "V3001", "UnrecognizedClientException": "V3001",
	"InvalidAccessKeyId": "V3001", "SignatureDoesNotMatch": "V3001", "IncompleteSignature": "V3001", "MissingAuthenticationToken": "V3001",
	"NoSuchBucket": "V3003", "ResourceNotFoundException": "V3004", "AWS.SimpleQueueService.NonExistentQueue": "V3005",
	"QueueDoesNotExist": "V3005",
}

func answer(err error) *render.Fault {
	said, ok := account.AnswerOf("", err)
	if !ok {
		return nil
	}
	code, known := answers[said.Code]
	if !known {
		return nil
	}
	return explained(code, fmt.Sprintf("%s: %s", said.Code, said.Message))
}
