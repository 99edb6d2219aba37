package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Definition is the table: the one place that says how it is made. The CloudFormation template is held equal to it.
func Definition(table string) *dynamodb.CreateTableInput {
	attribute := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS}
	}
	keys := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
		}
	}
	return &dynamodb.CreateTableInput{
		TableName:            &table,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute("pk"), attribute("sk"), attribute("queue"), attribute("due")},
		KeySchema:            keys("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String(indexName),
			KeySchema: keys("queue", "due"),
			Projection: &types.Projection{
				ProjectionType:   types.ProjectionTypeInclude,
				NonKeyAttributes: []string{"name", "slot"},
			},
		}},
		DeletionProtectionEnabled: aws.Bool(true),
	}
}

// CreateTable makes the table if it is not there, and waits until it can be used.
func (c *Client) CreateTable(ctx context.Context) error {
	_, err := c.ddb.CreateTable(ctx, Definition(c.Table))
	var there *types.ResourceInUseException
	if err != nil && !errors.As(err, &there) {
		return judge("dynamodb.CreateTable", "create table "+c.Table, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(c.ddb, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 5*time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table}, 5*time.Minute); err != nil {
		return fmt.Errorf("wait for table %s: %w", c.Table, err)
	}
	return nil
}

// Health says how the table is set up.
type Health struct {
	Status  string // ACTIVE when it can be used
	Fitting bool   // it has the keys and the index that this package needs
	Safe    bool   // it can't be deleted by mistake
}

// Health looks at the table (Amazon DynamoDB API Reference, DescribeTable).
func (c *Client) Health(ctx context.Context) (Health, error) {
	out, err := c.ddb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table})
	if err != nil {
		return Health{}, judge("dynamodb.DescribeTable", "describe table "+c.Table, err)
	}
	want := Definition(c.Table)
	health := Health{
		Status: string(out.Table.TableStatus), Safe: aws.ToBool(out.Table.DeletionProtectionEnabled),
		Fitting: sameKeys(want.KeySchema, out.Table.KeySchema),
	}
	indexed := false
	for _, i := range out.Table.GlobalSecondaryIndexes {
		indexed = indexed || aws.ToString(i.IndexName) == indexName && sameKeys(want.GlobalSecondaryIndexes[0].KeySchema, i.KeySchema)
	}
	health.Fitting = health.Fitting && indexed
	return health, nil
}

// Tables are the names of the tables in this account and Region (Amazon DynamoDB API Reference, ListTables).
func (c *Client) Tables(ctx context.Context) ([]string, error) {
	var names []string
	pages := dynamodb.NewListTablesPaginator(c.ddb, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, judge("dynamodb.ListTables", "list tables", err)
		}
		names = append(names, page.TableNames...)
	}
	return names, nil
}

func sameKeys(a, b []types.KeySchemaElement) bool {
	return slices.EqualFunc(a, b, func(x, y types.KeySchemaElement) bool {
		return aws.ToString(x.AttributeName) == aws.ToString(y.AttributeName) && x.KeyType == y.KeyType
	})
}
