"""Permission sets, and who has them where."""
# speed: 10

from harness import MANAGEMENT, Case, client, eventually, main, pages

PROD, DEV = "222222222111", "222222222112"


class IdentityCenter(Case):
    def setUp(self):
        self.sso = client("sso-admin")
        self.store = client("identitystore")
        self.errors = self.sso.exceptions
        instance = self.sso.list_instances()["Instances"][0]
        self.arn, self.store_id = instance["InstanceArn"], instance["IdentityStoreId"]

    def ask(self, operation, **parameters):
        return getattr(self.sso, operation)(InstanceArn=self.arn, **parameters)

    def all(self, operation, key, **parameters):
        return pages(self.sso, operation, key, InstanceArn=self.arn, **parameters)

    def group(self, name):
        return self.store.get_group_id(IdentityStoreId=self.store_id, AlternateIdentifier={
            "UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}})["GroupId"]

    def set(self, name):
        return next(a for a in self.all("list_permission_sets", "PermissionSets")[0]
                    if self.ask("describe_permission_set", PermissionSetArn=a)["PermissionSet"]["Name"] == name)

    def assignment(self, account, permission_set, group):
        return {"TargetId": account, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": self.set(permission_set),
                "PrincipalType": "GROUP", "PrincipalId": self.group(group)}

    def created(self, request):
        """The end of a creation."""
        return eventually(lambda: (s := self.ask("describe_account_assignment_creation_status", AccountAssignmentCreationRequestId=request)[
            "AccountAssignmentCreationStatus"])["Status"] != "IN_PROGRESS" and s)

    def test_instances(self):
        """
        ListInstances, DescribeInstance: one active instance, owned by the management account, with its identity store
        """
        found, _, _ = pages(self.sso, "list_instances", "Instances")
        self.assertEqual([(MANAGEMENT, "ACTIVE")], [(i["OwnerAccountId"], i["Status"]) for i in found])
        shown = self.ask("describe_instance")
        self.assertEqual((self.store_id, MANAGEMENT), (shown["IdentityStoreId"], shown["OwnerAccountId"]))

    def test_permission_sets(self):
        """
        CreatePermissionSet: a name that is there already is ConflictException
        ListPermissionSets: ARNs only; botocore's paginator reads all pages
        DescribePermissionSet, UpdatePermissionSet: description and session duration can be changed, the rest stays
        DeletePermissionSet: then it is ResourceNotFoundException; one that is assigned is ConflictException
        """
        arns = [self.ask("create_permission_set", Name=f"Set{n}", Description="d", SessionDuration="PT2H",
                         Tags=[{"Key": "n", "Value": str(n)}])["PermissionSet"]["PermissionSetArn"] for n in range(5)]
        self.refused(self.errors.ConflictException, self.ask, 400, operation="create_permission_set", Name="Set0")
        found, count, _ = self.all("list_permission_sets", "PermissionSets", PaginationConfig={"PageSize": 2})
        self.assertLessEqual(set(arns), set(found))
        self.assertEqual(-(-len(found) // 2), count)
        self.ask("update_permission_set", PermissionSetArn=arns[0], SessionDuration="PT4H")
        shown = self.ask("describe_permission_set", PermissionSetArn=arns[0])["PermissionSet"]
        self.assertEqual(("Set0", "d", "PT4H"), (shown["Name"], shown["Description"], shown["SessionDuration"]))
        self.recent(shown["CreatedDate"])
        for arn in arns:
            self.ask("delete_permission_set", PermissionSetArn=arn)
        self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="describe_permission_set", PermissionSetArn=arns[0])
        self.refused(self.errors.ConflictException, self.ask, 400, operation="delete_permission_set", PermissionSetArn=self.set("AWSReadOnlyAccess"))

    def test_policies(self):
        """
        AttachManagedPolicyToPermissionSet, DetachManagedPolicyFromPermissionSet, ListManagedPoliciesInPermissionSet: policies come and go by ARN
        AttachManagedPolicyToPermissionSet: a policy that is attached already is ConflictException
        DetachManagedPolicyFromPermissionSet: one that is not attached is ResourceNotFoundException
        PutInlinePolicyToPermissionSet, GetInlinePolicyForPermissionSet, DeleteInlinePolicyFromPermissionSet: one inline policy, empty where there is none
        TagResource, UntagResource, ListTagsForResource: tags are added, overwritten and taken away one by one
        """
        arn = self.ask("create_permission_set", Name="Policies", Tags=[{"Key": "a", "Value": "1"}])["PermissionSet"]["PermissionSetArn"]
        mine, billing = {"PermissionSetArn": arn}, "arn:aws:iam::aws:policy/job-function/Billing"
        for policy in (billing, "arn:aws:iam::aws:policy/ReadOnlyAccess"):
            self.ask("attach_managed_policy_to_permission_set", ManagedPolicyArn=policy, **mine)
        self.refused(self.errors.ConflictException, self.ask, 400, operation="attach_managed_policy_to_permission_set", ManagedPolicyArn=billing, **mine)
        found, count, _ = self.all("list_managed_policies_in_permission_set", "AttachedManagedPolicies", PaginationConfig={"PageSize": 1}, **mine)
        self.assertEqual((["Billing", "ReadOnlyAccess"], 2), ([p["Name"] for p in found], count))
        self.ask("detach_managed_policy_from_permission_set", ManagedPolicyArn=billing, **mine)
        self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="detach_managed_policy_from_permission_set", ManagedPolicyArn=billing, **mine)
        document = '{"Version":"2012-10-17","Statement":[]}'
        self.ask("put_inline_policy_to_permission_set", InlinePolicy=document, **mine)
        self.assertEqual(document, self.ask("get_inline_policy_for_permission_set", **mine)["InlinePolicy"])
        self.ask("delete_inline_policy_from_permission_set", **mine)
        self.assertEqual("", self.ask("get_inline_policy_for_permission_set", **mine)["InlinePolicy"])
        self.ask("tag_resource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}])
        self.ask("untag_resource", ResourceArn=arn, TagKeys=["b"])
        self.assertEqual([{"Key": "a", "Value": "2"}], self.all("list_tags_for_resource", "Tags", ResourceArn=arn)[0])

    def test_references(self):
        """
        AttachCustomerManagedPolicyReferenceToPermissionSet, DetachCustomerManagedPolicyReferenceFromPermissionSet, ListCustomerManagedPolicyReferencesInPermissionSet: policies come and go by name and path
        AttachCustomerManagedPolicyReferenceToPermissionSet: one that is attached already is ConflictException
        DetachCustomerManagedPolicyReferenceFromPermissionSet: one that is not attached is ResourceNotFoundException
        PutPermissionsBoundaryToPermissionSet, GetPermissionsBoundaryForPermissionSet: a policy of AWS or of the account, the later one counts
        DeletePermissionsBoundaryFromPermissionSet, GetPermissionsBoundaryForPermissionSet: where there is none it is ResourceNotFoundException
        """
        mine = {"PermissionSetArn": self.ask("create_permission_set", Name="References")["PermissionSet"]["PermissionSetArn"]}
        one, two = {"Name": "Team", "Path": "/"}, {"Name": "Team", "Path": "/team/"}
        self.ask("attach_customer_managed_policy_reference_to_permission_set", CustomerManagedPolicyReference={"Name": "Team"}, **mine)
        self.ask("attach_customer_managed_policy_reference_to_permission_set", CustomerManagedPolicyReference=two, **mine)
        self.refused(self.errors.ConflictException, self.ask, 400, operation="attach_customer_managed_policy_reference_to_permission_set",
                     CustomerManagedPolicyReference=one, **mine)
        found, count, _ = self.all("list_customer_managed_policy_references_in_permission_set", "CustomerManagedPolicyReferences",
                                   PaginationConfig={"PageSize": 1}, **mine)
        self.assertEqual(([one, two], 2), (found, count))
        self.ask("detach_customer_managed_policy_reference_from_permission_set", CustomerManagedPolicyReference=one, **mine)
        self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="detach_customer_managed_policy_reference_from_permission_set",
                     CustomerManagedPolicyReference=one, **mine)
        for boundary in ({"CustomerManagedPolicyReference": two}, {"ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}):
            self.ask("put_permissions_boundary_to_permission_set", PermissionsBoundary=boundary, **mine)
            self.assertEqual(boundary, self.ask("get_permissions_boundary_for_permission_set", **mine)["PermissionsBoundary"])
        self.ask("delete_permissions_boundary_from_permission_set", **mine)
        for operation in ("get_permissions_boundary_for_permission_set", "delete_permissions_boundary_from_permission_set"):
            self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation=operation, **mine)

    def test_assignments(self):
        """
        CreateAccountAssignment, DescribeAccountAssignmentCreationStatus: goes from IN_PROGRESS to SUCCEEDED, and says of what
        CreateAccountAssignment: one that is there already is made again without complaint
        CreateAccountAssignment: while the same one is under way it is ConflictException
        ListAccountAssignments: of one account and one permission set
        ListAccountAssignmentsForPrincipal: everywhere, or in one account
        ListPermissionSetsProvisionedToAccount, ListAccountsForProvisionedPermissionSet: an assignment provisions its permission set
        ListAccountAssignmentCreationStatus, ListAccountAssignmentDeletionStatus: botocore's paginator reads those in the status that was asked for
        DeleteAccountAssignment, DescribeAccountAssignmentDeletionStatus: goes from IN_PROGRESS to SUCCEEDED, and the assignment is gone; of what is not there it says the same
        """
        wanted = self.assignment(PROD, "AdministratorAccess", "Platform Team")
        for _ in range(2):
            started = self.ask("create_account_assignment", **wanted)["AccountAssignmentCreationStatus"]
            self.assertEqual("IN_PROGRESS", started["Status"])
            self.refused(self.errors.ConflictException, self.ask, 400, operation="create_account_assignment", **wanted)
            running = self.all("list_account_assignment_creation_status", "AccountAssignmentsCreationStatus", Filter={"Status": "IN_PROGRESS"})[0]
            self.assertEqual([started["RequestId"]], [r["RequestId"] for r in running])
            ended = self.created(started["RequestId"])
            self.assertEqual("SUCCEEDED", ended["Status"])
            self.assertEqual(wanted, {name: ended[name] for name in wanted})
            self.recent(ended["CreatedDate"])
        done, count, _ = self.all("list_account_assignment_creation_status", "AccountAssignmentsCreationStatus",
                                  Filter={"Status": "SUCCEEDED"}, PaginationConfig={"PageSize": 1})
        self.assertEqual(len(done), count)
        there, _, _ = self.all("list_account_assignments", "AccountAssignments", AccountId=PROD, PermissionSetArn=wanted["PermissionSetArn"])
        expected = {"AccountId": PROD, "PermissionSetArn": wanted["PermissionSetArn"], "PrincipalType": "GROUP", "PrincipalId": wanted["PrincipalId"]}
        self.assertEqual([expected], there)
        everywhere, count, _ = self.all("list_account_assignments_for_principal", "AccountAssignments", PrincipalId=wanted["PrincipalId"],
                                        PrincipalType="GROUP", PaginationConfig={"PageSize": 1})
        self.assertEqual({PROD, DEV}, {a["AccountId"] for a in everywhere})
        self.assertEqual(2, count)
        here, _, _ = self.all("list_account_assignments_for_principal", "AccountAssignments", PrincipalId=wanted["PrincipalId"],
                              PrincipalType="GROUP", Filter={"AccountId": PROD})
        self.assertEqual([PROD], [a["AccountId"] for a in here])
        self.assertIn(wanted["PermissionSetArn"], self.all("list_permission_sets_provisioned_to_account", "PermissionSets", AccountId=PROD)[0])
        self.assertEqual({PROD, DEV}, set(self.all("list_accounts_for_provisioned_permission_set", "AccountIds",
                                                   PermissionSetArn=wanted["PermissionSetArn"], PaginationConfig={"PageSize": 1})[0]))
        started = self.ask("delete_account_assignment", **wanted)["AccountAssignmentDeletionStatus"]
        self.assertEqual("IN_PROGRESS", started["Status"])
        eventually(lambda: self.ask("describe_account_assignment_deletion_status", AccountAssignmentDeletionRequestId=started["RequestId"])[
            "AccountAssignmentDeletionStatus"]["Status"] == "SUCCEEDED")
        self.assertEqual([], self.all("list_account_assignments", "AccountAssignments", AccountId=PROD, PermissionSetArn=wanted["PermissionSetArn"])[0])
        self.assertEqual([started["RequestId"]], [r["RequestId"] for r in self.all(
            "list_account_assignment_deletion_status", "AccountAssignmentsDeletionStatus")[0]])
        again = self.ask("delete_account_assignment", **wanted)["AccountAssignmentDeletionStatus"]["RequestId"]
        eventually(lambda: self.ask("describe_account_assignment_deletion_status", AccountAssignmentDeletionRequestId=again)[
            "AccountAssignmentDeletionStatus"]["Status"] == "SUCCEEDED")

    def test_failures(self):
        """
        CreateAccountAssignment, DescribeAccountAssignmentCreationStatus: what cannot be assigned fails late, with a FailureReason
        CreateAccountAssignment: an account, a permission set or an instance that does not exist is ResourceNotFoundException
        CreateAccountAssignment: more than may be outstanding are refused as a whole
        DescribeAccountAssignmentCreationStatus: a request that does not exist is ResourceNotFoundException
        """
        wanted = self.assignment(PROD, "AdministratorAccess", "Auditors")
        nobody = wanted | {"PrincipalId": "00000000-0000-4000-8000-000000000000"}
        failed = self.created(self.ask("create_account_assignment", **nobody)["AccountAssignmentCreationStatus"]["RequestId"])
        self.assertEqual("FAILED", failed["Status"])
        self.assertIn("404", failed["FailureReason"])
        for wrong in ({"TargetId": "999999999999"}, {"PermissionSetArn": wanted["PermissionSetArn"][:-4] + "0000"}):
            self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="create_account_assignment", **(wanted | wrong))
        self.refused(self.errors.ValidationException, self.ask, 400, operation="create_account_assignment", **(wanted | {"TargetId": "12345678901x"}))
        self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="describe_account_assignment_creation_status",
                     AccountAssignmentCreationRequestId="00000000-0000-4000-8000-000000000000")
        codes = set()
        for n in range(40):
            try:
                self.ask("create_account_assignment", **(wanted | {"PrincipalId": f"00000000-0000-4000-8000-{n:012}"}))
            except (self.errors.ThrottlingException, self.errors.ConflictException, self.errors.ServiceQuotaExceededException) as e:
                codes.add(e.response["Error"]["Code"])
        self.assertEqual(1, len(codes), codes)

    def test_provisioning(self):
        """
        ProvisionPermissionSet, DescribePermissionSetProvisioningStatus: brings a changed permission set to the accounts that have it
        ListAccountsForProvisionedPermissionSet: tells accounts whose permission set is outdated from the others
        ProvisionPermissionSet, DescribePermissionSetProvisioningStatus: where an account lacks a policy of its own it fails late, with a FailureReason
        ListPermissionSetProvisioningStatus: botocore's paginator reads those in the status that was asked for
        """
        arn = self.set("AWSReadOnlyAccess")
        self.ask("put_inline_policy_to_permission_set", PermissionSetArn=arn, InlinePolicy='{"Version":"2012-10-17","Statement":[]}')
        accounts = lambda status: set(self.all("list_accounts_for_provisioned_permission_set", "AccountIds", PermissionSetArn=arn, ProvisioningStatus=status)[0])
        self.assertEqual({PROD, DEV}, accounts("LATEST_PERMISSION_SET_NOT_PROVISIONED"))
        for target in ({"TargetType": "AWS_ACCOUNT", "TargetId": PROD}, {"TargetType": "ALL_PROVISIONED_ACCOUNTS"}):
            started = self.ask("provision_permission_set", PermissionSetArn=arn, **target)["PermissionSetProvisioningStatus"]
            self.assertEqual("IN_PROGRESS", started["Status"])
            eventually(lambda: self.ask("describe_permission_set_provisioning_status", ProvisionPermissionSetRequestId=started["RequestId"])[
                "PermissionSetProvisioningStatus"]["Status"] == "SUCCEEDED")
            self.assertIn(PROD, accounts("LATEST_PERMISSION_SET_PROVISIONED"))
        self.assertEqual(set(), accounts("LATEST_PERMISSION_SET_NOT_PROVISIONED"))
        self.ask("attach_customer_managed_policy_reference_to_permission_set", PermissionSetArn=arn, CustomerManagedPolicyReference={"Name": "Nowhere"})
        started = self.ask("provision_permission_set", PermissionSetArn=arn, TargetType="AWS_ACCOUNT", TargetId=PROD)["PermissionSetProvisioningStatus"]
        failed = eventually(lambda: (s := self.ask("describe_permission_set_provisioning_status", ProvisionPermissionSetRequestId=started["RequestId"])[
            "PermissionSetProvisioningStatus"])["Status"] == "FAILED" and s)
        self.assertIn(f"arn:aws:iam::{PROD}:policy/Nowhere", failed["FailureReason"])
        listed, _, _ = self.all("list_permission_set_provisioning_status", "PermissionSetsProvisioningStatus", Filter={"Status": "FAILED"})
        self.assertEqual([started["RequestId"]], [r["RequestId"] for r in listed])
        self.assertEqual(2, self.all("list_permission_set_provisioning_status", "PermissionSetsProvisioningStatus",
                                     Filter={"Status": "SUCCEEDED"}, PaginationConfig={"PageSize": 1})[1])


if __name__ == "__main__":
    main()
