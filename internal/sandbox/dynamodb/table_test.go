package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

func createTable(name string) *sdk.CreateTableInput {
	return &sdk.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}},
	}
}

func TestTheSDKsWaitersSeeTablesComeAndGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &land{t: t}
		l.serve(nil, time.Now)
		client, name := l.client(), aws.String("vend")
		made, err := client.CreateTable(t.Context(), createTable("vend"))
		if err != nil {
			t.Fatal(err)
		}
		if got := made.TableDescription.TableStatus; got != types.TableStatusCreating {
			t.Errorf("at first the table is %s", got)
		}
		var missing *types.ResourceNotFoundException
		key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "1"}}
		if _, err := client.GetItem(t.Context(), &sdk.GetItemInput{TableName: name, Key: key}); !errors.As(err, &missing) {
			t.Errorf("a table that is CREATING has no items: %v", err)
		}
		seen, err := sdk.NewTableExistsWaiter(client).WaitForOutput(t.Context(), &sdk.DescribeTableInput{TableName: name}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := *seen.Table.TableArn, "arn:aws:dynamodb:us-east-1:"+l.world.Management.ID+":table/vend"; got != want {
			t.Errorf("ARN %s, want %s", got, want)
		}
		if _, err := client.PutItem(t.Context(), &sdk.PutItemInput{TableName: seen.Table.TableArn, Item: key}); err != nil {
			t.Errorf("a table answers to its ARN, too: %v", err)
		}
		if _, err := client.DeleteTable(t.Context(), &sdk.DeleteTableInput{TableName: name}); err != nil {
			t.Fatal(err)
		}
		if err := sdk.NewTableNotExistsWaiter(client).Wait(t.Context(), &sdk.DescribeTableInput{TableName: name}, time.Minute); err != nil {
			t.Error(err)
		}
	})
}

func TestTablesAreKeptApartByAccountAndRegion(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	for _, client := range []*sdk.Client{l.client(), l.clientIn("eu-west-1", "key")} {
		if _, err := client.CreateTable(t.Context(), createTable("vend")); err != nil {
			t.Error(err)
		}
	}
	var taken *types.ResourceInUseException
	if _, err := l.client().CreateTable(t.Context(), createTable("vend")); !errors.As(err, &taken) {
		t.Errorf("a second one in the same Region: %v", err)
	}
	out, err := l.clientIn("ap-south-1", "key").ListTables(t.Context(), &sdk.ListTablesInput{})
	if err != nil || len(out.TableNames) != 0 {
		t.Errorf("a third Region has %v, %v", out, err)
	}
}

