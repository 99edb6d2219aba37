// Package dynamodb is Amazon DynamoDB with tables in memory.
//
// It follows the DynamoDB API Reference (2012-08-10) and the DynamoDB Developer Guide, and is as strict as they are:
// reserved words, unused placeholders, overlapping paths, wrong key types, sizes and precision are refused in AWS's own
// words. What it does not implement (streams, local secondary indexes, the parameters from before expressions, PartiQL,
// changes of an index) is a [wire.Unsupported]; nothing that a client asks for is silently left out.
//
//	request ─▶ Serve ─▶ Do ─▶ parse (scope, parser) ─▶ keys ─▶ condition ─▶ change ─▶ rows
//	                                                                                   └─ timing.indexLag later ─▶ indexes
//
// A table's rows are one ordered tree: hash of the partition key, partition key, sort key. An index is the same tree over
// its own keys, and shows what the table held timing.indexLag ago. Items never change once they are stored.
//
// It imports the sandbox's wire and world.
package dynamodb

import (
	"fmt"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

const (
	namespace           = "com.amazonaws.dynamodb.v20120810"
	validationNamespace = "com.amazon.coral.validate"
)

// New makes the service of a world. Tables belong to the caller's account, in the Region that a request was signed for.
func New(w *world.World) wire.Service {
	s := &store{world: w, regions: map[place]*region{}}
	return &wire.RPC{
		SigningName: "dynamodb",
		Target:      "DynamoDB_20120810.",
		Namespace:   namespace,
		Operations: map[string]wire.Operation{
			"CreateTable":               in(s, (*region).createTable),
			"DescribeTable":             in(s, (*region).describeTable),
			"DeleteTable":               in(s, (*region).deleteTable),
			"ListTables":                in(s, (*region).listTables),
			"UpdateTable":               in(s, (*region).updateTable),
			"UpdateTimeToLive":          in(s, (*region).updateTimeToLive),
			"DescribeTimeToLive":        in(s, (*region).describeTimeToLive),
			"DescribeContinuousBackups": in(s, (*region).describeContinuousBackups),
			"UpdateContinuousBackups":   in(s, (*region).updateContinuousBackups),
			"TagResource":               in(s, (*region).tagResource),
			"UntagResource":             in(s, (*region).untagResource),
			"ListTagsOfResource":        in(s, (*region).listTagsOfResource),
			"GetItem":                   in(s, (*region).getItem),
			"PutItem":                   in(s, (*region).putItem),
			"UpdateItem":                in(s, (*region).updateItem),
			"DeleteItem":                in(s, (*region).deleteItem),
			"Query":                     in(s, (*region).query),
			"Scan":                      in(s, (*region).scan),
			"BatchGetItem":              in(s, (*region).batchGetItem),
			"BatchWriteItem":            in(s, (*region).batchWriteItem),
			"TransactWriteItems":        in(s, (*region).transactWriteItems),
			"TransactGetItems":          in(s, (*region).transactGetItems),
		},
	}
}

// store is everything that the service knows. It is read and changed within the world's Do.
type store struct {
	world   *world.World
	regions map[place]*region
}

type place struct{ account, region string }

// region is the tables of one account in one Region.
type region struct {
	place
	world  *world.World
	tables map[string]*table
	tokens tokens
}

func in[In, Out any](s *store, f func(*region, *In) (*Out, error)) wire.Operation {
	return wire.Op(func(c *wire.Call, in *In) (out *Out, err error) {
		s.world.Do(func() { out, err = f(s.of(c), in) })
		return out, err
	})
}

func (s *store) of(c *wire.Call) *region {
	at := place{s.world.Caller(c.AccessKey).Account, c.Region}
	r := s.regions[at]
	if r == nil {
		r = &region{place: at, world: s.world, tables: map[string]*table{}, tokens: tokens{known: map[string]finished{}}}
		s.regions[at] = r
	}
	return r
}

// invalid is a ValidationException.
func invalid(format string, args ...any) *wire.Error {
	return &wire.Error{
		Code: "ValidationException", Message: fmt.Sprintf(format, args...), Namespace: validationNamespace,
	}
}

// invalidParameter is a ValidationException with the opening that most messages about a request's values share.
func invalidParameter(format string, args ...any) *wire.Error {
	return invalid("One or more parameter values were invalid: "+format, args...)
}
