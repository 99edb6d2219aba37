package queue_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vend-cli/vend/internal/account"
	"github.com/vend-cli/vend/internal/aws/awstest"
	"github.com/vend-cli/vend/internal/aws/queue"
)

// exceptions is what each exception of DynamoDB means to the queue. "again" is tried again, by the call itself where that
// is safe.
var exceptions = map[string]string{
	"AccessDeniedException":                    "V3002 pause",
	"MissingAuthenticationTokenException":      "V3002 pause",
	"ResourceNotFoundException":                "V3004 pause",
	"ThrottlingException":                      "again",
	"ProvisionedThroughputExceededException":   "again",
	"RequestLimitExceeded":                     "again",
	"LimitExceededException":                   "again",
	"InternalServerError":                      "again",
	"ServiceUnavailable":                       "again",
	"ExpiredTokenException":                    "again",
	"UnrecognizedClientException":              "again",
	"TransactionConflictException":             "again",
	"TransactionInProgressException":           "again",
	"TransactionCanceledException":             "again", // its reasons say more, see below
	"ConditionalCheckFailedException":          "again", // of an operation without a condition
	"ReplicatedWriteConflictException":         "again",
	"ResourceInUseException":                   "again", // CreateTable takes it for success
	"SomethingNew":                             "again",
	"ValidationException":                      "again", // by the caller: the call itself gives up
	"IdempotentParameterMismatchException":     "again",
	"ItemCollectionSizeLimitExceededException": "again",
}

// others are the exceptions of operations that the queue does not call.
var others = []string{
	"BackupInUseException", "BackupNotFoundException", "ContinuousBackupsUnavailableException", "DuplicateItemException",
	"ExportConflictException", "ExportNotFoundException", "GlobalTableAlreadyExistsException", "GlobalTableNotFoundException",
	"ImportConflictException", "ImportNotFoundException", "IndexNotFoundException", "InvalidEndpointException",
	"InvalidExportTimeException", "InvalidRestoreTimeException", "PointInTimeRecoveryUnavailableException",
	"PolicyNotFoundException", "ReplicaAlreadyExistsException", "ReplicaNotFoundException", "TableAlreadyExistsException",
	"TableInUseException", "TableNotFoundException",
}

func TestErrorsAreJudged(t *testing.T) {
	t.Parallel()
	table := map[string]string{}
	for code, want := range exceptions {
		table[code] = want
	}
	for _, code := range others {
		table[code] = "again"
	}
	calls := map[string]func(context.Context, *queue.Client) error{
		"reading items":    func(ctx context.Context, c *queue.Client) error { _, err := c.Known(ctx, []string{"b-1"}); return err },
		"querying":         func(ctx context.Context, c *queue.Client) error { _, err := c.Rows(ctx, "b-1"); return err },
		"querying the due": func(ctx context.Context, c *queue.Client) error { _, err := c.Waiting(ctx, 1); return err },
		"noting":           func(ctx context.Context, c *queue.Client) error { return c.Gone(ctx, "host-1") },
		"claiming":         func(ctx context.Context, c *queue.Client) error { _, err := c.Claim(ctx, "r-1"); return err },
	}
	awstest.Judged(t, "dynamodb", table, func(t *testing.T, transport *awstest.Transport) error {
		c := queue.New(awstest.Config(transport), queue.Options{Table: "vend", Lease: lease, Now: time.Now})
		_, read := c.Slots(t.Context())
		for name, call := range calls {
			if a, b := awstest.Verdict(read), awstest.Verdict(call(t.Context(), c)); a != b {
				t.Errorf("reading is judged %q, %s %q", a, name, b)
			}
		}
		return read
	})
}

// A write that DynamoDB will never take comes back at once, and does not hold its caller for ever.
func TestHopelessWritesEnd(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]*awstest.Error{
		"a request that is not valid": {Code: "ValidationException", Message: "Item size has exceeded the maximum allowed size"},
		"no permission":               {Code: "AccessDeniedException"},
		"no table":                    {Code: "ResourceNotFoundException"},
		"an item that is too large": {Code: "TransactionCanceledException", Members: map[string]any{
			"CancellationReasons": []any{map[string]any{"Code": "None"}, map[string]any{"Code": "ValidationError"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				b := batchOf(1)
				transport := &awstest.Transport{Answer: func(operation string, _ map[string]any) (any, error) {
					if operation == "GetItem" {
						return map[string]any{}, nil
					}
					return nil, answer
				}}
				c := queue.New(awstest.Config(transport), queue.Options{Table: "vend", Lease: lease, Concurrency: 1, Now: time.Now})
				_, added := c.Add(t.Context(), []account.Entry{entryOf(requestOf(b, 2))})
				_, begun := c.Begin(t.Context(), b)
				claim := account.Claim{Lease: account.Lease{Version: 1, Owner: "me"}, Request: requestOf(b, 2)}
				next := claim.Request
				next.Stage = account.Failed
				_, saved := c.Save(t.Context(), claim, next, account.Release{Rest: true})
				if added == nil || begun == nil || saved == nil {
					t.Errorf("Add: %v, Begin: %v, Save: %v; want errors", added, begun, saved)
				}
				if took := time.Since(began); took > 0 {
					t.Errorf("it took %v to give up", took)
				}
			})
		})
	}
}
