"""Topics, and queues and addresses that are subscribed to them."""

import json

from harness import MANAGEMENT, REGION, Case, client, main, pages


class Topics(Case):
    def setUp(self):
        self.sns, self.sqs = client("sns"), client("sqs")

    def topic(self, name):
        return self.sns.create_topic(Name=name)["TopicArn"]

    def queue(self, name):
        url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{name}"

    def received(self, url):
        return [m["Body"] for m in self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])]

    def test_topics(self):
        """
        CreateTopic: answers with the ARN, and with the same one the next time
        SetTopicAttributes, GetTopicAttributes: what was set is read
        DeleteTopic: succeeds twice; then the topic is NotFoundException
        """
        arn = self.topic("news")
        self.assertEqual(f"arn:aws:sns:{REGION}:{MANAGEMENT}:news", arn)
        self.assertEqual(arn, self.topic("news"))
        self.sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="vend")
        got = self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        self.assertEqual((arn, "vend", MANAGEMENT), (got["TopicArn"], got["DisplayName"], got["Owner"]))
        for _ in range(2):
            self.sns.delete_topic(TopicArn=arn)
        self.refused(self.sns.exceptions.NotFoundException, self.sns.get_topic_attributes, 404, TopicArn=arn)
        self.refused(self.sns.exceptions.NotFoundException, self.sns.publish, 404, TopicArn=arn, Message="m")

    def test_lists(self):
        """
        ListTopics, ListSubscriptions, ListSubscriptionsByTopic: botocore's paginator reads all, a hundred a page
        """
        arns = [self.topic(f"many-{n:03}") for n in range(103)]
        found, count, _ = pages(self.sns, "list_topics", "Topics")
        self.assertLessEqual(set(arns), {t["TopicArn"] for t in found})
        self.assertGreater(count, 1)
        for n in range(101):
            self.sns.subscribe(TopicArn=arns[0], Protocol="email", Endpoint=f"somebody-{n}@example.com")
        found, count, _ = pages(self.sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=arns[0])
        self.assertEqual((101, 2), (len(found), count))
        self.assertEqual({"PendingConfirmation"}, {s["SubscriptionArn"] for s in found})
        self.assertLessEqual(101, len(pages(self.sns, "list_subscriptions", "Subscriptions")[0]))

    def test_tags(self):
        """
        TagResource, UntagResource, ListTagsForResource: tags are added, overwritten and taken away one by one
        """
        arn = self.sns.create_topic(Name="tagged", Tags=[{"Key": "a", "Value": "1"}])["TopicArn"]
        self.sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
        self.sns.untag_resource(ResourceArn=arn, TagKeys=["b"])
        self.assertEqual([{"Key": "a", "Value": "2"}], self.sns.list_tags_for_resource(ResourceArn=arn)["Tags"])

    def test_subscriptions(self):
        """
        Subscribe: a queue is confirmed at once and can be subscribed twice with one result; an address waits for its confirmation
        GetSubscriptionAttributes, SetSubscriptionAttributes: raw delivery can be switched on later
        Unsubscribe: nothing arrives any more
        Publish: a queue gets the notification as JSON, or raw
        """
        arn, (url, queue) = self.topic("to-queues"), self.queue("inbox")
        subscribed = self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True)["SubscriptionArn"]
        self.assertTrue(subscribed.startswith(arn + ":"))
        self.assertEqual(subscribed, self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)["SubscriptionArn"])
        pending = self.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="somebody@example.com")
        self.assertEqual("pending confirmation", pending["SubscriptionArn"])
        message_id = self.sns.publish(TopicArn=arn, Subject="S", Message="hello", MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "greeting"}})["MessageId"]
        notification = json.loads(self.received(url)[0])
        self.assertEqual(("Notification", message_id, arn, "S", "hello"), tuple(
            notification[n] for n in ("Type", "MessageId", "TopicArn", "Subject", "Message")))
        self.assertEqual({"kind": {"Type": "String", "Value": "greeting"}}, notification["MessageAttributes"])
        self.sns.set_subscription_attributes(SubscriptionArn=subscribed, AttributeName="RawMessageDelivery", AttributeValue="true")
        got = self.sns.get_subscription_attributes(SubscriptionArn=subscribed)["Attributes"]
        self.assertEqual(("true", "false", queue), (got["RawMessageDelivery"], got["PendingConfirmation"], got["Endpoint"]))
        self.sns.publish(TopicArn=arn, Message=json.dumps({"default": "d", "sqs": "for queues"}), MessageStructure="json")
        self.assertEqual(["for queues"], self.received(url))
        self.sns.unsubscribe(SubscriptionArn=subscribed)
        self.sns.publish(TopicArn=arn, Message="nobody hears")
        self.assertEqual([], self.received(url))
        self.refused(self.sns.exceptions.NotFoundException, self.sns.get_subscription_attributes, 404, SubscriptionArn=subscribed)

    def test_publish(self):
        """
        Publish: an empty message, a message of more than 256 KiB or a subject of more than 100 characters is InvalidParameter
        PublishBatch: entries succeed and fail one by one; eleven of them, none, or the same id twice fail as a whole
        """
        arn = self.topic("strict")
        for wrong in ({"Message": ""}, {"Message": "x" * 262_145}, {"Message": "m", "Subject": "s" * 101}):
            self.refused(self.sns.exceptions.InvalidParameterException, self.sns.publish, 400, TopicArn=arn, **wrong)
        out = self.sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[
            {"Id": "good", "Message": "m"}, {"Id": "bad", "Message": "m", "Subject": "s" * 101}])
        self.assertEqual((["good"], ["bad"]), ([s["Id"] for s in out["Successful"]], [f["Id"] for f in out["Failed"]]))
        for error, wrong in (
            (self.sns.exceptions.TooManyEntriesInBatchRequestException, [{"Id": str(n), "Message": "m"} for n in range(11)]),
            (self.sns.exceptions.BatchEntryIdsNotDistinctException, [{"Id": "a", "Message": "m"}] * 2),
            (self.sns.exceptions.EmptyBatchRequestException, []),
        ):
            self.refused(error, self.sns.publish_batch, 400, TopicArn=arn, PublishBatchRequestEntries=wrong)


if __name__ == "__main__":
    main()
