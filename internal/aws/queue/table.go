package queue

import (
	"context"
	"errors"
	"fmt"
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
