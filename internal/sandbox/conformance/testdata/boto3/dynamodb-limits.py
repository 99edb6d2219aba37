"""The limits of names, keys, pages and transactions of DynamoDB."""

from harness import Case, client, eventually, main


def text(s):
    return {"S": s}


def number(n):
    return {"N": str(n)}


class Limits(Case):
    def setUp(self):
        self.db = client("dynamodb")
        self.careless = client("dynamodb", parameter_validation=False)

    def invalid(self, call, **parameters):
        return self.refused("ValidationException", call, 400, **parameters)

    def order(self, name, **more):
        return {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in (("p", "S"), ("s", "N"), ("g", "S"))],
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
                "GlobalSecondaryIndexes": [{"IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}]} | more

    def table(self, name):
        self.db.create_table(**self.order(name))
        eventually(lambda: self.db.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")
        return name

    def test_names(self):
        """
        CreateTable: names of tables and indexes have 3 to 255 letters, digits, and _ - . of keys up to 255 characters; keys are S, N or B
        CreateTable: an attribute that is defined and no key, a key that is not defined, or no throughput is ValidationException
        PutItem: the name of an attribute has a character at least
        """
        for name in ("ab", "a b c", "a" * 256):
            self.invalid(self.careless.create_table, **self.order(name))
        for name in ("ab", "a b c"):
            self.invalid(self.careless.create_table, **self.order("names", GlobalSecondaryIndexes=[self.order("names")["GlobalSecondaryIndexes"][0] | {"IndexName": name}]))
        schema = [{"AttributeName": "p" * 256, "KeyType": "HASH"}]
        self.invalid(self.careless.create_table, TableName="names", BillingMode="PAY_PER_REQUEST", KeySchema=schema,
                     AttributeDefinitions=[{"AttributeName": "p" * 256, "AttributeType": "S"}])
        more = self.order("names")["AttributeDefinitions"]
        for definitions in (more + [{"AttributeName": "x", "AttributeType": "S"}], more[:2], [more[0] | {"AttributeType": "BOOL"}] + more[1:]):
            self.invalid(self.careless.create_table, **self.order("names", AttributeDefinitions=definitions))
        self.invalid(self.careless.create_table, **self.order("names", BillingMode="PROVISIONED"))
        self.invalid(self.db.put_item, TableName=self.table("named"), Item={"p": text("a"), "s": number(1), "": text("x")})
        self.db.put_item(TableName="named", Item={"p": text("a"), "s": number(1), "x": text("")})

    def test_keys(self):
        """
        PutItem, UpdateItem, TransactWriteItems: a key of an index that is empty or of another type is ValidationException, and for a transaction the reason of its action
        PutItem: a partition key has 2,048 bytes at most; a number 38 digits and an exponent up to 125
        UpdateItem: a key can't be changed, and no item can grow beyond 400 KB
        """
        name = self.table("keys")
        key = {"p": text("a"), "s": number(1)}
        for wrong in (number(1), text(""), {"NULL": True}):
            self.invalid(self.db.put_item, TableName=name, Item=key | {"g": wrong})
            self.invalid(self.db.update_item, TableName=name, Key=key, UpdateExpression="SET g = :g", ExpressionAttributeValues={":g": wrong})
        answer = self.refused(self.db.exceptions.TransactionCanceledException, self.db.transact_write_items, 400,
                              TransactItems=[{"Put": {"TableName": name, "Item": key | {"g": number(1)}}}])
        self.assertEqual(["ValidationError"], [r["Code"] for r in answer["CancellationReasons"]])
        self.assertNotIn("Item", self.db.get_item(TableName=name, Key=key, ConsistentRead=True))
        self.db.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": key | {"p": text("p" * 2048)}}}])
        self.invalid(self.db.put_item, TableName=name, Item=key | {"p": text("p" * 2049)})
        for wrong in ("x", "1e126", "1e-131"):
            self.invalid(self.db.put_item, TableName=name, Item=key | {"s": {"N": wrong}})
        self.invalid(self.db.update_item, TableName=name, Key=key, UpdateExpression="SET p = :g", ExpressionAttributeValues={":g": text("b")})
        self.invalid(self.db.update_item, TableName=name, Key=key, UpdateExpression="SET v = :g", ExpressionAttributeValues={":g": text("x" * (400 << 10))})
        self.db.update_item(TableName=name, Key=key, UpdateExpression="SET v = :g", ExpressionAttributeValues={":g": text("x" * (399 << 10))})

    def test_reserved(self):
        """
        PutItem, GetItem, Query: a reserved word in an expression is ValidationException, and fine behind a placeholder
        Query: a filter on a key, a condition without the partition key, a limit of 0, and a start outside the condition are ValidationException
        """
        name = self.table("reserved")
        key = {"p": text("a"), "s": number(1)}
        for word in ("name", "status", "Size", "ttl"):
            self.invalid(self.db.put_item, TableName=name, Item=key, ConditionExpression=f"attribute_not_exists({word})")
            self.invalid(self.db.get_item, TableName=name, Key=key, ProjectionExpression=word)
            self.db.put_item(TableName=name, Item=key, ConditionExpression="attribute_not_exists(#n)", ExpressionAttributeNames={"#n": word})
        self.assertEqual(key, self.db.get_item(TableName=name, Key=key, ConsistentRead=True)["Item"])
        mine = {"TableName": name, "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": text("a")}}
        self.assertEqual(1, self.db.query(ConsistentRead=True, **mine)["Count"])
        self.invalid(self.db.query, **mine | {"FilterExpression": "s > :s", "ExpressionAttributeValues": {":p": text("a"), ":s": number(0)}})
        self.invalid(self.db.query, **mine | {"KeyConditionExpression": "s = :p", "ExpressionAttributeValues": {":p": number(1)}})
        self.invalid(self.db.query, **mine | {"KeyConditionExpression": "p > :p"})
        self.invalid(self.careless.query, Limit=0, **mine)
        self.invalid(self.db.query, ExclusiveStartKey=key | {"p": text("b")}, **mine)

    def test_pages(self):
        """
        Query, Scan: a page ends at 1 MB of what was read, whatever the filter, the projection, the limit or Select leave of it
        """
        name = self.table("pages")
        for n in range(12):
            self.db.put_item(TableName=name, Item={"p": text("a"), "s": number(n), "v": text("x" * 300_000)})
        mine = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": text("a")}}
        none = {"FilterExpression": "attribute_not_exists(v)"}
        for call, more, found in (
            (self.db.query, mine, 12), (self.db.query, mine | {"Limit": 5}, 12), (self.db.query, mine | {"ProjectionExpression": "s"}, 12),
            (self.db.query, mine | {"Select": "COUNT"}, 12), (self.db.query, mine | none, 0), (self.db.scan, {}, 12), (self.db.scan, none | {"Limit": 5}, 0),
        ):
            count, scanned, start = 0, [], {}
            while start is not None:
                page = call(TableName=name, **more, **start)
                count, start = count + page["Count"], {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else None
                scanned.append(page["ScannedCount"])
            self.assertEqual((found, 12), (count, sum(scanned)), more)
            self.assertLessEqual(max(scanned), 4, more)
            self.assertGreaterEqual(len(scanned), 3, more)

    def test_transactions(self):
        """
        TransactWriteItems, TransactGetItems: 100 actions at most, one at least, and only one kind in an action
        TransactWriteItems: more than 4 MB as a whole are refused, and nothing is written
        BatchGetItem: the same key twice, also where a number is written in another way, is ValidationException
        """
        name = self.table("transactions")
        put = lambda n, v="": {"Put": {"TableName": name, "Item": {"p": text(f"t{n}"), "s": number(1), "v": text(v)}}}
        get = lambda n: {"Get": {"TableName": name, "Key": {"p": text(f"t{n}"), "s": number(1)}}}
        self.invalid(self.careless.transact_write_items, TransactItems=[put(n) for n in range(101)])
        self.invalid(self.careless.transact_write_items, TransactItems=[])
        self.invalid(self.careless.transact_write_items, TransactItems=[put(1) | {"Delete": get(2)["Get"]}])
        self.invalid(self.careless.transact_get_items, TransactItems=[get(n) for n in range(101)])
        with self.assertRaises(self.db.exceptions.ClientError):
            self.db.transact_write_items(TransactItems=[put(n, "x" * 300_000) for n in range(15)])
        self.assertEqual([{}] * 15, self.db.transact_get_items(TransactItems=[get(n) for n in range(15)])["Responses"])
        self.db.transact_write_items(TransactItems=[put(n) for n in range(100)])
        key = get(1)["Get"]["Key"]
        self.invalid(self.db.batch_get_item, RequestItems={name: {"Keys": [key, key | {"s": {"N": "1.0"}}]}})
        self.assertEqual(1, len(self.db.batch_get_item(RequestItems={name: {"Keys": [key], "ConsistentRead": True}})["Responses"][name]))

    def test_left_out(self):
        """
        CreateTable, PutItem, Query: local indexes, streams, and the parameters from before there were expressions are refused as NotImplemented (501)
        """
        local = [{"IndexName": "local", "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "g", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}]
        self.absent(self.db.create_table, **self.order("local", LocalSecondaryIndexes=local, GlobalSecondaryIndexes=[]))
        self.absent(self.db.create_table, **self.order("stream", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}))
        name = self.table("legacy")
        self.absent(self.db.put_item, TableName=name, Item={"p": text("a"), "s": number(1)}, Expected={"p": {"Exists": False}})
        self.absent(self.db.query, TableName=name, KeyConditions={"p": {"AttributeValueList": [text("a")], "ComparisonOperator": "EQ"}})
        self.absent(self.db.execute_statement, Statement="select * from legacy")
        self.db.put_item(TableName=name, Item={"p": text("a"), "s": number(1)})
        self.db.query(TableName=name, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": text("a")})


if __name__ == "__main__":
    main()
