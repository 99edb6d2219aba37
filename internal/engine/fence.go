package engine

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/account"
)

// fenced checks the claim of a step right before a mutating call leaves: after it was signed, inside the retry loop. A
// process that was frozen before that point sends nothing; one that was frozen after it sends a signature that has aged,
// which AWS refuses.
func fenced(stack *smithy.Stack) error {
	return stack.Finalize.Add(smithy.FinalizeMiddlewareFunc("vend.Fence",
		func(ctx context.Context, in smithy.FinalizeInput, next smithy.FinalizeHandler) (
			smithy.FinalizeOutput, smithy.Metadata, error,
		) {
			fence := account.FenceOf(ctx)
			if fence == nil || !late(middleware.GetOperationName(ctx)) {
				return next.HandleFinalize(ctx, in)
			}
			if err := fence.Leave(); err != nil {
				return smithy.FinalizeOutput{}, smithy.Metadata{}, err
			}
			out, meta, err := next.HandleFinalize(ctx, in)
			if err == nil || answered(err) {
				fence.Answered()
			}
			return out, meta, err
		}), smithy.After)
}

// late says whether the effect of a call must not come late: it may make or end an account operation, or write results
// over newer ones. Operations that only look need no fence, and others are harmless when they come late.
func late(operation string) bool {
	return strings.HasPrefix(operation, "Provision") || strings.HasPrefix(operation, "Terminate") ||
		strings.HasPrefix(operation, "UpdateProvisioned") || operation == "PutObject"
}

// answered says whether AWS itself answered with an error, one that tells that nothing was begun. An error of AWS's own
// (5xx) tells nothing.
func answered(err error) bool {
	answer, ok := account.AnswerOf("", err)
	return ok && answer.Code != "" && !account.ServerFault(err)
}
