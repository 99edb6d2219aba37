package sqs

import (
	"fmt"
	"net/http"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// coral is the namespace of errors that come from AWS's framework and not from the SQS model.
const coral = "com.amazon.coral.service"

var errNoQueue = failure("QueueDoesNotExist", "The specified queue does not exist.")

// modelled are the errors of the SQS model whose query code or status differ from their name and 400 (Amazon SQS API
// Reference, the Errors of each action).
var modelled = map[string]wire.Error{
	"BatchEntryIdsNotDistinct":     {QueryCode: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
	"BatchRequestTooLong":          {QueryCode: "AWS.SimpleQueueService.BatchRequestTooLong"},
	"EmptyBatchRequest":            {QueryCode: "AWS.SimpleQueueService.EmptyBatchRequest"},
	"InvalidBatchEntryId":          {QueryCode: "AWS.SimpleQueueService.InvalidBatchEntryId"},
	"MessageNotInflight":           {QueryCode: "AWS.SimpleQueueService.MessageNotInflight"},
	"OverLimit":                    {QueryCode: "OverLimit", Status: http.StatusForbidden},
	"PurgeQueueInProgress":         {QueryCode: "AWS.SimpleQueueService.PurgeQueueInProgress", Status: http.StatusForbidden},
	"QueueDeletedRecently":         {QueryCode: "AWS.SimpleQueueService.QueueDeletedRecently"},
	"QueueDoesNotExist":            {QueryCode: "AWS.SimpleQueueService.NonExistentQueue"},
	"QueueNameExists":              {QueryCode: "QueueAlreadyExists"},
	"ReceiptHandleIsInvalid":       {QueryCode: "ReceiptHandleIsInvalid", Status: http.StatusNotFound},
	"TooManyEntriesInBatchRequest": {QueryCode: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
}

func failure(code, message string) *wire.Error {
	e := modelled[code]
	e.Code, e.Message = code, message
	if e.QueryCode == "" {
		e.QueryCode = code
	}
	return &e
}

func missing(parameter string) *wire.Error {
	return &wire.Error{
		Code: "MissingRequiredParameterException", QueryCode: "MissingParameter", Namespace: coral,
		Message: fmt.Sprintf("The request must contain the parameter %s.", parameter),
	}
}

func invalid(message string) *wire.Error {
	return &wire.Error{
		Code: "InvalidParameterValueException", QueryCode: "InvalidParameterValue", Namespace: coral, Message: message,
	}
}

func outOfRange(parameter string, value, lowest, highest int) *wire.Error {
	return invalid(fmt.Sprintf("Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.",
		value, parameter, lowest, highest))
}
