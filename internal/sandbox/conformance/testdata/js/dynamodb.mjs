import { assert, open, recent } from "./harness.mjs";

const db = await open("dynamodb");
const TableName = "java", on = { TableName };
const made = await db("CreateTable", {
  ...on, BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }, { AttributeName: "n", AttributeType: "N" }],
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  GlobalSecondaryIndexes: [{ IndexName: "byN", KeySchema: [{ AttributeName: "n", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } }],
});
recent(made.TableDescription.CreationDateTime);
await db.sdk.waitUntilTableExists({ client: db.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, on);
const ResourceArn = (await db("DescribeTable", on)).Table.TableArn;
await db.refused("ResourceInUseException", "CreateTable", { ...on, BillingMode: "PAY_PER_REQUEST", AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }], KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }] });
assert.ok((await db.pages("ListTables", {}, "TableNames", 1)).includes(TableName));
await db("UpdateTable", { ...on, DeletionProtectionEnabled: true });
await db.refused("ValidationException", "DeleteTable", on);
await db.sdk.waitUntilTableExists({ client: db.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, on);
await db("UpdateTable", { ...on, DeletionProtectionEnabled: false });
await db.sdk.waitUntilTableExists({ client: db.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, on);
await db("TagResource", { ResourceArn, Tags: [{ Key: "a", Value: "1" }] });
assert.equal((await db("ListTagsOfResource", { ResourceArn })).Tags.length, 1);
await db("UntagResource", { ResourceArn, TagKeys: ["a"] });
await db("UpdateTimeToLive", { ...on, TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } });
assert.ok((await db("DescribeTimeToLive", on)).TimeToLiveDescription.TimeToLiveStatus.startsWith("ENABL"));
await db("UpdateContinuousBackups", { ...on, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
recent((await db("DescribeContinuousBackups", on)).ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime, 600);

const key = (pk) => ({ pk: { S: pk } });
const item = { pk: { S: "a" }, n: { N: "1" }, bytes: { B: new Uint8Array([1, 2, 3]) }, set: { SS: ["x", "y"] }, deep: { M: { l: { L: [{ BOOL: true }, { NULL: true }] } } } };
await db("PutItem", { ...on, Item: item });
assert.deepEqual((await db("GetItem", { ...on, Key: key("a"), ConsistentRead: true })).Item, item);
const e = await db.refused("ConditionalCheckFailedException", "PutItem", { ...on, Item: item, ConditionExpression: "attribute_not_exists(pk)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" });
assert.deepEqual(e.Item, item);
await db.refused("ValidationException", "PutItem", { ...on, Item: { pk: { S: "x" }, n: { S: "no number" } } });
await db.refused("ResourceNotFoundException", "GetItem", { TableName: "none", Key: key("a") });
const updated = await db("UpdateItem", { ...on, Key: key("a"), UpdateExpression: "SET n = n + :one", ExpressionAttributeValues: { ":one": { N: "1" } }, ReturnValues: "UPDATED_NEW" });
assert.deepEqual(updated.Attributes, { n: { N: "2" } });
const wrote = await db("BatchWriteItem", { RequestItems: { [TableName]: ["b", "c", "d"].map((pk) => ({ PutRequest: { Item: { ...key(pk), n: { N: "2" } } } })) } });
assert.deepEqual(wrote.UnprocessedItems, {});
assert.equal((await db("BatchGetItem", { RequestItems: { [TableName]: { Keys: [key("b"), key("c")] } } })).Responses[TableName].length, 2);
assert.equal((await db.pages("Scan", on, "Items", 1)).length, 4);
assert.equal((await db.pages("Query", { ...on, KeyConditionExpression: "pk = :a", ExpressionAttributeValues: { ":a": { S: "a" } } }, "Items")).length, 1);
await db("Query", { ...on, IndexName: "byN", KeyConditionExpression: "n = :n", ExpressionAttributeValues: { ":n": { N: "2" } } });

const transaction = { TransactItems: [{ Update: { ...on, Key: key("t"), UpdateExpression: "ADD n :one", ExpressionAttributeValues: { ":one": { N: "1" } } } }], ClientRequestToken: "token" };
await db("TransactWriteItems", transaction);
await db("TransactWriteItems", transaction); // once for its token
assert.deepEqual((await db("TransactGetItems", { TransactItems: [{ Get: { ...on, Key: key("t") } }] })).Responses[0].Item.n, { N: "1" });
const cancelled = await db.refused("TransactionCanceledException", "TransactWriteItems", { TransactItems: [{ Put: { ...on, Item: key("new") } }, { ConditionCheck: { ...on, Key: key("a"), ConditionExpression: "attribute_not_exists(pk)" } }] });
assert.deepEqual(cancelled.CancellationReasons.map((r) => r.Code), ["None", "ConditionalCheckFailed"]);
await db("DeleteItem", { ...on, Key: key("a") });
await db("DeleteTable", on);
await db.sdk.waitUntilTableNotExists({ client: db.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, on);