func TestListTables(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("table-%d", i)
		want = append(want, name)
		if _, err := l.client().CreateTable(t.Context(), createTable(name)); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	pages := sdk.NewListTablesPaginator(l.client(), &sdk.ListTablesInput{Limit: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.TableNames...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDefinitionsThatAreRefused(t *testing.T) {
	t.Parallel()
	good := `{"TableName":"new","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}]}`
	index := `,"GlobalSecondaryIndexes":[{"IndexName":"index","KeySchema":[{"AttributeName":"by","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]}`
	with := func(old, replacement string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in it", old)
		}
		return strings.Replace(good, old, replacement, 1)
	}
	both := strings.Replace(good, `"S"}]}`, `"S"},{"AttributeName":"by","AttributeType":"S"}]`+index, 1)
	tests := []struct{ sentence, in, says string }{
		{"no name", `{}`, `The parameter 'TableName' is required but was not present in the request`},
		{"a short name", with(`"new"`, `"a"`), `TableName must be at least 3 characters long and at most 255 characters long`},
		{
			"a strange name", with(`"new"`, `"new table"`),
			`1 validation error detected: Value 'new table' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+`,
		},
		{
			"an unknown type", with(`"S"`, `"BOOL"`), `1 validation error detected: Value 'BOOL' at 'attributeDefinitions.1.member.attributeType' ` +
				`failed to satisfy constraint: Member must satisfy enum value set: [B, N, S]`,
		},
		{
			"provisioned without throughput", with(`"PAY_PER_REQUEST"`, `"PROVISIONED"`),
			`One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED`,
		},
		{
			"throughput on demand", with(`{"TableName"`, `{"ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1},"TableName"`),
			`One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST`,
		},
		{"a sort key first", with(`"HASH"`, `"RANGE"`), `Invalid KeySchema: The first KeySchemaElement is not a HASH key type`},
		{
			"a key that is not defined", with(`[{"AttributeName":"pk","KeyType"`, `[{"AttributeName":"id","KeyType"`),
			`One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [pk]`,
		},
		{
			"a definition of no key", with(`"S"}]`, `"S"},{"AttributeName":"x","AttributeType":"S"}]`),
			`One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`,
		},
		{
			"a definition of no key, with indexes", strings.Replace(both, `[{"AttributeName":"pk","AttributeType"`, `[{"AttributeName":"x","AttributeType":"S"},{"AttributeName":"pk","AttributeType"`, 1),
			`One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [x, pk, by], keys used: [pk, by]`,
		},
		{
			"an index of what is not defined", with(`}]}`, `}]`+index),
			`One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [by], AttributeDefinitions: [pk]`,
		},
		{
			"an index without a projection", strings.Replace(both, `{"ProjectionType":"ALL"}`, `{}`, 1),
			`One or more parameter values were invalid: Unknown ProjectionType: null`,
		},
		{
			"attributes besides all", strings.Replace(both, `"ALL"`, `"ALL","NonKeyAttributes":["a"]`, 1),
			`One or more parameter values were invalid: ProjectionType is ALL, but NonKeyAttributes is specified`,
		},
		{"an empty list of indexes", with(`"S"}]}`, `"S"}],"GlobalSecondaryIndexes":[]}`), `One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty`},
	}
	l := newLand(t)
	for _, test := range tests {
		if got, want := l.refused("CreateTable", test.in), "ValidationException: "+test.says; got != want {
			t.Errorf("%s: got\n\t%s\nwant\n\t%s", test.sentence, got, want)
		}
	}
	l.must("CreateTable", both)
}

func TestDeletionProtection(t *testing.T) {
	t.Parallel()
	l := newLand(t)
	in := createTable("vend")
	in.DeletionProtectionEnabled = aws.Bool(true)
	if _, err := l.client().CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	l.pass(time.Second)
	want := "ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
	if got := l.refused("DeleteTable", `{"TableName":"vend"}`); got != want {
		t.Errorf("a protected table: got %s, want %s", got, want)
	}
	l.must("UpdateTable", `{"TableName":"vend","DeletionProtectionEnabled":false}`)
	want = "ResourceInUseException: Attempt to change a resource which is still in use: Table is being updated: vend"
	if got := l.refused("DeleteTable", `{"TableName":"vend"}`); got != want {
		t.Errorf("a table under change: got %s, want %s", got, want)
	}
	l.must("GetItem", `{"TableName":"vend","Key":{"id":{"N":"1"}}}`)
	l.pass(time.Second)
	l.must("DeleteTable", `{"TableName":"vend"}`)
	l.pass(time.Second)
	if got, want := l.refused("DescribeTable", `{"TableName":"vend"}`), "ResourceNotFoundException: Requested resource not found: Table: vend not found"; got != want {
		t.Errorf("a deleted table: got %s, want %s", got, want)
	}
}

func TestTimeToLive(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	status := func() string { return l.must("DescribeTimeToLive", `{"TableName":"queue"}`) }
	change := func(attribute string, enabled bool) string {
		return fmt.Sprintf(`{"TableName":"queue","TimeToLiveSpecification":{"AttributeName":%q,"Enabled":%v}}`, attribute, enabled)
	}
	l.expect("at first it is off", status(), `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`)
	if got, want := l.refused("UpdateTimeToLive", change("expires", false)), "ValidationException: TimeToLive is already disabled"; got != want {
		t.Errorf("off twice: got %s, want %s", got, want)
	}
	l.must("UpdateTimeToLive", change("expires", true))
	l.expect("it takes a while", status(), `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLING","AttributeName":"expires"}}`)
	want := "ValidationException: Time to live has been modified multiple times within a fixed interval"
	if got := l.refused("UpdateTimeToLive", change("expires", false)); got != want {
		t.Errorf("a change during a change: got %s, want %s", got, want)
	}
	l.pass(time.Second)
	l.expect("then it is on", status(), `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expires"}}`)
	if got, want := l.refused("UpdateTimeToLive", change("expires", true)), "ValidationException: TimeToLive is already enabled"; got != want {
		t.Errorf("on twice: got %s, want %s", got, want)
	}
	l.must("PutItem", `{"TableName":"queue","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"expires":{"N":"1"}}}`)
	l.pass(time.Hour)
	l.expect("what has expired is still there", l.must("Scan", `{"TableName":"queue","Select":"COUNT"}`), `{"Count":1,"ScannedCount":1}`)
}

func TestContinuousBackups(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	l.expect("at first there is no point-in-time recovery", l.must("DescribeContinuousBackups", `{"TableName":"queue"}`),
		`{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`)
	l.must("UpdateContinuousBackups", `{"TableName":"queue","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`)
	since := l.clock().Unix()
	l.pass(time.Hour)
	l.expect("then there is, from then until five minutes ago", l.must("DescribeContinuousBackups", `{"TableName":"queue"}`), fmt.Sprintf(
		`{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED",
		"RecoveryPeriodInDays":35,"EarliestRestorableDateTime":%d,"LatestRestorableDateTime":%d}}}`, since, since+55*60))
	if got, want := l.refused("DescribeContinuousBackups", `{"TableName":"nope"}`), "TableNotFoundException: Table not found: nope"; got != want {
		t.Errorf("a table that is not there: got %s, want %s", got, want)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue()
	arn := "arn:aws:dynamodb:us-east-1:" + l.world.Management.ID + ":table/queue"
	l.must("TagResource", `{"ResourceArn":"`+arn+`","Tags":[{"Key":"b","Value":"1"},{"Key":"a","Value":""}]}`)
	l.must("TagResource", `{"ResourceArn":"`+arn+`","Tags":[{"Key":"b","Value":"2"},{"Key":"c","Value":"3"}]}`)
	l.must("UntagResource", `{"ResourceArn":"`+arn+`","TagKeys":["c","d"]}`)
	l.expect("tags are added, changed and taken away", l.must("ListTagsOfResource", `{"ResourceArn":"`+arn+`"}`),
		`{"Tags":[{"Key":"a","Value":""},{"Key":"b","Value":"2"}]}`)
	want := "ResourceNotFoundException: Requested resource not found: ResourcArn: " + arn + "s not found"
	if got := l.refused("ListTagsOfResource", `{"ResourceArn":"`+arn+`s"}`); got != want {
		t.Errorf("a table that is not there: got %s, want %s", got, want)
	}
}

func TestFiguresOfATableAreHoursOld(t *testing.T) {
	t.Parallel()
	l := newLand(t).queue().fill()
	figures := func() string {
		out, err := l.client().DescribeTable(t.Context(), &sdk.DescribeTableInput{TableName: aws.String("queue")})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(*out.Table.ItemCount, " ", *out.Table.GlobalSecondaryIndexes[0].ItemCount, " ", *out.Table.TableSizeBytes > 0)
	}
	if got, want := figures(), "0 0 false"; got != want {
		t.Errorf("at once: %s, want %s", got, want)
	}
	l.pass(6 * time.Hour)
	if got, want := figures(), "40 20 true"; got != want {
		t.Errorf("six hours later: %s, want %s", got, want)
	}
}
