# speed: 600
"""Service-managed stack sets."""

import json

from harness import Case, client, door, eventually, inside, main, pages

LEGACY, SUSPENDED = "ou-ab12-14444444", "ou-ab12-15555555"
ONE, TWO, TAKEN, CLOSED = "222222222201", "222222222202", "222222222204", "222222222301"


def template(name="AWSControlTowerExecution", **more):
    role = {"RoleName": name, "Path": {"Ref": "Path"}, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": {"Fn::Join": ["", ["arn:aws:iam::", "111111111111", ":root"]]}}, "Action": "sts:AssumeRole"}]}}
    return json.dumps({"Parameters": {"Path": {"Type": "String", "Default": "/"}}, "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}} | more)


class StackSets(Case):
    def setUp(self):
        self.stacks = client("cloudformation")
        self.errors = self.stacks.exceptions

    def create(self, name, body=None, **more):
        order = {"TemplateBody": body or template(), "PermissionModel": "SERVICE_MANAGED", "AutoDeployment": {"Enabled": False},
                 "Capabilities": ["CAPABILITY_NAMED_IAM"]} | more
        return self.stacks.create_stack_set(StackSetName=name, **order)["StackSetId"]

    def targets(self, *accounts, unit=LEGACY, filter="INTERSECTION"):
        return {"OrganizationalUnitIds": [unit], "Accounts": list(accounts), "AccountFilterType": filter} if accounts else {"OrganizationalUnitIds": [unit]}

    def deploy(self, name, *accounts, unit=LEGACY, **more):
        order = {"StackSetName": name, "Regions": ["us-east-1"], "DeploymentTargets": self.targets(*accounts, unit=unit)} | more
        return self.stacks.create_stack_instances(**order)["OperationId"]

    def ended(self, name, operation):
        def look():
            found = self.stacks.describe_stack_set_operation(StackSetName=name, OperationId=operation)["StackSetOperation"]
            return found["Status"] not in ("RUNNING", "STOPPING", "QUEUED") and found
        found = eventually(look)
        self.recent(found["CreationTimestamp"])
        self.recent(found["EndTimestamp"])
        return found

    def remove(self, name, *accounts, unit=LEGACY, retain=False):
        operation = self.stacks.delete_stack_instances(StackSetName=name, Regions=["us-east-1"], RetainStacks=retain, OperationPreferences={"MaxConcurrentCount": 10, "FailureToleranceCount": 9},
                                                       DeploymentTargets=self.targets(*accounts, unit=unit))["OperationId"]
        return self.ended(name, operation)

    def test_dependencies(self):
        """
        CreateStackSet, UpdateStackSet, DescribeStackSet, ListStackSets: DependsOn is kept, replaced by an update, and gone with the set that is deleted
        CreateStackSet, UpdateStackSet: a set that there is not, and a circle, are ValidationError; the eleventh dependency is LimitExceededException
        ListStackSetOperations: an account that comes into a unit gets the sets that others depend on first, and those others when they are there
        ListStackSetAutoDeploymentTargets: units of the set, and the Regions
        """
        auto = lambda *on: {"Enabled": True, "RetainStacksOnAccountRemoval": False} | ({"DependsOn": list(on)} if on else {})
        describe = lambda name: self.stacks.describe_stack_set(StackSetName=name)["StackSet"]
        update = lambda name, *on: self.ended(name, self.stacks.update_stack_set(
            StackSetName=name, UsePreviousTemplate=True, Capabilities=["CAPABILITY_NAMED_IAM"], AutoDeployment=auto(*on))["OperationId"])
        self.create("below", template("Below"), AutoDeployment=auto())
        below = describe("below")["StackSetARN"]
        self.create("above", template("Above"), AutoDeployment=auto(below))
        above = describe("above")["StackSetARN"]
        self.assertEqual([below], describe("above")["AutoDeployment"]["DependsOn"])
        listed = {s["StackSetName"]: s["AutoDeployment"].get("DependsOn") for s in pages(self.stacks, "list_stack_sets", "Summaries", Status="ACTIVE")[0]}
        self.assertEqual([below], listed["above"])
        self.refused("ValidationError", lambda: update("below", above), 400)
        self.refused("ValidationError", lambda: self.create("other", AutoDeployment=auto(below.replace("below", "none"))), 400)
        self.refused(self.errors.LimitExceededException, lambda: self.create("other", AutoDeployment=auto(*[below] * 11)), 400)

        for name in ("below", "above"):
            self.ended(name, self.deploy(name, ONE))
        self.assertEqual([{"OrganizationalUnitId": LEGACY, "Regions": ["us-east-1"]}], self.stacks.list_stack_set_auto_deployment_targets(StackSetName="above")["Summaries"])
        org = client("organizations")
        org.move_account(AccountId="222222222299", SourceParentId="r-ab12", DestinationParentId=LEGACY)
        newest = lambda name: self.stacks.list_stack_set_operations(StackSetName=name)["Summaries"][0]
        done = [self.ended(name, newest(name)["OperationId"]) for name in ("below", "above")]
        self.assertEqual([("CREATE", "SUCCEEDED")] * 2, [(o["Action"], o["Status"]) for o in done])
        self.assertLessEqual(done[0]["EndTimestamp"], done[1]["EndTimestamp"])
        org.move_account(AccountId="222222222299", SourceParentId=LEGACY, DestinationParentId="r-ab12")
        for name in ("below", "above"):
            self.ended(name, newest(name)["OperationId"])
            self.remove(name, ONE)

        update("above")
        self.assertNotIn("DependsOn", describe("above")["AutoDeployment"])
        update("above", below)
        self.stacks.delete_stack_set(StackSetName="below")
        self.assertNotIn("DependsOn", describe("above")["AutoDeployment"])
        self.stacks.delete_stack_set(StackSetName="above")

    def test_documents(self):
        """
        CreateStackSet, ValidateTemplate: a template from a bucket; one that is not there is ValidationError
        CreateStackInstances, DescribeStackSetOperation: accounts from a file in a bucket, which stands for them
        """
        s3 = client("s3")
        s3.create_bucket(Bucket="documents")
        s3.put_object(Bucket="documents", Key="role.json", Body=template("Documented").encode())
        s3.put_object(Bucket="documents", Key="accounts.csv", Body=f"{ONE},{TWO}\n".encode())
        there, nowhere = ("https://documents.s3.amazonaws.com/" + key for key in ("role.json", "none.json"))
        self.assertEqual(["Path"], [p["ParameterKey"] for p in self.stacks.validate_template(TemplateURL=there)["Parameters"]])
        self.refused("ValidationError", self.stacks.validate_template, 400, TemplateURL=nowhere)
        order = {"PermissionModel": "SERVICE_MANAGED", "AutoDeployment": {"Enabled": False}, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
        self.refused("ValidationError", self.stacks.create_stack_set, 400, StackSetName="documents", TemplateURL=nowhere, **order)
        self.stacks.create_stack_set(StackSetName="documents", TemplateURL=there, **order)
        url = "s3://documents/accounts.csv"
        done = self.ended("documents", self.deploy("documents", DeploymentTargets={"OrganizationalUnitIds": [LEGACY], "AccountsUrl": url, "AccountFilterType": "INTERSECTION"}))
        self.assertEqual(("SUCCEEDED", url), (done["Status"], done["DeploymentTargets"]["AccountsUrl"]))
        self.remove("documents", ONE, TWO)
        self.stacks.delete_stack_set(StackSetName="documents")

    def test_sets(self):
        """
        CreateStackSet: answers with the same id to a repeated ClientRequestToken; the name with another one is NameAlreadyExistsException (409)
        CreateStackSet: SERVICE_MANAGED needs AutoDeployment; a named role needs CAPABILITY_NAMED_IAM
        DescribeStackSet: by name and by id; one that there is not is StackSetNotFoundException (404)
        ListStackSets, DeleteStackSet: what was deleted is listed as DELETED, and can still be described by its id
        UpdateStackSet: another template reaches the instances; their operation is an UPDATE
        ListStackSets: none in another Region
        """
        made = self.create("first", ClientRequestToken="token")
        self.assertEqual(made, self.create("first", ClientRequestToken="token"))
        self.refused(self.errors.NameAlreadyExistsException, self.create, 409, name="first", ClientRequestToken="other")
        self.refused("ValidationError", self.stacks.create_stack_set, 400, StackSetName="second", TemplateBody=template(),
                     PermissionModel="SERVICE_MANAGED", Capabilities=["CAPABILITY_NAMED_IAM"])
        self.refused("InsufficientCapabilitiesException", self.create, 400, name="second", Capabilities=[])
        self.assertEqual(made, self.stacks.describe_stack_set(StackSetName="first")["StackSet"]["StackSetId"])
        self.refused(self.errors.StackSetNotFoundException, self.stacks.describe_stack_set, 404, StackSetName="none")
        self.ended("first", self.deploy("first", ONE))
        update = self.stacks.update_stack_set(StackSetName="first", TemplateBody=template("Other"), Capabilities=["CAPABILITY_NAMED_IAM"])
        self.assertEqual(("UPDATE", "SUCCEEDED"), tuple(self.ended("first", update["OperationId"])[k] for k in ("Action", "Status")))
        self.remove("first")
        self.create("third")
        found, count, _ = pages(self.stacks, "list_stack_sets", "Summaries", Status="ACTIVE", PaginationConfig={"PageSize": 1})
        self.assertEqual(count, len(found))
        self.assertLessEqual({"first", "third"}, {s["StackSetName"] for s in found})
        self.stacks.delete_stack_set(StackSetName="first")
        self.assertIn(made, [s["StackSetId"] for s in self.stacks.list_stack_sets(Status="DELETED")["Summaries"]])
        self.assertEqual("DELETED", self.stacks.describe_stack_set(StackSetName=made)["StackSet"]["Status"])
        self.assertEqual([], client("cloudformation", region="eu-west-1").list_stack_sets()["Summaries"])
        self.stacks.delete_stack_set(StackSetName="third")

    def test_instances(self):
        """
        CreateStackInstances: one operation at a time; another one is OperationInProgressException (409)
        CreateStackInstances: UNION, accounts without a unit, and accounts beside a unit without a filter are refused
        CreateStackInstances: an OperationId that was used is OperationIdAlreadyExistsException (409)
        CreateStackInstances, ListStackSetOperationResults: a role that exists already lets the instance fail, with that reason
        DescribeStackInstance: status, reason and stack; one that there is not is StackInstanceNotFoundException (404)
        ListStackInstances: filters by status, operation and account; botocore's paginator reads all pages
        DescribeStackSetOperation: within the tolerance the operation is SUCCEEDED, and counts what failed
        DescribeStackSetOperation, StopStackSetOperation: one that there is not is OperationNotFoundException (404)
        ListStackSetOperations: the newest first
        UpdateStackInstances: other parameters for an instance
        DeleteStackInstances: with RetainStacks the instance goes
        """
        self.create("roles")
        first = self.deploy("roles", ONE, TWO, TAKEN, OperationPreferences={"FailureToleranceCount": 1, "MaxConcurrentCount": 2}, OperationId="mine")
        self.refused(self.errors.OperationInProgressException, self.deploy, 409, name="roles")
        done = self.ended("roles", first)
        self.assertEqual(("SUCCEEDED", 1), (done["Status"], done["StatusDetails"]["FailedStackInstancesCount"]))
        self.refused(self.errors.OperationIdAlreadyExistsException, self.deploy, 409, name="roles", OperationId="mine")
        for bad in ({"OrganizationalUnitIds": [LEGACY], "Accounts": [ONE], "AccountFilterType": "UNION"}, {"Accounts": [ONE]},
                    {"OrganizationalUnitIds": [LEGACY], "Accounts": [ONE]}):
            self.refused("ValidationError", self.deploy, 400, name="roles", DeploymentTargets=bad)
        (failed,) = pages(self.stacks, "list_stack_set_operation_results", "Summaries", StackSetName="roles", OperationId=first,
                          Filters=[{"Name": "OPERATION_RESULT_STATUS", "Values": "FAILED"}])[0]
        self.assertEqual(TAKEN, failed["Account"])
        self.assertIn("already exists", failed["StatusReason"])
        found, count, _ = pages(self.stacks, "list_stack_instances", "Summaries", StackSetName="roles", PaginationConfig={"PageSize": 1})
        self.assertEqual(([ONE, TWO, TAKEN], 3), ([i["Account"] for i in found], count))
        mine = self.stacks.list_stack_instances(StackSetName="roles", StackInstanceAccount=TAKEN, Filters=[
            {"Name": "DETAILED_STATUS", "Values": "FAILED"}, {"Name": "LAST_OPERATION_ID", "Values": "mine"}])["Summaries"]
        self.assertEqual([("OUTDATED", LEGACY)], [(i["Status"], i["OrganizationalUnitId"]) for i in mine])
        one = self.stacks.describe_stack_instance(StackSetName="roles", StackInstanceAccount=ONE, StackInstanceRegion="us-east-1")["StackInstance"]
        self.assertEqual(("CURRENT", "SUCCEEDED"), (one["Status"], one["StackInstanceStatus"]["DetailedStatus"]))
        self.assertRegex(one["StackId"], f"^arn:aws:cloudformation:us-east-1:{ONE}:stack/StackSet-roles-")
        self.refused(self.errors.StackInstanceNotFoundException, self.stacks.describe_stack_instance, 404,
                     StackSetName="roles", StackInstanceAccount=CLOSED, StackInstanceRegion="us-east-1")
        self.refused(self.errors.OperationNotFoundException, self.stacks.describe_stack_set_operation, 404, StackSetName="roles", OperationId="none")
        self.refused(self.errors.OperationNotFoundException, self.stacks.stop_stack_set_operation, 404, StackSetName="roles", OperationId="none")
        again = self.stacks.update_stack_instances(StackSetName="roles", Regions=["us-east-1"], DeploymentTargets=self.targets(ONE),
                                                   ParameterOverrides=[{"ParameterKey": "Path", "ParameterValue": "/other/"}])["OperationId"]
        self.assertEqual("SUCCEEDED", self.ended("roles", again)["Status"])
        overrides = self.stacks.describe_stack_instance(StackSetName="roles", StackInstanceAccount=ONE, StackInstanceRegion="us-east-1")["StackInstance"]["ParameterOverrides"]
        self.assertEqual([{"ParameterKey": "Path", "ParameterValue": "/other/"}], overrides)
        self.assertEqual("SUCCEEDED", self.remove("roles", ONE, retain=True)["Status"])
        self.assertNotIn(ONE, [i["Account"] for i in self.stacks.list_stack_instances(StackSetName="roles")["Summaries"]])
        listed = pages(self.stacks, "list_stack_set_operations", "Summaries", StackSetName="roles", PaginationConfig={"PageSize": 1})[0]
        self.assertEqual(["DELETE", "UPDATE", "CREATE"], [o["Action"] for o in listed])
        self.remove("roles")

    def test_stop(self):
        """
        StopStackSetOperation: what was not begun is CANCELLED, and the operation STOPPED; one that has ended is InvalidOperationException
        """
        self.create("stopped", template("Stopped"))
        operation = self.deploy("stopped", ONE, TWO)
        self.stacks.stop_stack_set_operation(StackSetName="stopped", OperationId=operation)
        self.assertEqual("STOPPED", self.ended("stopped", operation)["Status"])
        results = self.stacks.list_stack_set_operation_results(StackSetName="stopped", OperationId=operation)["Summaries"]
        self.assertEqual("CANCELLED", results[-1]["Status"])
        self.refused(self.errors.InvalidOperationException, self.stacks.stop_stack_set_operation, 400, StackSetName="stopped", OperationId=operation)

    def test_suspended(self):
        """
        CreateStackInstances, ListStackInstances: a suspended account is skipped: SKIPPED_SUSPENDED_ACCOUNT
        """
        self.create("skipping", template("Skipping"))
        self.ended("skipping", self.deploy("skipping", unit=SUSPENDED))
        found = self.stacks.list_stack_instances(StackSetName="skipping")["Summaries"]
        self.assertEqual(["SKIPPED_SUSPENDED_ACCOUNT"], [i["StackInstanceStatus"]["DetailedStatus"] for i in found])

    def test_trust(self):
        """
        ActivateOrganizationsAccess, DeactivateOrganizationsAccess, DescribeOrganizationsAccess: switch trusted access
        CreateStackSet: without trusted access a service-managed set is refused
        """
        self.assertEqual("ENABLED", self.stacks.describe_organizations_access()["Status"])
        self.stacks.deactivate_organizations_access()
        self.assertEqual("DISABLED", self.stacks.describe_organizations_access()["Status"])
        self.refused("ValidationError", self.create, 400, name="distrusted")
        self.stacks.activate_organizations_access()
        self.assertEqual("ENABLED", self.stacks.describe_organizations_access()["Status"])

    def test_stacks(self):
        """
        ListStacks, DescribeStacks: the stack of an instance is in the account, under a name that begins with StackSet-
        DescribeStacks: a stack that does not exist is ValidationError
        DeleteStack: the stack goes; one that does not exist is no error
        ListStacks: an enrolled account has those of Control Tower
        """
        self.create("seen", template("Seen"))
        self.ended("seen", self.deploy("seen", ONE))
        there = client("cloudformation", inside(ONE))
        (name,) = [s["StackName"] for s in pages(there, "list_stacks", "StackSummaries", StackStatusFilter=["CREATE_COMPLETE"])[0] if s["StackName"].startswith("StackSet-seen-")]
        (stack,) = there.describe_stacks(StackName=name)["Stacks"]
        self.assertEqual(("CREATE_COMPLETE", name), (stack["StackStatus"], stack["StackName"]))
        there.delete_stack(StackName=name)
        there.delete_stack(StackName=name)
        self.refused("ValidationError", there.describe_stacks, 400, StackName=name)
        governed = client("cloudformation", inside("222222222112", "AWSControlTowerExecution"), region="eu-west-1")
        self.assertTrue(all(s["StackName"].startswith("StackSet-AWSControlTowerBP-") for s in governed.list_stacks()["StackSummaries"]))
        self.refused("AccessDenied", there.list_stack_sets, 403)


LETTERS = json.dumps({
    "Description": "letters",
    "Parameters": {"Seconds": {"Type": "String", "Default": "60"}},
    "Conditions": {"Always": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Seconds"}, "0"]}]}},
    "Resources": {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "letters", "VisibilityTimeout": {"Ref": "Seconds"}}},
        "Role": {"Type": "AWS::IAM::Role", "Condition": "Always", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}]}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {"LogGroupName": "letters"}},
    },
    "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
})


