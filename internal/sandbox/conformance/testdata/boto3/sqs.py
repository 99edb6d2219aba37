"""Queues in the JSON protocol, as boto3 speaks it today."""

import hashlib
import json
import struct
import time

from harness import MANAGEMENT, REGION, Case, client, main, pages


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def md5_of_attributes(attributes):
    """As the Developer Guide has it, "Calculating the MD5 message digest for message attributes"."""
    digest = hashlib.md5()
    for name in sorted(attributes):
        value = attributes[name]
        for text in (name, value["DataType"]):
            digest.update(struct.pack(">I", len(text.encode())) + text.encode())
        if "BinaryValue" in value:
            digest.update(b"\x02" + struct.pack(">I", len(value["BinaryValue"])) + value["BinaryValue"])
        else:
            text = value["StringValue"].encode()
            digest.update(b"\x01" + struct.pack(">I", len(text)) + text)
    return digest.hexdigest()


class Queues(Case):
    def setUp(self):
        self.sqs = client("sqs")

    def queue(self, name, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def arn(self, url):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def receive(self, url, **parameters):
        return self.sqs.receive_message(QueueUrl=url, **parameters).get("Messages", [])

    def test_fifo(self):
        """
        CreateQueue, SendMessage: FIFO queues, and groups and deduplication of messages, are refused as NotImplemented (501)
        """
        for order in ({"QueueName": "a.fifo", "Attributes": {"FifoQueue": "true"}}, {"QueueName": "a", "Attributes": {"FifoQueue": "true"}}):
            self.absent(self.sqs.create_queue, **order)
        url = self.sqs.create_queue(QueueName="no-fifo")["QueueUrl"]
        for more in ({"MessageGroupId": "g"}, {"MessageDeduplicationId": "d"}):
            self.absent(self.sqs.send_message, QueueUrl=url, MessageBody="x", **more)
        self.sqs.send_message(QueueUrl=url, MessageBody="x")

    def test_create(self):
        """
        CreateQueue: with the same name and attributes it answers with the same queue; with other attributes it is QueueNameExists
        CreateQueue: an unknown attribute is InvalidAttributeName
        CreateQueue, GetQueueAttributes: attributes that are not given have the documented defaults
        CreateQueue: the same name within 60 seconds after DeleteQueue is QueueDeletedRecently
        GetQueueUrl, DeleteQueue: a queue that is not there is QueueDoesNotExist
        """
        url = self.queue("plain", VisibilityTimeout="45")
        self.assertTrue(url.endswith(f"/{MANAGEMENT}/plain"), url)
        self.assertEqual(url, self.queue("plain", VisibilityTimeout="45"))
        self.assertEqual(url, self.sqs.get_queue_url(QueueName="plain")["QueueUrl"])
        self.refused(self.sqs.exceptions.QueueNameExists, self.sqs.create_queue, 400, QueueName="plain", Attributes={"VisibilityTimeout": "46"})
        self.refused("InvalidAttributeName", self.sqs.create_queue, 400, QueueName="odd", Attributes={"Speed": "1"})
        settings = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(f"arn:aws:sqs:{REGION}:{MANAGEMENT}:plain", settings["QueueArn"])
        self.assertEqual(("45", "0", "345600", "0"), tuple(settings[n] for n in (
            "VisibilityTimeout", "DelaySeconds", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds")))
        self.sqs.delete_queue(QueueUrl=url)
        self.refused(self.sqs.exceptions.QueueDeletedRecently, self.sqs.create_queue, 400, QueueName="plain")
        for call, parameters in (
            (self.sqs.get_queue_url, {"QueueName": "plain"}), (self.sqs.delete_queue, {"QueueUrl": url}),
            (self.sqs.receive_message, {"QueueUrl": url}), (self.sqs.send_message, {"QueueUrl": url, "MessageBody": "x"}),
        ):
            answer = self.refused(self.sqs.exceptions.QueueDoesNotExist, call, 400, **parameters)
            self.assertEqual("AWS.SimpleQueueService.NonExistentQueue", answer["Error"]["Code"])

    def test_attributes(self):
        """
        SetQueueAttributes, GetQueueAttributes: what was set is read, what was not asked for is not
        SetQueueAttributes: a value out of its bounds is InvalidAttributeValue
        """
        url = self.queue("settings")
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7", "Policy": '{"Version":"2012-10-17"}'})
        got = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "Policy"])["Attributes"]
        self.assertEqual({"VisibilityTimeout": "7", "Policy": '{"Version":"2012-10-17"}'}, got)
        self.refused("InvalidAttributeValue", self.sqs.set_queue_attributes, 400, QueueUrl=url, Attributes={"VisibilityTimeout": "43201"})
        self.assertNotIn("Attributes", self.sqs.get_queue_attributes(QueueUrl=url))

    def test_tags(self):
        """
        TagQueue, UntagQueue, ListQueueTags: tags are added, overwritten and taken away one by one
        CreateQueue: gives the tags that it is asked to
        """
        url = self.sqs.create_queue(QueueName="tagged", tags={"a": "1", "b": "2"})["QueueUrl"]
        self.sqs.tag_queue(QueueUrl=url, Tags={"b": "3", "c": "4"})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
        self.assertEqual({"b": "3", "c": "4"}, self.sqs.list_queue_tags(QueueUrl=url)["Tags"])

    def test_lists(self):
        """
        ListQueues: botocore's paginator reads all pages; a prefix chooses; without MaxResults there is no token
        """
        for n in range(7):
            self.queue(f"many-{n}")
        found, count, _ = pages(self.sqs, "list_queues", "QueueUrls", QueueNamePrefix="many-", PaginationConfig={"PageSize": 3})
        self.assertEqual([f"many-{n}" for n in range(7)], sorted(u.rsplit("/", 1)[1] for u in found))
        self.assertEqual(3, count)
        self.assertNotIn("NextToken", self.sqs.list_queues(QueueNamePrefix="many-"))

    def test_messages(self):
        """
        SendMessage, ReceiveMessage: body, attributes and their MD5 digests arrive as they were sent
        ReceiveMessage: system attributes that were asked for; the count of receives begins with 1
        ReceiveMessage: attributes are chosen by name or by prefix.*, and their digest is of the chosen ones
        DeleteMessage: a message that was deleted does not come back; deleting it twice is fine
        SendMessage: a body with characters that XML does not have is refused
        """
        url = self.queue("messages", VisibilityTimeout="0")
        body = "Grüße <&> \t\n 你好"
        attributes = {
            "plain": {"DataType": "String", "StringValue": "x y"}, "count": {"DataType": "Number", "StringValue": "42"},
            "raw.bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        }
        sent = self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        self.assertEqual((md5(body), md5_of_attributes(attributes)), (sent["MD5OfMessageBody"], sent["MD5OfMessageAttributes"]))
        message = self.receive(url, MessageAttributeNames=["All"], AttributeNames=["All"])[0]
        self.assertEqual((body, md5(body), attributes), (message["Body"], message["MD5OfBody"], message["MessageAttributes"]))
        self.assertEqual(md5_of_attributes(attributes), message["MD5OfMessageAttributes"])
        self.assertEqual(sent["MessageId"], message["MessageId"])
        self.assertEqual("1", message["Attributes"]["ApproximateReceiveCount"])
        self.assertLess(abs(int(message["Attributes"]["SentTimestamp"]) / 1000 - time.time()), 60)
        chosen = self.receive(url, MessageAttributeNames=["raw.*"])[0]
        self.assertEqual(["raw.bytes"], list(chosen["MessageAttributes"]))
        self.assertEqual(md5_of_attributes(chosen["MessageAttributes"]), chosen["MD5OfMessageAttributes"])
        bare = self.receive(url)[0]
        self.assertFalse({"Attributes", "MessageAttributes", "MD5OfMessageAttributes"} & set(bare))
        for _ in range(2):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=bare["ReceiptHandle"])
        self.assertEqual([], self.receive(url))
        self.refused("InvalidMessageContents", self.sqs.send_message, 400, QueueUrl=url, MessageBody="\x01")
        self.refused(self.sqs.exceptions.ReceiptHandleIsInvalid, self.sqs.delete_message, None, QueueUrl=url, ReceiptHandle="nonsense")

    def test_visibility(self):
        """
        ReceiveMessage: a message in flight is hidden until its visibility timeout is over, and comes back with a new handle
        ChangeMessageVisibility: a timeout of 0 makes a message visible at once; of one that is not in flight it is MessageNotInflight
        GetQueueAttributes: counts messages that are visible, in flight and delayed
        SendMessage: DelaySeconds hides a message at first
        """
        url = self.queue("visibility", VisibilityTimeout="1")
        self.sqs.send_message(QueueUrl=url, MessageBody="m")
        first = self.receive(url)[0]
        self.assertEqual([], self.receive(url))
        self.sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        got = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        self.assertEqual(["0", "1", "1"], [got[n] for n in names])
        again = self.receive(url, WaitTimeSeconds=5, VisibilityTimeout=600)[0]
        self.assertEqual(first["MessageId"], again["MessageId"])
        self.assertNotEqual(first["ReceiptHandle"], again["ReceiptHandle"])
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=0)
        self.refused(self.sqs.exceptions.MessageNotInflight, self.sqs.change_message_visibility, 400,
                     QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=5)
        self.assertEqual("3", self.receive(url, AttributeNames=["ApproximateReceiveCount"])[0]["Attributes"]["ApproximateReceiveCount"])

    def test_long_poll(self):
        """
        ReceiveMessage: WaitTimeSeconds waits for a message that is not there yet, and no longer than that
        """
        url = self.queue("poll")
        began = time.monotonic()
        self.assertEqual([], self.receive(url, WaitTimeSeconds=1))
        self.assertGreater(time.monotonic() - began, 0.9)
        self.sqs.send_message(QueueUrl=url, MessageBody="m", DelaySeconds=1)
        self.assertEqual("m", self.receive(url, WaitTimeSeconds=20)[0]["Body"])

    def test_redrive(self):
        """
        SetQueueAttributes, ReceiveMessage: after maxReceiveCount receives a message moves to the dead-letter queue
        ListDeadLetterSourceQueues: botocore's paginator reads the queues that send their messages there
        SetQueueAttributes: a dead-letter queue that does not exist is refused
        """
        dead, url, other = self.queue("dead"), self.queue("work", VisibilityTimeout="0"), self.queue("work2")
        policy = json.dumps({"deadLetterTargetArn": self.arn(dead), "maxReceiveCount": 2})
        for source in (url, other):
            self.sqs.set_queue_attributes(QueueUrl=source, Attributes={"RedrivePolicy": policy})
        self.sqs.send_message(QueueUrl=url, MessageBody="poison")
        for _ in range(2):
            self.assertEqual("poison", self.receive(url)[0]["Body"])
        self.assertEqual([], self.receive(url))
        moved = self.receive(dead, AttributeNames=["All"])[0]
        self.assertEqual(("poison", self.arn(url)), (moved["Body"], moved["Attributes"]["DeadLetterQueueSourceArn"]))
        sources, count, _ = pages(self.sqs, "list_dead_letter_source_queues", "queueUrls", QueueUrl=dead, PaginationConfig={"PageSize": 1})
        self.assertEqual(([url, other], 2), (sources, count))
        gone = json.dumps({"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{MANAGEMENT}:none", "maxReceiveCount": 2})
        self.refused("InvalidParameterValue", self.sqs.set_queue_attributes, 400, QueueUrl=url, Attributes={"RedrivePolicy": gone})

    def test_batches(self):
        """
        SendMessageBatch, DeleteMessageBatch, ChangeMessageVisibilityBatch: entries succeed and fail one by one, in an answer of 200
        SendMessageBatch: eleven entries, none, or the same id twice fail as a whole
        ReceiveMessage: up to ten messages at once
        """
        url = self.queue("batch", VisibilityTimeout="600")
        entries = [{"Id": f"e{n}", "MessageBody": f"m{n}"} for n in range(9)] + [{"Id": "bad", "MessageBody": "\x02"}]
        out = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        self.assertEqual([(f"e{n}", md5(f"m{n}")) for n in range(9)], [(s["Id"], s["MD5OfMessageBody"]) for s in out["Successful"]])
        self.assertEqual([("bad", True, "InvalidMessageContents")], [(f["Id"], f["SenderFault"], f["Code"]) for f in out["Failed"]])
        for error, wrong in (
            ("TooManyEntriesInBatchRequest", [{"Id": f"e{n}", "MessageBody": "m"} for n in range(11)]),
            ("EmptyBatchRequest", []), ("BatchEntryIdsNotDistinct", [{"Id": "e", "MessageBody": "m"}] * 2),
        ):
            answer = self.refused(getattr(self.sqs.exceptions, error), self.sqs.send_message_batch, 400, QueueUrl=url, Entries=wrong)
            self.assertEqual("AWS.SimpleQueueService." + error, answer["Error"]["Code"])
        received = []
        while len(received) < 9:
            received += self.receive(url, MaxNumberOfMessages=10)
        handles = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(received)]
        out = self.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
            handles[0] | {"VisibilityTimeout": 0}, {"Id": "bad", "ReceiptHandle": "none", "VisibilityTimeout": 0}])
        self.assertEqual((["0"], ["bad"]), ([s["Id"] for s in out["Successful"]], [f["Id"] for f in out["Failed"]]))
        out = self.sqs.delete_message_batch(QueueUrl=url, Entries=[*handles, {"Id": "bad", "ReceiptHandle": "none"}])
        self.assertEqual((9, ["ReceiptHandleIsInvalid"]), (len(out["Successful"]), [f["Code"] for f in out["Failed"]]))
        counts = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(("0", "0"), (counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]))

    def test_purge(self):
        """
        PurgeQueue: takes all messages away; a second time within 60 seconds it is PurgeQueueInProgress
        """
        url = self.queue("purge")
        self.sqs.send_message(QueueUrl=url, MessageBody="m")
        self.sqs.purge_queue(QueueUrl=url)
        self.assertEqual([], self.receive(url))
        self.refused(self.sqs.exceptions.PurgeQueueInProgress, self.sqs.purge_queue, 403, QueueUrl=url)

    def test_parameters(self):
        """
        ReceiveMessage: eleven messages, or a wait of 21 seconds, is InvalidParameterValue
        """
        url = self.queue("parameters")
        for wrong in ({"MaxNumberOfMessages": 11}, {"WaitTimeSeconds": 21}, {"MaxNumberOfMessages": 0}):
            self.refused("InvalidParameterValue", self.sqs.receive_message, 400, QueueUrl=url, **wrong)


if __name__ == "__main__":
    main()
