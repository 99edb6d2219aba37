package s3

import (
	"errors"
	"net/http"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// errNotModified is the answer 304, which is no error and has no body.
var errNotModified = errors.New("not modified")

// refuse makes an error answer (API Reference, "Error responses"); members are names and values of further elements.
func refuse(status int, code, message string, members ...string) *wire.Error {
	e := &wire.Error{Code: code, Message: message, Status: status}
	for i := 0; i+1 < len(members); i += 2 {
		if e.Members == nil {
			e.Members = map[string]any{}
		}
		e.Members[members[i]] = members[i+1]
	}
	return e
}

func invalidRequest(message string) *wire.Error {
	return refuse(http.StatusBadRequest, "InvalidRequest", message)
}

func invalidArgument(message, name, value string) *wire.Error {
	return refuse(http.StatusBadRequest, "InvalidArgument", message, "ArgumentName", name, "ArgumentValue", value)
}

func noSuchKey(key string) *wire.Error {
	return refuse(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.", "Key", key)
}

func noSuchVersion(key, id string) *wire.Error {
	return refuse(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.", "Key", key, "VersionId", id)
}

func noSuchUpload(id string) *wire.Error {
	return refuse(http.StatusNotFound, "NoSuchUpload",
		"The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
		"UploadId", id)
}

func preconditionFailed(condition string) *wire.Error {
	return refuse(http.StatusPreconditionFailed, "PreconditionFailed",
		"At least one of the pre-conditions you specified did not hold", "Condition", condition)
}

func badDigest(what string) *wire.Error {
	return refuse(http.StatusBadRequest, "BadDigest", "The "+what+" you specified did not match what we received.")
}
