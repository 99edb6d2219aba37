"""Tables."""

import boto3

from harness import MANAGEMENT, REGION, URL, JUDGE, Case, client, main, pages

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
NAMES = [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}]


def text(value):
    return {"S": value}


def number(value):
    return {"N": str(value)}


def key(pk, sk="0"):
    return {"pk": text(pk), "sk": text(sk)}


class Tables(Case):
    def setUp(self):
        self.db = client("dynamodb")
        self.errors = self.db.exceptions

    def table(self, name, **more):
        self.db.create_table(TableName=name, KeySchema=KEYS, AttributeDefinitions=more.pop("names", NAMES), BillingMode="PAY_PER_REQUEST", **more)
        self.db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        return name

    def invalid(self, call, said, **parameters):
        answer = self.refused("ValidationException", call, 400, **parameters)
        self.assertIn(said, answer["Error"]["Message"])

    def test_tables(self):
        """
        CreateTable, DescribeTable: botocore's waiter table_exists sees it ACTIVE; the same name again is ResourceInUseException
        ListTables: botocore's paginator reads all pages
        UpdateTable: deletion protection and billing mode can be changed
        DeleteTable: a protected table is ValidationException; then botocore's waiter table_not_exists sees it gone
        DescribeTable: a table that does not exist is ResourceNotFoundException
        """
        for n in range(5):
            self.table(f"many-{n}")
        self.refused(self.errors.ResourceInUseException, self.db.create_table, 400, TableName="many-0", KeySchema=KEYS,
                     AttributeDefinitions=NAMES, BillingMode="PAY_PER_REQUEST")
        shown = self.db.describe_table(TableName="many-0")["Table"]
        self.assertEqual(("ACTIVE", f"arn:aws:dynamodb:{REGION}:{MANAGEMENT}:table/many-0", KEYS), (shown["TableStatus"], shown["TableArn"], shown["KeySchema"]))
        self.recent(shown["CreationDateTime"])
        found, count, _ = pages(self.db, "list_tables", "TableNames", PaginationConfig={"PageSize": 2})
        self.assertLessEqual({f"many-{n}" for n in range(5)}, set(found))
        self.assertEqual(sorted(found), found)
        self.assertEqual(-(-len(found) // 2), count)
        self.db.update_table(TableName="many-0", DeletionProtectionEnabled=True)
        self.refused("ValidationException", self.db.delete_table, 400, TableName="many-0")
        self.assertFalse(self.db.update_table(TableName="many-0", DeletionProtectionEnabled=False)["TableDescription"]["DeletionProtectionEnabled"])
        self.db.delete_table(TableName="many-0")
        self.db.get_waiter("table_not_exists").wait(TableName="many-0", WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        self.refused(self.errors.ResourceNotFoundException, self.db.describe_table, 400, TableName="many-0")
        self.refused(self.errors.ResourceNotFoundException, self.db.get_item, 400, TableName="many-0", Key=key("a"))

    def test_settings(self):
        """
        UpdateTimeToLive, DescribeTimeToLive: names the attribute
        UpdateContinuousBackups, DescribeContinuousBackups: point-in-time recovery can be switched on
        TagResource, UntagResource, ListTagsOfResource: tags are added, overwritten and taken away one by one
        """
        name = self.table("settings", Tags=[{"Key": "a", "Value": "1"}])
        self.db.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
        shown = self.db.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        self.assertEqual("expires", shown["AttributeName"])
        self.assertIn(shown["TimeToLiveStatus"], ("ENABLING", "ENABLED"))
        recovery = lambda: self.db.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        self.assertEqual("DISABLED", recovery())
        self.db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
        self.assertEqual("ENABLED", recovery())
        arn = self.db.describe_table(TableName=name)["Table"]["TableArn"]
        self.db.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
        self.db.untag_resource(ResourceArn=arn, TagKeys=["b"])
        self.assertEqual([{"Key": "a", "Value": "2"}], pages(self.db, "list_tags_of_resource", "Tags", ResourceArn=arn)[0])

    def test_values(self):
        """
        PutItem, GetItem: every type of value comes back as it went, numbers with 38 digits too
        GetItem: a projection; an item that is not there is no Item
        PutItem: an empty key, a number of 39 digits, an empty set or an item of more than 400 KB is ValidationException
        """
        name = self.table("values")
        item = key("types") | {
            "string": text("Grüße 你好"), "empty": text(""), "number": {"N": "-1234567890123456789012345678901234567.8"}, "binary": {"B": b"\x00\xff"},
            "yes": {"BOOL": True}, "nothing": {"NULL": True}, "list": {"L": [text("a"), number(1), {"L": []}]}, "map": {"M": {"a.b": {"M": {}}}},
            "strings": {"SS": ["a", "b"]}, "numbers": {"NS": ["1", "2.5"]}, "binaries": {"BS": [b"1", b"2"]},
        }
        self.assertNotIn("Attributes", self.db.put_item(TableName=name, Item=item))
        got = self.db.get_item(TableName=name, Key=key("types"), ConsistentRead=True)["Item"]
        for many in ("SS", "NS", "BS"):
            for value in got.values():
                if many in value:
                    value[many].sort()
        self.assertEqual(item, got)
        got = self.db.get_item(TableName=name, Key=key("types"), ProjectionExpression="#l[1], #m.#d", ExpressionAttributeNames={"#l": "list", "#m": "map", "#d": "a.b"})
        self.assertEqual({"list": {"L": [number(1)]}, "map": {"M": {"a.b": {"M": {}}}}}, got["Item"])
        self.assertNotIn("Item", self.db.get_item(TableName=name, Key=key("none")))
        for wrong in (key(""), key("a") | {"n": {"N": "1" * 39}}, key("a") | {"s": {"SS": []}}, key("a") | {"big": text("x" * 409_600)}, {"pk": text("a")},
                      {"pk": number(1), "sk": text("a")}):
            self.refused("ValidationException", self.db.put_item, 400, TableName=name, Item=wrong)

    def test_resource(self):
        """
        PutItem, GetItem, UpdateItem: boto3's own table resource reads and writes Python values
        """
        resource = boto3.resource("dynamodb", region_name=REGION, endpoint_url=URL)
        resource.meta.client.meta.events.register("before-parse", JUDGE.answer)
        table = resource.Table(self.table("resource"))
        table.put_item(Item={"pk": "a", "sk": "b", "set": {"x"}, "nested": {"list": [1, True, None]}})
        out = table.update_item(Key={"pk": "a", "sk": "b"}, UpdateExpression="SET n = if_not_exists(n, :zero) + :one",
                                ExpressionAttributeValues={":zero": 0, ":one": 1}, ReturnValues="ALL_NEW")
        self.assertEqual({"pk": "a", "sk": "b", "set": {"x"}, "nested": {"list": [1, True, None]}, "n": 1}, out["Attributes"])
        self.assertEqual(out["Attributes"], table.get_item(Key={"pk": "a", "sk": "b"}, ConsistentRead=True)["Item"])

    def test_updates(self):
        """
        UpdateItem: SET, REMOVE, ADD and DELETE, with the values that were asked for
        UpdateItem: an update that overlaps itself, names a reserved word or leaves a placeholder unused is ValidationException
        DeleteItem: answers with the old item; deleting it again is fine
        """
        name = self.table("updates")
        old = key("a") | {"n": number(1), "gone": text("x"), "tags": {"SS": ["a", "b"]}}
        self.db.put_item(TableName=name, Item=old)
        out = self.db.update_item(
            TableName=name, Key=key("a"), UpdateExpression="SET l = list_append(if_not_exists(l, :none), :l) REMOVE gone ADD n :two DELETE tags :a",
            ExpressionAttributeValues={":none": {"L": []}, ":l": {"L": [text("x")]}, ":two": number(2), ":a": {"SS": ["a"]}}, ReturnValues="ALL_NEW")
        self.assertEqual(key("a") | {"n": number(3), "tags": {"SS": ["b"]}, "l": {"L": [text("x")]}}, out["Attributes"])
        out = self.db.update_item(TableName=name, Key=key("a"), UpdateExpression="SET n = n + :one", ExpressionAttributeValues={":one": number(1)}, ReturnValues="UPDATED_OLD")
        self.assertEqual({"n": number(3)}, out["Attributes"])
        mine = {"TableName": name, "Key": key("a")}
        self.invalid(self.db.update_item, "Two document paths overlap", UpdateExpression="SET m = :v, m.a = :v", ExpressionAttributeValues={":v": number(1)}, **mine)
        self.invalid(self.db.update_item, "reserved keyword", UpdateExpression="SET status = :v", ExpressionAttributeValues={":v": number(1)}, **mine)
        self.invalid(self.db.update_item, "unused in expressions", UpdateExpression="SET a = :v", ExpressionAttributeValues={":v": number(1), ":w": number(2)}, **mine)
        self.invalid(self.db.update_item, "part of the key", UpdateExpression="SET sk = :v", ExpressionAttributeValues={":v": text("b")}, **mine)
        self.assertEqual(number(4), self.db.delete_item(ReturnValues="ALL_OLD", **mine)["Attributes"]["n"])
        self.assertNotIn("Attributes", self.db.delete_item(ReturnValues="ALL_OLD", **mine))

    def test_conditions(self):
        """
        PutItem, UpdateItem, DeleteItem: a condition that does not hold is ConditionalCheckFailedException, and nothing changes
        PutItem, UpdateItem, DeleteItem: ReturnValuesOnConditionCheckFailure shows the item as it is
        """
        name = self.table("conditions")
        item = key("a") | {"version": number(1)}
        once = {"ConditionExpression": "attribute_not_exists(pk)"}
        self.db.put_item(TableName=name, Item=item, **once)
        stale = {"TableName": name, "ConditionExpression": "version = :v", "ExpressionAttributeValues": {":v": number(7)}}
        for call, parameters in (
            (self.db.put_item, {"TableName": name, "Item": item | {"version": number(9)}, **once}),
            (self.db.update_item, stale | {"Key": key("a"), "UpdateExpression": "SET version = version + :v"}),
            (self.db.delete_item, stale | {"Key": key("a")}),
        ):
            answer = self.refused(self.errors.ConditionalCheckFailedException, call, 400, **parameters)
            self.assertEqual("The conditional request failed", answer["Error"]["Message"])
            self.assertNotIn("Item", answer)
            answer = self.refused(self.errors.ConditionalCheckFailedException, call, 400, ReturnValuesOnConditionCheckFailure="ALL_OLD", **parameters)
            self.assertEqual(item, answer["Item"])
        self.assertEqual(item, self.db.get_item(TableName=name, Key=key("a"), ConsistentRead=True)["Item"])
        self.db.update_item(TableName=name, Key=key("a"), UpdateExpression="SET version = :n",
                            ConditionExpression="version = :v AND NOT begins_with(sk, :p) AND (attribute_type(version, :t) OR size(pk) IN (:v))",
                            ExpressionAttributeValues={":n": number(2), ":v": number(1), ":p": text("9"), ":t": text("N")})

    def test_query(self):
        """
        Query: botocore's paginator reads all pages, in the order of the sort key, forwards and backwards
        Query: a filter is applied after the limit; ScannedCount and Count differ; pages can be empty although more follows
        Query: begins_with and BETWEEN of the sort key; Select COUNT
        Query: of a global secondary index, which a consistent read is refused of
        Scan: botocore's paginator reads all pages; segments together have every item once
        """
        name = self.table("lists", names=[*NAMES, {"AttributeName": "due", "AttributeType": "N"}], GlobalSecondaryIndexes=[{
            "IndexName": "by-due", "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}, {"AttributeName": "due", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"}}])
        for start in range(0, 50, 25):
            self.db.batch_write_item(RequestItems={name: [
                {"PutRequest": {"Item": key("a", f"{n:03}") | {"n": number(n), "pad": text("x" * 100)}}} for n in range(start, start + 25)]})
        mine = {"TableName": name, "KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": text("a")}}
        found, count, _ = pages(self.db, "query", "Items", PaginationConfig={"PageSize": 7}, **mine)
        self.assertEqual([f"{n:03}" for n in range(50)], [i["sk"]["S"] for i in found])
        self.assertEqual(8, count)
        back, _, _ = pages(self.db, "query", "Items", ScanIndexForward=False, PaginationConfig={"PageSize": 25}, **mine)
        self.assertEqual(found[::-1], back)
        filtered = mine | {"FilterExpression": "n = :n", "ExpressionAttributeValues": {":a": text("a"), ":n": number(30)}}
        hits, count, empty = pages(self.db, "query", "Items", PaginationConfig={"PageSize": 10}, **filtered)
        self.assertEqual(([number(30)], 5), ([h["n"] for h in hits], empty))
        page = self.db.query(Limit=10, **filtered)
        self.assertEqual((0, 10), (page["Count"], page["ScannedCount"]))
        self.assertEqual(key("a", "009"), page["LastEvaluatedKey"])
        ranged = self.db.query(TableName=name, KeyConditionExpression="pk = :a AND sk BETWEEN :l AND :h", Select="COUNT",
                               ExpressionAttributeValues={":a": text("a"), ":l": text("010"), ":h": text("019")})
        self.assertEqual(10, ranged["Count"])
        self.assertNotIn("Items", ranged)
        self.assertEqual(10, self.db.query(TableName=name, KeyConditionExpression="pk = :a AND begins_with(sk, :p)",
                                           ExpressionAttributeValues={":a": text("a"), ":p": text("04")})["Count"])
        everything, count, _ = pages(self.db, "scan", "Items", TableName=name, PaginationConfig={"PageSize": 11})
        self.assertEqual((50, 5), (len({i["sk"]["S"] for i in everything}), count))
        segments = [pages(self.db, "scan", "Items", TableName=name, Segment=n, TotalSegments=3)[0] for n in range(3)]
        self.assertEqual(50, sum(map(len, segments)))
        for due in (30, 4, 100):
            self.db.put_item(TableName=name, Item=key(f"due-{due}", "queue") | {"due": number(due), "pad": text("p")})
        index = {"TableName": name, "IndexName": "by-due", "KeyConditionExpression": "sk = :q AND due <= :now",
                 "ExpressionAttributeValues": {":q": text("queue"), ":now": number(50)}}
        due = []
        while len(due) < 2:
            due = pages(self.db, "query", "Items", PaginationConfig={"PageSize": 1}, **index)[0]
        self.assertEqual([key("due-4", "queue") | {"due": number(4)}, key("due-30", "queue") | {"due": number(30)}], due)
        self.invalid(self.db.query, "Consistent reads are not supported on global secondary indexes", ConsistentRead=True, **index)

    def test_batches(self):
        """
        BatchWriteItem: 25 writes at most, none of them twice on the same item
        BatchWriteItem, BatchGetItem: puts, deletes and reads of several tables
        BatchGetItem: 100 keys at most; keys that are not there are left out; what does not fit into 16 MB comes as UnprocessedKeys
        """
        one, two = self.table("batch-1"), self.table("batch-2")
        put = lambda n: {"PutRequest": {"Item": key("a", str(n))}}
        out = self.db.batch_write_item(RequestItems={one: [put(n) for n in range(20)], two: [put(n) for n in range(5)]})
        self.assertEqual({}, out["UnprocessedItems"])
        self.db.batch_write_item(RequestItems={one: [{"DeleteRequest": {"Key": key("a", "0")}}, put(99)]})
        self.invalid(self.db.batch_write_item, "duplicates", RequestItems={one: [put(1), put(1)]})
        self.refused("ValidationException", client("dynamodb", parameter_validation=False).batch_write_item, 400, RequestItems={one: [put(n) for n in range(26)]})
        got = self.db.batch_get_item(RequestItems={one: {"Keys": [key("a", str(n)) for n in (0, 1, 99)]}, two: {"Keys": [key("a", "4")], "ProjectionExpression": "sk"}})
        self.assertEqual({"1", "99"}, {i["sk"]["S"] for i in got["Responses"][one]})
        self.assertEqual([{"sk": text("4")}], got["Responses"][two])
        self.refused("ValidationException", client("dynamodb", parameter_validation=False).batch_get_item, 400,
                     RequestItems={one: {"Keys": [key("a", str(n)) for n in range(101)]}})
        for n in range(45):
            self.db.put_item(TableName=two, Item=key("big", str(n)) | {"pad": text("x" * 380_000)})
        wanted, found, rounds = {two: {"Keys": [key("big", str(n)) for n in range(45)]}}, [], 0
        while wanted:
            out = self.db.batch_get_item(RequestItems=wanted)
            found, wanted, rounds = found + out["Responses"].get(two, []), out["UnprocessedKeys"], rounds + 1
        self.assertEqual((45, 2), (len(found), rounds))

    def test_transactions(self):
        """
        TransactWriteItems: all or nothing; CancellationReasons stand where their actions stand, None for those that are innocent
        TransactWriteItems: ReturnValuesOnConditionCheckFailure shows the item in its reason
        TransactWriteItems: the same token again changes nothing; with another content it is IdempotentParameterMismatchException
        TransactWriteItems: two actions on one item are ValidationException
        TransactGetItems: items in the order of the request, empty where there is none
        """
        name = self.table("transactions")
        put = lambda sk, **more: {"Put": {"TableName": name, "Item": key("t", sk) | {"n": number(1)}, **more}}
        once = {"ConditionExpression": "attribute_not_exists(pk)"}
        self.db.transact_write_items(TransactItems=[put("a", **once), put("b", **once)])
        with self.assertRaises(self.errors.TransactionCanceledException) as caught:
            self.db.transact_write_items(TransactItems=[
                put("c"), put("a", **once, ReturnValuesOnConditionCheckFailure="ALL_OLD"),
                {"ConditionCheck": {"TableName": name, "Key": key("t", "none"), "ConditionExpression": "attribute_exists(pk)"}},
                {"Update": {"TableName": name, "Key": key("t", "b"), "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": number(1)}}},
            ])
        reasons = caught.exception.response["CancellationReasons"]
        self.assertEqual(["None", "ConditionalCheckFailed", "ConditionalCheckFailed", "None"], [r["Code"] for r in reasons])
        self.assertEqual(key("t", "a") | {"n": number(1)}, reasons[1]["Item"])
        self.assertNotIn("Item", reasons[2])
        self.assertIn("[None, ConditionalCheckFailed, ConditionalCheckFailed, None]", caught.exception.response["Error"]["Message"])
        read = lambda *names: [r.get("Item", {}).get("n") for r in self.db.transact_get_items(
            TransactItems=[{"Get": {"TableName": name, "Key": key("t", n)}} for n in names])["Responses"]]
        self.assertEqual([number(1), None, number(1)], read("b", "c", "a"))
        add = {"Update": {"TableName": name, "Key": key("t", "b"), "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": number(1)}}}
        for _ in range(3):
            self.db.transact_write_items(TransactItems=[add, put("d")], ClientRequestToken="the-same-token")
        self.assertEqual([number(2)], read("b"))
        self.refused(self.errors.IdempotentParameterMismatchException, self.db.transact_write_items, 400, TransactItems=[put("e")], ClientRequestToken="the-same-token")
        self.invalid(self.db.transact_write_items, "multiple operations on one item", TransactItems=[put("a"), {"Delete": {"TableName": name, "Key": key("t", "a")}}])
        gone = {"Delete": {"TableName": name, "Key": key("t", "a"), "ConditionExpression": "n = :one", "ExpressionAttributeValues": {":one": number(1)}}}
        self.db.transact_write_items(TransactItems=[gone])
        self.assertEqual([None], read("a"))

    def test_capacity(self):
        """
        PutItem, Query: ReturnConsumedCapacity answers with the units of the table
        """
        name = self.table("capacity")
        out = self.db.put_item(TableName=name, Item=key("a") | {"pad": text("x" * 2000)}, ReturnConsumedCapacity="TOTAL")
        self.assertEqual((name, 2.0), (out["ConsumedCapacity"]["TableName"], out["ConsumedCapacity"]["CapacityUnits"]))
        out = self.db.query(TableName=name, KeyConditionExpression="pk = :a", ExpressionAttributeValues={":a": text("a")}, ReturnConsumedCapacity="TOTAL")
        self.assertEqual(0.5, out["ConsumedCapacity"]["CapacityUnits"])


if __name__ == "__main__":
    main()
