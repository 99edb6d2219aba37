"""A member that leaves the organization, and what stack sets make of it."""

import json

from harness import Case, client, eventually, inside, main, pages

LEGACY, STAYS, LEAVES = "ou-ab12-14444444", "222222222201", "222222222205"


class Leaving(Case):
    def test_leave_organization(self):
        """
        LeaveOrganization: a member that was invited goes when it asks to; from then on AWSOrganizationsNotInUseException
        LeaveOrganization: one that was created is ConstraintViolationException, the management account MasterCannotLeaveOrganizationException
        cloudformation.CreateStackInstances, cloudformation.ListStackInstances: with automatic deployment an instance goes when its account leaves the organization
        """
        stacks, org = client("cloudformation"), client("organizations")
        role = {"RoleName": "Leaving", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"], "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "sts:AssumeRole"}]}}
        stacks.create_stack_set(StackSetName="leaving", PermissionModel="SERVICE_MANAGED", Capabilities=["CAPABILITY_NAMED_IAM"],
                                AutoDeployment={"Enabled": True, "RetainStacksOnAccountRemoval": True},
                                TemplateBody=json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}))
        stacks.create_stack_instances(StackSetName="leaving", Regions=["us-east-1"], DeploymentTargets={
            "OrganizationalUnitIds": [LEGACY], "Accounts": [STAYS, LEAVES], "AccountFilterType": "INTERSECTION"})
        there = lambda: {i["Account"] for i in pages(stacks, "list_stack_instances", "Summaries", StackSetName="leaving")[0] if i["Status"] == "CURRENT"}
        eventually(lambda: there() == {STAYS, LEAVES})
        self.refused(org.exceptions.MasterCannotLeaveOrganizationException, org.leave_organization, 400)
        member = client("organizations", session=inside(STAYS))
        answer = self.refused(member.exceptions.ConstraintViolationException, member.leave_organization, 400)
        self.assertEqual("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", answer["Reason"])
        member = client("organizations", session=inside(LEAVES, "Leaving"))
        member.leave_organization()
        self.refused(member.exceptions.AWSOrganizationsNotInUseException, member.leave_organization, 400)
        self.refused(org.exceptions.AccountNotFoundException, org.describe_account, 400, AccountId=LEAVES)
        eventually(lambda: there() == {STAYS})


if __name__ == "__main__":
    main()
