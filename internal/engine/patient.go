package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go/middleware"

	"github.com/vend-cli/vend/internal/account"
)

// lookWithin is how long one call of those takes at most who look at everything, and for whom one call that gets no answer
// is one more thing to tell of: the doctor, and who looks for a pipeline.
const lookWithin = 15 * time.Second

// patient bounds each call, its retries included. What AWS has refused until then, such as for the number of calls, is the
// error; else it is that no answer came.
func patient(within time.Duration) func(*smithy.Stack) error {
	type key struct{}
	return func(stack *smithy.Stack) error {
		err := stack.Initialize.Add(smithy.InitializeMiddlewareFunc("vend.Patience",
			func(ctx context.Context, in smithy.InitializeInput, next smithy.InitializeHandler) (smithy.InitializeOutput, smithy.Metadata, error) {
				var last error
				bounded, cancel := context.WithTimeout(context.WithValue(ctx, key{}, &last), within)
				defer cancel()
				out, meta, err := next.HandleInitialize(bounded, in)
				if err == nil || ctx.Err() != nil || bounded.Err() == nil {
					return out, meta, err
				}
				if last != nil {
					return out, meta, last
				}
				return out, meta, fmt.Errorf("no answer to %s.%s within %s", middleware.GetServiceID(ctx), middleware.GetOperationName(ctx), within)
			}), smithy.After)
		if err != nil {
			return err
		}
		return stack.Deserialize.Add(smithy.DeserializeMiddlewareFunc("vend.Refusal",
			func(ctx context.Context, in smithy.DeserializeInput, next smithy.DeserializeHandler) (smithy.DeserializeOutput, smithy.Metadata, error) {
				out, meta, err := next.HandleDeserialize(ctx, in)
				if last, ok := ctx.Value(key{}).(*error); ok {
					var foreign account.Foreign
					if _, answered := account.AnswerOf("", err); answered || errors.As(err, &foreign) {
						*last = err
					}
				}
				return out, meta, err
			}), smithy.Before)
	}
}
