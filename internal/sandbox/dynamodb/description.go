package dynamodb

import (
	"maps"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// description is TableDescription.
type description struct {
	AttributeDefinitions      []attributeDefinition
	TableName                 string
	KeySchema                 []keyElement
	TableStatus               string
	CreationDateTime          wire.Time
	ProvisionedThroughput     throughputDescription
	TableSizeBytes            int64
	ItemCount                 int64
	TableArn                  string
	TableID                   string             `json:"TableId"`
	BillingModeSummary        *billingSummary    `json:",omitempty"`
	GlobalSecondaryIndexes    []indexDescription `json:",omitempty"`
	SSEDescription            *encryption        `json:",omitempty"`
	TableClassSummary         *classSummary      `json:",omitempty"`
	DeletionProtectionEnabled bool
}

type throughputDescription struct {
	NumberOfDecreasesToday int64
	ReadCapacityUnits      int64
	WriteCapacityUnits     int64
}

type billingSummary struct {
	BillingMode                       string
	LastUpdateToPayPerRequestDateTime wire.Time
}

type classSummary struct{ TableClass string }

type indexDescription struct {
	IndexName             string
	KeySchema             []keyElement
	Projection            projectionInput
	IndexStatus           string
	ProvisionedThroughput throughputDescription
	IndexSizeBytes        int64
	ItemCount             int64
	IndexArn              string
}

func (t *table) describe() description {
	d := description{
		TableName: t.name, KeySchema: t.keys.schema(), TableStatus: t.status, CreationDateTime: wire.Time{Time: t.created},
		ProvisionedThroughput: t.settings.throughput.describe(), TableSizeBytes: t.counted.bytes, ItemCount: t.counted.count,
		TableArn: t.arn, TableID: t.id, SSEDescription: t.settings.encryption, DeletionProtectionEnabled: t.settings.protected,
	}
	for _, name := range slices.Sorted(maps.Keys(t.types)) {
		d.AttributeDefinitions = append(d.AttributeDefinitions, attributeDefinition{name, t.types[name]})
	}
	if t.settings.billing == "PAY_PER_REQUEST" {
		d.BillingModeSummary = &billingSummary{"PAY_PER_REQUEST", wire.Time{Time: t.settings.billedAt}}
	}
	if t.settings.class != "" {
		d.TableClassSummary = &classSummary{t.settings.class}
	}
	for _, x := range t.indexes {
		status := t.status
		if status == "UPDATING" {
			status = "ACTIVE"
		}
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, indexDescription{
			IndexName: x.name, KeySchema: x.keys.schema(), IndexStatus: status, IndexArn: x.arn,
			Projection:            projectionInput{ProjectionType: x.projection, NonKeyAttributes: x.include},
			ProvisionedThroughput: x.throughput.describe(), IndexSizeBytes: x.bytes, ItemCount: x.count,
		})
	}
	return d
}

func (t *throughputInput) describe() throughputDescription {
	if t == nil {
		return throughputDescription{}
	}
	return throughputDescription{ReadCapacityUnits: *t.ReadCapacityUnits, WriteCapacityUnits: *t.WriteCapacityUnits}
}
