package queue

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// calls are the operations of DynamoDB that are called. They are functions: a client that is held in what becomes an interface keeps
// all of its operations in the program, called or not.
type calls struct {
	BatchGetItem       call[dynamodb.BatchGetItemInput, dynamodb.BatchGetItemOutput]
	CreateTable        call[dynamodb.CreateTableInput, dynamodb.CreateTableOutput]
	DeleteItem         call[dynamodb.DeleteItemInput, dynamodb.DeleteItemOutput]
	GetItem            call[dynamodb.GetItemInput, dynamodb.GetItemOutput]
	PutItem            call[dynamodb.PutItemInput, dynamodb.PutItemOutput]
	Query              call[dynamodb.QueryInput, dynamodb.QueryOutput]
	TransactWriteItems call[dynamodb.TransactWriteItemsInput, dynamodb.TransactWriteItemsOutput]
	UpdateItem         call[dynamodb.UpdateItemInput, dynamodb.UpdateItemOutput]

	describeTable call[dynamodb.DescribeTableInput, dynamodb.DescribeTableOutput]
	listTables    call[dynamodb.ListTablesInput, dynamodb.ListTablesOutput]
}

type call[In, Out any] = func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)

func callsOf(c *dynamodb.Client) calls {
	return calls{
		BatchGetItem:       c.BatchGetItem,
		CreateTable:        c.CreateTable,
		DeleteItem:         c.DeleteItem,
		GetItem:            c.GetItem,
		PutItem:            c.PutItem,
		Query:              c.Query,
		TransactWriteItems: c.TransactWriteItems,
		UpdateItem:         c.UpdateItem,

		describeTable: c.DescribeTable,
		listTables:    c.ListTables,
	}
}

// DescribeTable is what the SDK's waiter asks for.
func (c calls) DescribeTable(ctx context.Context, in *dynamodb.DescribeTableInput, o ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return c.describeTable(ctx, in, o...)
}

// ListTables is what the SDK's paginator asks for.
func (c calls) ListTables(ctx context.Context, in *dynamodb.ListTablesInput, o ...func(*dynamodb.Options)) (*dynamodb.ListTablesOutput, error) {
	return c.listTables(ctx, in, o...)
}