class Stacks(Case):
    def setUp(self):
        self.stacks = client("cloudformation")
        self.errors = self.stacks.exceptions

    def planned(self, name, kind="UPDATE", **more):
        order = {"StackName": "letters", "ChangeSetName": name, "ChangeSetType": kind, "TemplateBody": LETTERS, "Capabilities": ["CAPABILITY_IAM"]} | more
        made = self.stacks.create_change_set(**order)
        self.stacks.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"], WaiterConfig={"Delay": 1})
        return made

    def test_lifetime(self):
        """
        CreateChangeSet, DescribeChangeSet: a stack that is not there is in review, and botocore's waiter sees the change set complete
        CreateChangeSet: roles need CAPABILITY_IAM; a stack that is not there can only be created; a repeated ClientToken answers with the same id
        CreateChangeSet: of a change that changes nothing ends FAILED, and cannot be executed
        ExecuteChangeSet: botocore's waiters see the stack made and updated; the queue is really there
        ListChangeSets, DeleteChangeSet: what was deleted is no longer listed, and a second time is no error
        DescribeStackEvents: the newest first, from the user's request to the end
        DescribeStackResources: of the stack, and one of them
        GetTemplate: as it was given
        UpdateTerminationProtection, DeleteStack: a protected stack cannot be deleted
        DeleteStack: botocore's waiter sees the stack gone, and what is retained stays
        DescribeStacks: outputs, parameters and description; a deleted stack by its id
        ContinueUpdateRollback: refused while there is nothing to go on with; goes on with an update that could not be taken back
        """
        self.refused(self.errors.InsufficientCapabilitiesException, self.planned, 400, name="denied", kind="CREATE", Capabilities=[])
        self.refused("ValidationError", self.planned, 400, name="update")
        made = self.planned("first", "CREATE", ClientToken="once")
        self.assertEqual(made["Id"], self.stacks.create_change_set(StackName="letters", ChangeSetName="first", ChangeSetType="CREATE", TemplateBody=LETTERS, Capabilities=["CAPABILITY_IAM"], ClientToken="once")["Id"])
        shown = self.stacks.describe_change_set(ChangeSetName=made["Id"])
        self.assertEqual({("Add", name) for name in ("Queue", "Role", "Alarm", "Logs")}, {(c["ResourceChange"]["Action"], c["ResourceChange"]["LogicalResourceId"]) for c in shown["Changes"]})
        self.assertEqual("REVIEW_IN_PROGRESS", self.stacks.describe_stacks(StackName="letters")["Stacks"][0]["StackStatus"])
        self.stacks.execute_change_set(ChangeSetName=made["Id"])
        self.stacks.get_waiter("stack_create_complete").wait(StackName="letters", WaiterConfig={"Delay": 1})
        (stack,) = self.stacks.describe_stacks(StackName="letters")["Stacks"]
        queues = client("sqs")
        (url,) = [o["OutputValue"] for o in stack["Outputs"]]
        look = lambda: queues.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]["VisibilityTimeout"]
        self.assertEqual(("60", "letters"), (look(), stack["Description"]))
        self.recent(stack["CreationTime"])

        self.stacks.create_change_set(StackName="letters", ChangeSetName="none", UsePreviousTemplate=True, Capabilities=["CAPABILITY_IAM"])
        none = eventually(lambda: (found := self.stacks.describe_change_set(StackName="letters", ChangeSetName="none"))["Status"] == "FAILED" and found)
        self.assertIn("didn't contain changes", none["StatusReason"])
        self.refused(self.errors.InvalidChangeSetStatusException, self.stacks.execute_change_set, 400, StackName="letters", ChangeSetName="none")
        for _ in range(2):
            self.stacks.delete_change_set(StackName="letters", ChangeSetName="none")
        self.assertNotIn("none", [c["ChangeSetName"] for c in pages(self.stacks, "list_change_sets", "Summaries", StackName="letters")[0]])

        changed = self.planned("second", Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "90"}])
        (change,) = self.stacks.describe_change_set(ChangeSetName=changed["Id"])["Changes"]
        self.assertEqual(("Modify", "False"), (change["ResourceChange"]["Action"], change["ResourceChange"]["Replacement"]))
        self.stacks.execute_change_set(ChangeSetName=changed["Id"])
        self.stacks.get_waiter("stack_update_complete").wait(StackName="letters", WaiterConfig={"Delay": 1})
        self.assertEqual("90", look())
        self.refused("ValidationError", self.stacks.continue_update_rollback, 400, StackName="letters")

        door("POST", "faults", [{"operation": "monitoring.PutMetricAlarm", "kind": "error", "code": "LimitExceeded", "times": 1},
                                {"operation": "sqs.SetQueueAttributes", "nth": 2, "kind": "error", "code": "AccessDenied", "times": 1}])
        body = LETTERS.replace('"Dimensions"', '"AlarmName": "letters", "Dimensions"')
        broken = self.planned("third", TemplateBody=body, Parameters=[{"ParameterKey": "Seconds", "ParameterValue": "95"}])
        self.stacks.execute_change_set(ChangeSetName=broken["Id"])
        state = lambda status: eventually(lambda: self.stacks.describe_stacks(StackName="letters")["Stacks"][0]["StackStatus"] == status)
        state("UPDATE_ROLLBACK_FAILED")
        self.stacks.continue_update_rollback(StackName="letters")
        state("UPDATE_ROLLBACK_COMPLETE")
        self.assertEqual("90", look())

        events = pages(self.stacks, "describe_stack_events", "StackEvents", StackName="letters")[0]
        self.assertEqual(("UPDATE_ROLLBACK_COMPLETE", "letters"), (events[0]["ResourceStatus"], events[0]["LogicalResourceId"]))
        self.assertEqual("REVIEW_IN_PROGRESS", events[-1]["ResourceStatus"])
        self.assertEqual(4, len(self.stacks.describe_stack_resources(StackName="letters")["StackResources"]))
        (queue,) = self.stacks.describe_stack_resources(StackName="letters", LogicalResourceId="Queue")["StackResources"]
        self.assertEqual(url, queue["PhysicalResourceId"])
        self.assertEqual(json.loads(LETTERS), self.stacks.get_template(StackName="letters")["TemplateBody"])

        self.stacks.update_termination_protection(StackName="letters", EnableTerminationProtection=True)
        self.refused("ValidationError", self.stacks.delete_stack, 400, StackName="letters")
        self.stacks.update_termination_protection(StackName="letters", EnableTerminationProtection=False)
        self.stacks.delete_stack(StackName="letters")
        self.stacks.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 1})
        self.assertEqual("DELETE_COMPLETE", self.stacks.describe_stacks(StackName=stack["StackId"])["Stacks"][0]["StackStatus"])
        self.assertEqual(["letters"], [g["logGroupName"] for g in client("logs").describe_log_groups(logGroupNamePrefix="letters")["logGroups"]])

    def test_template(self):
        """
        GetTemplateSummary: parameters and the types of resources
        ValidateTemplate: parameters, description and capabilities; what refers to nothing is ValidationError
        """
        found = self.stacks.validate_template(TemplateBody=LETTERS)
        self.assertEqual((["Seconds"], ["CAPABILITY_IAM"], "letters"), ([p["ParameterKey"] for p in found["Parameters"]], found["Capabilities"], found["Description"]))
        found = self.stacks.get_template_summary(TemplateBody=LETTERS)
        self.assertEqual((["60"], 4), ([p["DefaultValue"] for p in found["Parameters"]], len(found["ResourceTypes"])))
        self.refused("ValidationError", self.stacks.validate_template, 400, TemplateBody=LETTERS.replace('"Ref": "Queue"', '"Ref": "Quay"').replace('["Queue", "QueueName"]', '["Quay", "QueueName"]'))


if __name__ == "__main__":
    main()
