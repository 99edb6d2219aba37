package accountfactory

import (
	"errors"
	"strings"
	"time"

	"github.com/aws/smithy-go"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/retry"
)

const (
	provisionProduct = "servicecatalog.ProvisionProduct"
	terminateProduct = "servicecatalog.TerminateProvisionedProduct"
	notFound         = "ResourceNotFoundException"
)

// judge turns what Service Catalog or Control Tower answered into a verdict. What is not named here may pass, as does a
// call without an answer.
func judge(operation string, err error) error {
	answer, ok := account.AnswerOf(operation, err)
	if !ok {
		return err
	}
	ordering, terminating := operation == provisionProduct, operation == terminateProduct
	switch answer.Code {
	case "DuplicateResourceException":
		return taken(answer)
	case "InvalidParametersException", "ValidationException":
		switch {
		case ordering && nameTaken(answer.Message):
			return taken(answer)
		case ordering:
			return account.Refused{Code: "V2012", Class: account.ClassTerminal, Reason: "Account Factory refuses the order", Answer: answer}
		}
	case notFound:
		switch {
		case terminating:
			return account.Wait{For: briefly, Why: "the provisioned product is gone", Answer: answer}
		case strings.HasPrefix(operation, "servicecatalog."):
			return account.Refused{
				Code: "V3006", Reason: "Account Factory is not to be found, or not by this principal", Pause: true, Answer: answer,
				Hint: "use the home Region of Control Tower, and associate this principal with the Account Factory portfolio",
			}
		}
	case "OperationNotSupportedException":
		return account.Refused{Code: "V3006", Reason: "Service Catalog does not do this with Account Factory", Pause: true, Answer: answer}
	case "ResourceInUseException", "InvalidStateException", "ConflictException":
		return account.Wait{For: operationWait, Why: "Control Tower is working on something else", Answer: answer}
	case "ServiceQuotaExceededException":
		return account.Wait{For: operationWait, Why: "Control Tower is at its limit", Answer: answer}
	}
	switch retry.CauseOf(answer.Code) {
	case retry.Throttled:
		return account.Wait{For: throttled, Why: "AWS takes no more calls just now", Answer: answer}
	case retry.Denied:
		return account.Refused{Code: "V3002", Reason: "no permission for " + operation, Pause: true, Answer: answer}
	}
	return err
}

const (
	throttled = 10 * time.Second
	briefly   = time.Second // until the caller has looked again
)

// taken is the verdict on an order whose name Service Catalog knows already: most likely by an order of our own whose
// answer was lost. Who looks by name finds out.
func taken(answer account.Answer) error {
	return account.Wait{For: briefly, Why: "there is a provisioned product of this name already", Answer: answer}
}

// nameTaken tells an InvalidParametersException that says "A stack named vend-r-1-g1 already exists." from the others:
// AWS has no code of its own for it.
func nameTaken(message string) bool { return alreadyExists.MatchString(message) }

var alreadyExists = pattern.Compile(`named \S+ already exists`)

// outdated says whether an order may have been refused because the version it names is no longer the active one.
func outdated(err error) bool {
	answer, ok := account.AnswerOf(provisionProduct, err)
	return ok && (answer.Code == notFound || answer.Code == "InvalidParametersException" && !nameTaken(answer.Message))
}

// code is the code of AWS's answer; empty when there is none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
