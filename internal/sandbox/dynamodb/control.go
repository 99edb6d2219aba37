package dynamodb

import (
	"maps"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// tableOutput answers CreateTable, DeleteTable and UpdateTable; DescribeTable has a name of its own for the same.
type tableOutput struct{ TableDescription description }

type describeTableOutput struct{ Table description }

type tableInput struct{ TableName string }

// createTable follows DynamoDB API Reference, CreateTable: the table is CREATING, and ACTIVE a moment later.
func (r *region) createTable(in *createTableInput) (*tableOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if r.tables[in.TableName] != nil {
		return nil, inUse("Table already exists: %s", in.TableName)
	}
	t := &table{
		world: r.world, name: in.TableName, arn: r.tableARN(in.TableName), id: r.world.UUID("dynamodb table"),
		created: r.world.Now(), types: map[string]kind{}, keys: keysOf(in.KeySchema),
	}
	t.counted.at = t.created
	for _, d := range in.AttributeDefinitions {
		t.types[d.AttributeName] = d.AttributeType
	}
	for _, x := range in.indexes() {
		t.indexes = append(t.indexes, &index{
			name: x.IndexName, arn: t.arn + "/index/" + x.IndexName, keys: keysOf(x.KeySchema),
			projection: x.Projection.ProjectionType, include: x.Projection.NonKeyAttributes, throughput: x.ProvisionedThroughput,
		})
	}
	if r.world.Otherwise("dynamodb-eventual-reads-current") {
		t.lagging = &index{keys: t.keys, projection: "ALL"}
	}
	t.settings = newSettings(r, in)
	r.tables[t.name] = t
	t.settle("CREATING", func() { t.status = "ACTIVE" })
	return &tableOutput{t.describe()}, nil
}

// describeTable follows DynamoDB API Reference, DescribeTable.
func (r *region) describeTable(in *tableInput) (*describeTableOutput, error) {
	t, err := r.controlled(in.TableName)
	if err != nil {
		return nil, err
	}
	t.recount()
	return &describeTableOutput{t.describe()}, nil
}

// deleteTable follows DynamoDB API Reference, DeleteTable: the table is DELETING, and gone a moment later.
func (r *region) deleteTable(in *tableInput) (*tableOutput, error) {
	t, err := r.controlled(in.TableName)
	switch {
	case err != nil:
		return nil, err
	case t.settings.protected:
		return nil, invalid(
			"Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	if err := t.idle(); err != nil {
		return nil, err
	}
	t.settle("DELETING", func() { delete(r.tables, t.name) })
	return &tableOutput{t.describe()}, nil
}

// idle refuses a change while another one is going on.
func (t *table) idle() error {
	doing := map[string]string{"CREATING": "created", "UPDATING": "updated", "DELETING": "deleted"}[t.status]
	if doing == "" {
		return nil
	}
	return inUse("Attempt to change a resource which is still in use: Table is being %s: %s", doing, t.name)
}

type listTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int64
}

type listTablesOutput struct {
	TableNames             []string
	LastEvaluatedTableName string `json:",omitempty"`
}

// listTables follows DynamoDB API Reference, ListTables: by name, up to 100 at a time.
func (r *region) listTables(in *listTablesInput) (*listTablesOutput, error) {
	c := constraints{}
	c.number("limit", in.Limit, 1, 100)
	if in.ExclusiveStartTableName != "" {
		c.name("exclusiveStartTableName", in.ExclusiveStartTableName)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	limit := 100
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	out := &listTablesOutput{TableNames: []string{}}
	for _, name := range slices.Sorted(maps.Keys(r.tables)) {
		if name <= in.ExclusiveStartTableName {
			continue
		}
		if len(out.TableNames) == limit {
			out.LastEvaluatedTableName = out.TableNames[limit-1]
			break
		}
		out.TableNames = append(out.TableNames, name)
	}
	return out, nil
}

type updateTableInput struct {
	TableName                 string
	BillingMode               string
	ProvisionedThroughput     *throughputInput
	DeletionProtectionEnabled *bool
}

// updateTable follows DynamoDB API Reference, UpdateTable, for deletion protection and the billing mode: the table is
// UPDATING, usable all the while, and ACTIVE a moment later.
func (r *region) updateTable(in *updateTableInput) (*tableOutput, error) {
	t, err := r.controlled(in.TableName)
	if err != nil {
		return nil, err
	}
	c := constraints{}
	c.Enum("billingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST")
	c.throughput("provisionedThroughput", in.ProvisionedThroughput)
	if err := c.err(); err != nil {
		return nil, err
	}
	switch {
	case in.BillingMode == "" && in.ProvisionedThroughput == nil && in.DeletionProtectionEnabled == nil:
		return nil, invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates or DeletionProtectionEnabled is required")
	case in.BillingMode == "" && in.ProvisionedThroughput != nil:
		return nil, &wire.Unsupported{What: "a change of provisioned throughput alone"}
	case in.BillingMode == "PROVISIONED" && len(t.indexes) > 0:
		return nil, &wire.Unsupported{What: "a change to provisioned throughput of a table with indexes"}
	}
	if in.BillingMode != "" {
		if err := checkBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
			return nil, err
		}
	}
	if err := t.idle(); err != nil {
		return nil, err
	}
	if in.DeletionProtectionEnabled != nil {
		t.settings.protected = *in.DeletionProtectionEnabled
	}
	if in.BillingMode != "" {
		t.settings.bill(in.BillingMode, in.ProvisionedThroughput, r.world.Now())
		for _, x := range t.indexes {
			x.throughput = nil
		}
	}
	t.settle("UPDATING", func() { t.status = "ACTIVE" })
	return &tableOutput{t.describe()}, nil
}
