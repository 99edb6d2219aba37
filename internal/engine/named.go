package engine

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go"
	smithymiddleware "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/vend-cli/vend/internal/account"
)

// named gives an answer that the SDK can't read its name: who gave it, to what. Each attempt is judged by itself, and goes on
// being retried as the SDK does.
func named(stack *smithymiddleware.Stack) error {
	return stack.Deserialize.Add(smithymiddleware.DeserializeMiddlewareFunc("vend.Named",
		func(ctx context.Context, in smithymiddleware.DeserializeInput, next smithymiddleware.DeserializeHandler) (
			smithymiddleware.DeserializeOutput, smithymiddleware.Metadata, error,
		) {
			out, meta, err := next.HandleDeserialize(ctx, in)
			if foreign, ok := unreadable(err); ok {
				foreign.Operation = middleware.GetServiceID(ctx) + "." + middleware.GetOperationName(ctx)
				if request, ok := in.Request.(*smithyhttp.Request); ok {
					foreign.Host = request.URL.Host
				}
				err = foreign
			}
			return out, meta, err
		}), smithymiddleware.Before)
}

// unreadable tells an answer that is none of AWS's from one that was cut off. Some of the SDK's clients call an error that they
// can't read no [smithy.DeserializationError]; it has no code then.
func unreadable(err error) (account.Foreign, bool) {
	var (
		response *smithyhttp.ResponseError
		body     *smithy.DeserializationError
		network  net.Error
	)
	if !errors.As(err, &response) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF) {
		return account.Foreign{}, false
	}
	if _, read := account.AnswerOf("", err); read || response.HTTPStatusCode() < 300 && !errors.As(err, &body) {
		return account.Foreign{}, false
	}
	return account.Foreign{Status: response.HTTPStatusCode(), Content: response.Response.Header.Get("Content-Type"), Err: err}, true
}
