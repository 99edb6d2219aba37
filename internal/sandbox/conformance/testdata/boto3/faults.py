"""What clients do when the sandbox is asked to fail: botocore retries what AWS documents as retryable, and only that."""

from harness import Case, client, door, main


class Faults(Case):
    def tearDown(self):
        super().tearDown()
        door("DELETE", "faults")

    def fault(self, operation, kind, **more):
        door("POST", "faults", [{"operation": operation, "kind": kind} | more])

    def calls(self, operation):
        return door("GET", "calls").get(operation, 0)

    def test_throttling(self):
        """
        sqs.ListQueues, organizations.ListRoots, dynamodb.ListTables: throttling and errors of the server are retried by botocore until they succeed
        """
        for operation, service, call, code, status in (
            ("sqs.ListQueues", "sqs", "list_queues", "ThrottlingException", 400),
            ("organizations.ListRoots", "organizations", "list_roots", "TooManyRequestsException", 400),
            ("dynamodb.ListTables", "dynamodb", "list_tables", "InternalServerError", 500),
        ):
            self.fault(operation, "error", code=code, status=status, times=2)
            before = self.calls(operation)
            out = getattr(client(service, attempts=3), call)()
            self.assertEqual((2, 3), (out["ResponseMetadata"]["RetryAttempts"], self.calls(operation) - before))

    def test_lost_answers(self):
        """
        dynamodb.UpdateItem: an answer that is lost after the effect makes botocore's retry fail its own condition
        sqs.SendMessage: an answer that is lost after the effect makes botocore send the message twice
        """
        db, sqs = client("dynamodb", attempts=3), client("sqs", attempts=3)
        db.create_table(TableName="twice", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        db.get_waiter("table_exists").wait(TableName="twice", WaiterConfig={"Delay": 1, "MaxAttempts": 5})
        update = {"TableName": "twice", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "ADD version :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        db.update_item(**update)
        self.fault("dynamodb.UpdateItem", "drop-after-effect")
        self.refused(db.exceptions.ConditionalCheckFailedException, db.update_item, 400, ConditionExpression="version = :one", **update)
        self.assertEqual("2", db.get_item(TableName="twice", Key={"pk": {"S": "a"}}, ConsistentRead=True)["Item"]["version"]["N"])
        url = sqs.create_queue(QueueName="twice")["QueueUrl"]
        self.fault("sqs.SendMessage", "error-after-effect", code="InternalFailure", status=500)
        sqs.send_message(QueueUrl=url, MessageBody="m")
        self.assertEqual(2, len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]))


if __name__ == "__main__":
    main()
