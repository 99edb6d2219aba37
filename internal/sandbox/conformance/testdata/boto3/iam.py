"""Roles of accounts."""

import json

from harness import MANAGEMENT, Case, client, inside, main, pages

ACCOUNT, GOVERNED = "222222222202", "222222222112"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}]}
READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


class Roles(Case):
    def setUp(self):
        self.there = client("iam", inside(ACCOUNT))
        self.errors = self.there.exceptions

    def test_life(self):
        """
        CreateRole, GetRole: path, ARN, id and trust policy; the same name in other case is EntityAlreadyExistsException (409)
        GetRole: one that does not exist is NoSuchEntityException (404)
        AttachRolePolicy, ListAttachedRolePolicies, DetachRolePolicy: what is attached, once; what is not attached is NoSuchEntityException
        UpdateAssumeRolePolicy, GetRole: another trust policy
        DeleteRole: while a policy is attached it is DeleteConflictException (409)
        ListRoles: botocore's paginator reads all pages; by path
        CreateRole: a trust policy that is no JSON is MalformedPolicyDocumentException
        """
        made = self.there.create_role(RoleName="Mine", Path="/of/", AssumeRolePolicyDocument=json.dumps(TRUST), Description="d")["Role"]
        self.assertEqual(f"arn:aws:iam::{ACCOUNT}:role/of/Mine", made["Arn"])
        self.refused(self.errors.EntityAlreadyExistsException, self.there.create_role, 409, RoleName="mine", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.refused(self.errors.MalformedPolicyDocumentException, self.there.create_role, 400, RoleName="Bad", AssumeRolePolicyDocument="{")
        found = self.there.get_role(RoleName="Mine")["Role"]
        self.assertEqual((TRUST, "/of/", made["RoleId"]), (found["AssumeRolePolicyDocument"], found["Path"], found["RoleId"]))
        self.recent(found["CreateDate"])
        self.refused(self.errors.NoSuchEntityException, self.there.get_role, 404, RoleName="None")
        for _ in range(2):
            self.there.attach_role_policy(RoleName="Mine", PolicyArn=READ)
        self.assertEqual([{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ}], pages(self.there, "list_attached_role_policies", "AttachedPolicies", RoleName="Mine")[0])
        client("config", inside(ACCOUNT, "of/Mine"), region="eu-west-1").describe_configuration_recorders()
        self.refused(self.errors.DeleteConflictException, self.there.delete_role, 409, RoleName="Mine")
        self.there.detach_role_policy(RoleName="Mine", PolicyArn=READ)
        self.refused(self.errors.NoSuchEntityException, self.there.detach_role_policy, 404, RoleName="Mine", PolicyArn=READ)
        nobody = TRUST | {"Statement": []}
        self.there.update_assume_role_policy(RoleName="Mine", PolicyDocument=json.dumps(nobody))
        self.assertEqual(nobody, self.there.get_role(RoleName="Mine")["Role"]["AssumeRolePolicyDocument"])
        roles, count, _ = pages(self.there, "list_roles", "Roles", PaginationConfig={"PageSize": 1})
        self.assertEqual((count, ["Mine", "OrganizationAccountAccessRole"]), (len(roles), [r["RoleName"] for r in roles]))
        self.assertEqual(["Mine"], [r["RoleName"] for r in self.there.list_roles(PathPrefix="/of/")["Roles"]])
        self.there.delete_role(RoleName="Mine")
        self.refused(self.errors.NoSuchEntityException, self.there.delete_role, 404, RoleName="Mine")

    def test_control_tower(self):
        """
        ListRoles: an enrolled account has roles of Control Tower
        DeleteRole: those are protected: AccessDenied (403)
        """
        governed = client("iam", inside(GOVERNED, "AWSControlTowerExecution"))
        self.assertIn("aws-controltower-ConfigRecorderRole", [r["RoleName"] for r in governed.list_roles()["Roles"]])
        self.refused("AccessDenied", governed.delete_role, 403, RoleName="aws-controltower-ConfigRecorderRole")


if __name__ == "__main__":
    main()
