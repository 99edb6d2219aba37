// Package queue keeps the pipeline's requests, rows, batches, slots, counters and settings in one DynamoDB table.
//
// # Items
//
//	pk                sk                  holds
//	request#r-…       request             one request, and who has a claim on it
//	request#r-…       event#<time>#<n>    its history, one item a save
//	account#<12 d>    guard               the request that enrolls the account
//	batch#b-…         batch               one uploaded object version, and who has a claim on it
//	batch#b-…         counts              its requests by stage
//	batch#b-…         row#<line>          one row: its request and its disposition
//	pipeline          slots               pause, concurrency, operations in flight
//	pipeline          counts              all requests by stage
//	pipeline          settings            the settings that every worker reads
//	pipeline          took#<month>        how long account operations took, counted in steps
//	batches           open#… finished#…   the list of batches, by time
//	workers           <owner>             who was seen at work
//	access            <assignment>        what vend access made, or took away
//
// # Claims
//
// A claim is a conditional update that raises the item's version, writes a fresh random owner and makes the item come
// due when the lease ends. A dead owner's item simply comes due again. Now is the table's clock, read from the Date of
// DynamoDB's answers; see [Client.Now]. A condition that fails is looked at first: owner and version as they were
// written mean that the lost answer of one's own call had arrived.
//
// Who has saved and released an item may put it off, or save it again, without a claim: on the condition that owner, version
// and wakes are as that save left them, so that nobody has touched it since. Whoever does so must have caused nothing.
//
// A wake counts up on the item, leaves its version alone, and makes it due now only where nobody holds a claim; the save
// that releases the claim finds the count changed and makes it due itself.
//
// # The index
//
// The index "due" has three partitions: "slot", who may start an account operation, in order of batch and row; "timer", who
// is due, by time; and "failed", who rests until a human has acted, in order of batch and row, for people to find. It lags,
// so it only says where to look; what is true is decided on the table by conditions. Nothing scans.
//
// It imports account, directory and retry; only the engine imports it.
package queue

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/vend-cli/vend/internal/retry"
)

// ErrNotFound means that there is no such request or batch.
var ErrNotFound = errors.New("not found")

// Client is the queue. It is safe for concurrent use; any number of processes share one table.
type Client struct {
	ddb   calls
	clock *clock
	Options
}

// Options says which table, and how long and how much.
type Options struct {
	Table       string
	Lease       time.Duration    // how long a claim holds
	Concurrency int              // account operations at once, where the table itself does not say
	Now         func() time.Time // the local clock
}

// New makes a client.
func New(cfg aws.Config, options Options) *Client {
	c := &clock{local: options.Now}
	ddb := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, c.watch)
	})
	return &Client{ddb: callsOf(ddb), clock: c, Options: options}
}

// once gives a mutating call a single attempt: what follows an unknown outcome is decided here, not in the SDK.
func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// item is what a table item looks like to this package.
type item = map[string]types.AttributeValue

// encode writes v with its json names, so that the table and the JSON output speak the same words.
func encode(v any) (types.AttributeValue, error) {
	return attributevalue.MarshalWithOptions(v, func(o *attributevalue.EncoderOptions) {
		o.TagKey = "json"
		o.OmitEmptyTime = true
		o.UseEncodingMarshalers = true
	})
}

func decode(av types.AttributeValue, v any) error {
	return attributevalue.UnmarshalWithOptions(av, v, func(o *attributevalue.DecoderOptions) {
		o.TagKey = "json"
		o.UseEncodingUnmarshalers = true
	})
}

// lookUp reads one item, strongly; ErrNotFound when it is not there.
func (c *Client) lookUp(ctx context.Context, k key) (item, error) {
	out, err := c.ddb.GetItem(ctx, &dynamodb.GetItemInput{TableName: &c.Table, Key: k.item(), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, judge("dynamodb.GetItem", fmt.Sprintf("read %s", k), err)
	}
	if len(out.Item) == 0 {
		return nil, fmt.Errorf("%s: %w", k, ErrNotFound)
	}
	return out.Item, nil
}

// lookUpAll reads items by key, strongly, in no order, a hundred a call. A key that is named twice is read once:
// BatchGetItem refuses it otherwise.
func (c *Client) lookUpAll(ctx context.Context, keys []key) ([]item, error) {
	asked := make(map[key]bool, len(keys))
	keys = slices.DeleteFunc(slices.Clone(keys), func(k key) bool {
		twice := asked[k]
		asked[k] = true
		return twice
	})
	var found []item
	for some := range slices.Chunk(keys, 100) {
		want := make([]item, len(some))
		for i, k := range some {
			want[i] = k.item()
		}
		items, err := c.lookUpSome(ctx, want)
		if err != nil {
			return nil, err
		}
		found = append(found, items...)
	}
	return found, nil
}

// errUnprocessed means that DynamoDB had no room for some of the keys: they are asked for again after a while.
var errUnprocessed = errors.New("read items: DynamoDB has left some out")

func (c *Client) lookUpSome(ctx context.Context, want []item) (found []item, err error) {
	pending := map[string]types.KeysAndAttributes{c.Table: {Keys: want, ConsistentRead: aws.Bool(true)}}
	err = retry.Do(ctx, func() error {
		out, err := c.ddb.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: pending})
		if err != nil {
			return judge("dynamodb.BatchGetItem", "read items", err)
		}
		found = append(found, out.Responses[c.Table]...)
		if pending = out.UnprocessedKeys; len(pending) > 0 {
			return errUnprocessed
		}
		return nil
	}, func(err error) bool { return !errors.Is(err, errUnprocessed) })
	return found, err
}

// query follows a query through all its pages until f says stop.
func (c *Client) query(ctx context.Context, in *dynamodb.QueryInput, f func(item) bool) error {
	in.TableName = &c.Table
	for {
		out, err := c.ddb.Query(ctx, in)
		if err != nil {
			return judge("dynamodb.Query", "query the table", err)
		}
		for _, it := range out.Items {
			if !f(it) {
				return nil
			}
		}
		if len(out.LastEvaluatedKey) == 0 {
			return nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func newOwner() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

func text(s string) types.AttributeValue      { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue     { return &types.AttributeValueMemberN{Value: fmt.Sprint(n)} }
func boolean(b bool) types.AttributeValue     { return &types.AttributeValueMemberBOOL{Value: b} }
func moment(t time.Time) types.AttributeValue { return number(t.UnixMilli()) }

func textOf(it item, name string) string {
	if s, ok := it[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func numberOf(it item, name string) int64 {
	var n int64
	if v, ok := it[name].(*types.AttributeValueMemberN); ok {
		_, _ = fmt.Sscan(v.Value, &n)
	}
	return n
}

func momentOf(it item, name string) time.Time { return time.UnixMilli(numberOf(it, name)).UTC() }

func dataOf[T any](it item, what string) (T, error) {
	var v T
	if err := decode(it["data"], &v); err != nil {
		return v, fmt.Errorf("read %s %s: %w", what, textOf(it, "pk"), err)
	}
	return v, nil
}
