"""Rules, and what they bring to queues and topics."""

import json
import uuid

from harness import MANAGEMENT, REGION, Case, client, door, main, pages

LIFECYCLE = {"source": ["aws.controltower"], "detail-type": ["AWS Service Event via CloudTrail"],
             "detail": {"eventName": ["CreateManagedAccount", "UpdateManagedAccount"]}}


class Rules(Case):
    def setUp(self):
        self.events, self.sqs = client("events"), client("sqs")
        self.errors = self.events.exceptions

    def queue(self, name):
        return self.sqs.create_queue(QueueName=name)["QueueUrl"], f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{name}"

    def rule(self, name, pattern, *targets):
        self.events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        out = self.events.put_targets(Rule=name, Targets=[{"Id": str(n)} | t for n, t in enumerate(targets)])
        self.assertEqual((0, []), (out["FailedEntryCount"], out["FailedEntries"]))

    def received(self, url, wait=5):
        out = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait)
        for message in out.get("Messages", []):
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(m["Body"]) for m in out.get("Messages", [])]

    def test_rules(self):
        """
        PutRule, DescribeRule: pattern, state and description as they were put; the same name again changes the rule
        DisableRule, EnableRule: the state changes
        ListRules, ListTargetsByRule, ListRuleNamesByTarget: all rules, all targets, and which rules have a target
        PutTargets, RemoveTargets: targets come and go by id
        DeleteRule: a rule with targets is ValidationException; one that is not there is fine
        DescribeRule, PutTargets: a rule that does not exist is ResourceNotFoundException
        PutRule: a pattern that is none is InvalidEventPatternException
        """
        _, queue = self.queue("rules")
        for n in range(5):
            arn = self.events.put_rule(Name=f"rule-{n}", EventPattern=json.dumps(LIFECYCLE), Description="d")["RuleArn"]
        self.assertEqual(f"arn:aws:events:{REGION}:{MANAGEMENT}:rule/rule-4", arn)
        shown = self.events.describe_rule(Name="rule-0")
        self.assertEqual((LIFECYCLE, "ENABLED", "d"), (json.loads(shown["EventPattern"]), shown["State"], shown["Description"]))
        for call, state in ((self.events.disable_rule, "DISABLED"), (self.events.enable_rule, "ENABLED")):
            call(Name="rule-0")
            self.assertEqual(state, self.events.describe_rule(Name="rule-0")["State"])
        found, count, _ = pages(self.events, "list_rules", "Rules", NamePrefix="rule-", PaginationConfig={"PageSize": 2})
        self.assertEqual(([f"rule-{n}" for n in range(5)], 3), ([r["Name"] for r in found], count))
        targets = [{"Id": f"t{n}", "Arn": queue, "RetryPolicy": {"MaximumRetryAttempts": n, "MaximumEventAgeInSeconds": 60}} for n in range(3)]
        self.events.put_targets(Rule="rule-0", Targets=targets)
        self.assertEqual(targets, pages(self.events, "list_targets_by_rule", "Targets", Rule="rule-0", PaginationConfig={"PageSize": 2})[0])
        self.events.put_targets(Rule="rule-1", Targets=targets[:1])
        self.assertEqual(["rule-0", "rule-1"], pages(self.events, "list_rule_names_by_target", "RuleNames", TargetArn=queue)[0])
        self.refused("ValidationException", self.events.delete_rule, 400, Name="rule-0")
        self.events.remove_targets(Rule="rule-0", Ids=["t0", "t1", "t2"])
        for _ in range(2):
            self.events.delete_rule(Name="rule-0")
        self.refused(self.errors.ResourceNotFoundException, self.events.describe_rule, 400, Name="rule-0")
        self.refused(self.errors.ResourceNotFoundException, self.events.put_targets, 400, Rule="rule-0", Targets=targets)
        self.refused(self.errors.InvalidEventPatternException, self.events.put_rule, 400, Name="odd", EventPattern='{"source": "aws.s3"}')
        self.events.remove_targets(Rule="rule-1", Ids=["t0"])

    def test_put_events(self):
        """
        PutEvents: an event reaches the queues whose rules it matches, whole, in part, or as another text
        PutEvents: entries succeed and fail one by one; a source that begins with aws. fails
        TestEventPattern: says whether a pattern matches; prefix, suffix, anything-but, numeric, exists and $or
        """
        (whole, whole_arn), (part, part_arn), (fixed, fixed_arn), (other, other_arn) = (self.queue(n) for n in ("whole", "part", "fixed", "other"))
        self.rule("mine", {"source": ["com.example"], "detail": {"n": [{"numeric": [">", 1]}]}},
                  {"Arn": whole_arn}, {"Arn": part_arn, "InputPath": "$.detail.name"}, {"Arn": fixed_arn, "Input": '{"hello":"there"}'})
        self.rule("not-mine", {"source": [{"anything-but": "com.example"}], "detail-type": ["Greeting"]}, {"Arn": other_arn})
        out = self.events.put_events(Entries=[
            {"Source": "com.example", "DetailType": "Greeting", "Detail": '{"n": 2, "name": "Ü"}', "Resources": ["arn:aws:s3:::b"]},
            {"Source": "com.example", "DetailType": "Greeting", "Detail": '{"n": 1}'},
            {"Source": "aws.s3", "DetailType": "Greeting", "Detail": "{}"},
            {"Source": "com.example", "DetailType": "Greeting", "Detail": "no JSON"},
        ])
        self.assertEqual((2, [True, True, False, False]), (out["FailedEntryCount"], ["EventId" in e for e in out["Entries"]]))
        self.assertTrue(all(e["ErrorCode"] and e["ErrorMessage"] for e in out["Entries"][2:]))
        (event,) = self.received(whole)
        self.assertEqual((out["Entries"][0]["EventId"], "com.example", "Greeting", {"n": 2, "name": "Ü"}, ["arn:aws:s3:::b"], MANAGEMENT, REGION, "0"), tuple(
            event[n] for n in ("id", "source", "detail-type", "detail", "resources", "account", "region", "version")))
        self.assertEqual((["Ü"], [{"hello": "there"}], []), (self.received(part), self.received(fixed), self.received(other, 0)))
        for pattern, matches in (
            ({"source": [{"prefix": "com."}]}, True), ({"source": [{"suffix": ".org"}]}, False), ({"detail": {"x": [{"exists": False}]}}, True),
            ({"$or": [{"source": ["a"]}, {"detail": {"n": [{"numeric": ["<", 9]}]}}]}, True), ({"source": [{"anything-but": {"prefix": "com."}}]}, False),
        ):
            self.assertEqual(matches, self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"], pattern)

    def test_s3(self):
        """
        PutRule, PutTargets: a rule brings "Object Created" of S3 into a queue, once the bucket sends to EventBridge
        s3.PutBucketNotificationConfiguration: with EventBridge, a write is an event with the key as it is
        """
        url, queue = self.queue("objects")
        s3 = client("s3")
        s3.create_bucket(Bucket="to-events")
        s3.put_bucket_notification_configuration(Bucket="to-events", NotificationConfiguration={"EventBridgeConfiguration": {}})
        self.rule("uploads", {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["to-events"]},
                              "object": {"key": [{"prefix": "in/"}]}}}, {"Arn": queue})
        s3.put_object(Bucket="to-events", Key="elsewhere", Body=b"")
        etag = s3.put_object(Bucket="to-events", Key="in/a b(1).csv", Body=b"1,2")["ETag"]
        (event,) = self.received(url)
        self.assertEqual(("aws.s3", ["arn:aws:s3:::to-events"], "PutObject", "in/a b(1).csv", 3, etag.strip('"')), (
            event["source"], event["resources"], event["detail"]["reason"], *(event["detail"]["object"][n] for n in ("key", "size", "etag"))))

    def test_control_tower(self):
        """
        PutRule, PutTargets: a rule brings the lifecycle events of AWS Control Tower into a queue
        servicecatalog.ProvisionProduct: ends with an event CreateManagedAccount, SUCCEEDED or FAILED, with account and unit
        """
        url, queue = self.queue("lifecycle")
        self.rule("lifecycle", LIFECYCLE, {"Arn": queue})
        catalog = client("servicecatalog")
        product = catalog.search_products()["ProductViewSummaries"][0]["ProductId"]
        (artifact,) = [a["Id"] for a in catalog.list_provisioning_artifacts(ProductId=product)["ProvisioningArtifactDetails"] if a["Active"]]
        for name, state in (("heard-of", "SUCCEEDED"), ("not-made", "FAILED")):
            if state == "FAILED":
                door("POST", "faults", [{"operation": "servicecatalog.ProvisionProduct", "kind": "fail-record", "code": "InternalFailure",
                                         "message": "It was not to be.", "account": "created"}])
            catalog.provision_product(ProductId=product, ProvisioningArtifactId=artifact, ProvisionedProductName=name, ProvisionToken=str(uuid.uuid4()), ProvisioningParameters=[
                {"Key": k, "Value": v} for k, v in {
                    "AccountName": name, "AccountEmail": f"{name}@example.com", "ManagedOrganizationalUnit": "Sandbox (ou-ab12-12222222)",
                    "SSOUserEmail": "developer@example.com", "SSOUserFirstName": "Dana", "SSOUserLastName": "Developer"}.items()])
            (event,) = self.received(url, 20)
            status = event["detail"]["serviceEventDetails"]["createManagedAccountStatus"]
            self.assertEqual(("CreateManagedAccount", state, name, "ou-ab12-12222222"), (
                event["detail"]["eventName"], status["state"], status["account"]["accountName"], status["organizationalUnit"]["organizationalUnitId"]))


if __name__ == "__main__":
    main()
