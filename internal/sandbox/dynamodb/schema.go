package dynamodb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// Limits of a table's definition (DynamoDB Developer Guide, "Quotas in Amazon DynamoDB").
const (
	maxIndexes           = 20
	maxNonKeyAttributes  = 20
	maxIncludedOfTable   = 100
	maxTags              = 50
	maxProvisionedRating = 1_000_000_000_000
)

type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keyElement
	GlobalSecondaryIndexes    *[]indexInput
	BillingMode               string
	ProvisionedThroughput     *throughputInput
	SSESpecification          *encryptionInput
	StreamSpecification       *streamInput
	Tags                      []tag
	TableClass                string
	DeletionProtectionEnabled bool
}

type attributeDefinition struct {
	AttributeName string
	AttributeType kind
}

type keyElement struct {
	AttributeName string
	KeyType       string
}

type indexInput struct {
	IndexName             string
	KeySchema             []keyElement
	Projection            *projectionInput
	ProvisionedThroughput *throughputInput
}

type projectionInput struct {
	ProjectionType   string   `json:",omitempty"`
	NonKeyAttributes []string `json:",omitempty"`
}

type throughputInput struct {
	ReadCapacityUnits  *int64
	WriteCapacityUnits *int64
}

type encryptionInput struct {
	Enabled        bool
	SSEType        string
	KMSMasterKeyID string `json:"KMSMasterKeyId"`
}

type streamInput struct {
	StreamEnabled  bool
	StreamViewType string
}

func (in *createTableInput) check() error {
	if err := controlName(in.TableName); err != nil {
		return err
	}
	if in.StreamSpecification != nil && in.StreamSpecification.StreamEnabled {
		return &wire.Unsupported{What: "streams of a table"}
	}
	c := constraints{}
	c.present("attributeDefinitions", in.AttributeDefinitions != nil)
	for i, d := range in.AttributeDefinitions {
		at := fmt.Sprintf("attributeDefinitions.%d.member", i+1)
		c.present(at+".attributeName", d.AttributeName != "")
		c.Length(at+".attributeName", d.AttributeName, 0, maxKeyName)
		c.present(at+".attributeType", d.AttributeType != "")
		c.Enum(at+".attributeType", string(d.AttributeType), "B", "N", "S")
	}
	c.keySchema("keySchema", in.KeySchema)
	c.Enum("billingMode", in.BillingMode, "PROVISIONED", "PAY_PER_REQUEST")
	c.Enum("tableClass", in.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	c.throughput("provisionedThroughput", in.ProvisionedThroughput)
	for i, x := range in.indexes() {
		at := fmt.Sprintf("globalSecondaryIndexes.%d.member", i+1)
		c.name(at+".indexName", x.IndexName)
		c.keySchema(at+".keySchema", x.KeySchema)
		c.present(at+".projection", x.Projection != nil)
		if x.Projection != nil {
			c.Enum(at+".projection.projectionType", x.Projection.ProjectionType, "ALL", "INCLUDE", "KEYS_ONLY")
			if attributes := x.Projection.NonKeyAttributes; attributes != nil {
				c.length(at+".projection.nonKeyAttributes", attributes, len(attributes), maxNonKeyAttributes)
			}
		}
		c.throughput(at+".provisionedThroughput", x.ProvisionedThroughput)
	}
	if err := c.err(); err != nil {
		return err
	}
	if err := checkBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
		return err
	}
	if err := in.checkKeys(in.KeySchema); err != nil {
		return err
	}
	if err := in.checkIndexes(); err != nil {
		return err
	}
	return in.checkDefinitions()
}

func (in *createTableInput) indexes() []indexInput {
	if in.GlobalSecondaryIndexes == nil {
		return nil
	}
	return *in.GlobalSecondaryIndexes
}

func (c *constraints) keySchema(member string, schema []keyElement) {
	c.present(member, schema != nil)
	if schema != nil {
		c.length(member, schema, len(schema), 2)
	}
	for i, k := range schema {
		at := fmt.Sprintf("%s.%d.member", member, i+1)
		c.present(at+".attributeName", k.AttributeName != "")
		c.present(at+".keyType", k.KeyType != "")
		c.Enum(at+".keyType", k.KeyType, "HASH", "RANGE")
	}
}

func (c *constraints) throughput(member string, t *throughputInput) {
	if t == nil {
		return
	}
	c.present(member+".readCapacityUnits", t.ReadCapacityUnits != nil)
	c.number(member+".readCapacityUnits", t.ReadCapacityUnits, 1, maxProvisionedRating)
	c.present(member+".writeCapacityUnits", t.WriteCapacityUnits != nil)
	c.number(member+".writeCapacityUnits", t.WriteCapacityUnits, 1, maxProvisionedRating)
}

