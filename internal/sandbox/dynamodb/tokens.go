package dynamodb

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// remembering is how long a ClientRequestToken makes TransactWriteItems idempotent (DynamoDB API Reference,
// TransactWriteItems): 10 minutes of real time after its transaction went through.
const remembering = 10 * time.Minute

// tokens are the transactions of the last ten minutes.
type tokens struct {
	known map[string]finished
	order []finished // oldest first
}

type finished struct {
	token   string
	request [sha256.Size]byte
	at      time.Time
	err     error // how it was refused; nil when it went through
}

// repeated says whether the request's transaction is done already, or was refused.
func (t *tokens) repeated(now time.Time, in *transactWriteItemsInput) (bool, error) {
	for len(t.order) > 0 && now.Sub(t.order[0].at) >= remembering {
		delete(t.known, t.order[0].token)
		t.order = t.order[1:]
	}
	f, ok := t.known[in.ClientRequestToken]
	if ok && f.request != fingerprint(in) {
		const message = "An error occurred because the request parameters differ from those of an earlier request with the same token"
		return false, &wire.Error{
			Code: "IdempotentParameterMismatchException", Message: message, Members: map[string]any{"Message": message},
		}
	}
	return ok, f.err
}

func (t *tokens) remember(now time.Time, in *transactWriteItemsInput, err error) {
	if in.ClientRequestToken == "" {
		return
	}
	f := finished{token: in.ClientRequestToken, request: fingerprint(in), at: now, err: err}
	t.known[f.token] = f
	t.order = append(t.order, f)
}

// fingerprint is the same for requests that ask for the same actions.
func fingerprint(in *transactWriteItemsInput) [sha256.Size]byte {
	raw, err := json.Marshal(in.TransactItems)
	if err != nil {
		panic("sandbox: a transaction that was JSON before: " + err.Error())
	}
	return sha256.Sum256(raw)
}