func checkBilling(mode string, t *throughputInput) error {
	if mode == "PAY_PER_REQUEST" && t != nil {
		return invalidParameter(
			"Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	}
	if mode != "PAY_PER_REQUEST" && t == nil {
		return invalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return nil
}

// checkKeys checks the key schema of the table or of one of its indexes.
func (in *createTableInput) checkKeys(schema []keyElement) error {
	var defined, names []string
	for _, d := range in.AttributeDefinitions {
		defined = append(defined, d.AttributeName)
	}
	for _, k := range schema {
		names = append(names, k.AttributeName)
	}
	if len(names) > len(defined) {
		return invalid("Invalid KeySchema: Some index key attribute have no definition")
	}
	for _, name := range names {
		if !slices.Contains(defined, name) {
			return invalidParameter("Some index key attributes are not defined in AttributeDefinitions. "+
				"Keys: [%s], AttributeDefinitions: [%s]", strings.Join(names, ", "), strings.Join(defined, ", "))
		}
	}
	switch {
	case len(schema) == 2 && names[0] == names[1]:
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case schema[0].KeyType != "HASH":
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(schema) == 2 && schema[1].KeyType != "RANGE":
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}

func (in *createTableInput) checkIndexes() error {
	if in.GlobalSecondaryIndexes != nil && len(in.indexes()) == 0 {
		return invalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	if len(in.indexes()) > maxIndexes {
		return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxIndexes)
	}
	seen := map[string]bool{}
	included := 0
	for _, x := range in.indexes() {
		if err := in.checkKeys(x.KeySchema); err != nil {
			return err
		}
		switch p := x.Projection; {
		case p.ProjectionType == "":
			return invalidParameter("Unknown ProjectionType: null")
		case p.ProjectionType != "INCLUDE" && p.NonKeyAttributes != nil:
			return invalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
		case p.ProjectionType == "INCLUDE" && p.NonKeyAttributes == nil:
			return invalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
		case in.BillingMode == "PAY_PER_REQUEST" && x.ProvisionedThroughput != nil:
			return invalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is "+
				"PAY_PER_REQUEST", x.IndexName)
		case in.BillingMode != "PAY_PER_REQUEST" && x.ProvisionedThroughput == nil:
			return invalidParameter("ProvisionedThroughput must be specified for index: %s", x.IndexName)
		case seen[x.IndexName]:
			return invalidParameter("Duplicate index name: %s", x.IndexName)
		}
		seen[x.IndexName] = true
		included += len(x.Projection.NonKeyAttributes)
	}
	if included > maxIncludedOfTable {
		return invalidParameter("Number of user-specified projected attributes exceeds the per-table limit of %d", maxIncludedOfTable)
	}
	return nil
}

// checkDefinitions refuses definitions that stand there twice, or of attributes that are no key.
func (in *createTableInput) checkDefinitions() error {
	used := map[string]bool{}
	for _, k := range in.KeySchema {
		used[k.AttributeName] = true
	}
	for _, x := range in.indexes() {
		for _, k := range x.KeySchema {
			used[k.AttributeName] = true
		}
	}
	seen := map[string]bool{}
	for _, d := range in.AttributeDefinitions {
		if seen[d.AttributeName] {
			return invalidParameter("Cannot have two attributes with the same name")
		}
		seen[d.AttributeName] = true
	}
	switch {
	case len(seen) == len(used):
		return nil
	case in.GlobalSecondaryIndexes == nil:
		return invalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined in " +
			"AttributeDefinitions")
	}
	var defined, keyed []string
	for _, d := range in.AttributeDefinitions {
		defined = append(defined, d.AttributeName)
		if used[d.AttributeName] {
			keyed = append(keyed, d.AttributeName)
		}
	}
	return invalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: [%s], keys used: [%s]",
		strings.Join(defined, ", "), strings.Join(keyed, ", "))
}

func keysOf(schema []keyElement) keys {
	k := keys{partition: schema[0].AttributeName}
	if len(schema) == 2 {
		k.sort = schema[1].AttributeName
	}
	return k
}

func (k keys) schema() []keyElement {
	schema := []keyElement{{AttributeName: k.partition, KeyType: "HASH"}}
	if k.sort != "" {
		schema = append(schema, keyElement{AttributeName: k.sort, KeyType: "RANGE"})
	}
	return schema
}
