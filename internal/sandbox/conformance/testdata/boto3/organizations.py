"""The tree of units and accounts."""

from harness import MANAGEMENT, Case, client, eventually, main, pages

WORKLOADS, LEGACY, SANDBOX = "ou-ab12-11111111", "ou-ab12-14444444", "ou-ab12-12222222"


class Organization(Case):
    def setUp(self):
        self.org = client("organizations")
        self.errors = self.org.exceptions

    def test_organization(self):
        """
        DescribeOrganization: the organization with all features, and its management account
        ListRoots: one root, with its types of policies
        ListAWSServiceAccessForOrganization: service principals that are trusted, and since when
        ListDelegatedAdministrators: accounts that administrate for others
        """
        found = self.org.describe_organization()["Organization"]
        self.assertEqual(("ALL", MANAGEMENT), (found["FeatureSet"], found["MasterAccountId"]))
        roots, _, _ = pages(self.org, "list_roots", "Roots")
        self.assertEqual(["r-ab12"], [r["Id"] for r in roots])
        trusted, _, _ = pages(self.org, "list_aws_service_access_for_organization", "EnabledServicePrincipals")
        self.assertIn("controltower.amazonaws.com", {t["ServicePrincipal"] for t in trusted})
        for t in trusted:
            self.assertIsNotNone(t["DateEnabled"].tzinfo)
        self.assertEqual([], pages(self.org, "list_delegated_administrators", "DelegatedAdministrators")[0])

    def test_tree(self):
        """
        ListOrganizationalUnitsForParent, ListAccountsForParent: only what is directly in the parent
        ListChildren: the same ids as the two other lists
        ListParents: exactly one parent, a root or a unit
        DescribeOrganizationalUnit, DescribeAccount: what the lists say, with ARN and path
        ListParents: an id that does not exist is ChildNotFoundException
        ListAccountsForParent, ListOrganizationalUnitsForParent: a parent that does not exist is ParentNotFoundException
        DescribeOrganizationalUnit: a unit that does not exist is OrganizationalUnitNotFoundException
        DescribeAccount: an account that does not exist is AccountNotFoundException, a malformed id InvalidInputException
        """
        units, _, _ = pages(self.org, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=WORKLOADS)
        self.assertEqual({"Prod", "Dev"}, {u["Name"] for u in units})
        children, _, _ = pages(self.org, "list_children", "Children", ParentId=WORKLOADS, ChildType="ORGANIZATIONAL_UNIT")
        self.assertEqual({u["Id"] for u in units}, {c["Id"] for c in children})
        accounts, _, _ = pages(self.org, "list_accounts_for_parent", "Accounts", ParentId=LEGACY)
        children, _, _ = pages(self.org, "list_children", "Children", ParentId=LEGACY, ChildType="ACCOUNT")
        self.assertEqual({a["Id"] for a in accounts}, {c["Id"] for c in children})
        parents, _, _ = pages(self.org, "list_parents", "Parents", ChildId=units[0]["Id"])
        self.assertEqual([{"Id": WORKLOADS, "Type": "ORGANIZATIONAL_UNIT"}], parents)
        parents, _, _ = pages(self.org, "list_parents", "Parents", ChildId="222222222299")
        self.assertEqual([{"Id": "r-ab12", "Type": "ROOT"}], parents)
        self.assertEqual(units[0], self.org.describe_organizational_unit(OrganizationalUnitId=units[0]["Id"])["OrganizationalUnit"])
        account = self.org.describe_account(AccountId=accounts[0]["Id"])["Account"]
        self.assertEqual(accounts[0], account)
        self.assertRegex(account["Arn"], rf"^arn:aws:organizations::{MANAGEMENT}:account/o-\w+/{account['Id']}$")
        self.assertIsNotNone(account["JoinedTimestamp"].tzinfo)
        nowhere = "ou-ab12-99999999"
        self.refused(self.errors.ChildNotFoundException, self.org.list_parents, 400, ChildId=nowhere)
        self.refused(self.errors.ParentNotFoundException, self.org.list_accounts_for_parent, 400, ParentId=nowhere)
        self.refused(self.errors.ParentNotFoundException, self.org.list_organizational_units_for_parent, 400, ParentId=nowhere)
        self.refused(self.errors.OrganizationalUnitNotFoundException, self.org.describe_organizational_unit, 400, OrganizationalUnitId=nowhere)
        self.refused(self.errors.AccountNotFoundException, self.org.describe_account, 400, AccountId="999999999999")
        answer = self.refused(self.errors.InvalidInputException, self.org.describe_account, 400, AccountId="Not Available")
        self.assertEqual("INVALID_PATTERN", answer["Reason"])

    def test_pages(self):
        """
        CreateOrganizationalUnit: units below one parent, each name once: DuplicateOrganizationalUnitException; below another parent the name is free
        ListOrganizationalUnitsForParent: twenty a page at most, and pages that are empty although more follows
        ListAccounts: botocore's paginator reads all pages
        ListAccounts, ListOrganizationalUnitsForParent: a token of another list, and 21 items a page, are InvalidInputException
        """
        parent = self.org.create_organizational_unit(ParentId=SANDBOX, Name="Many", Tags=[{"Key": "a", "Value": "b"}])["OrganizationalUnit"]["Id"]
        for n in range(45):
            self.org.create_organizational_unit(ParentId=parent, Name=f"Unit {n}")
        self.refused(self.errors.DuplicateOrganizationalUnitException, self.org.create_organizational_unit, 400, ParentId=parent, Name="Unit 7")
        other = self.org.create_organizational_unit(ParentId=SANDBOX, Name="Unit 7")["OrganizationalUnit"]["Id"]
        self.assertEqual([SANDBOX], [p["Id"] for p in pages(self.org, "list_parents", "Parents", ChildId=other)[0]])
        units, count, empty = pages(self.org, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent)
        self.assertEqual([f"Unit {n}" for n in range(45)], sorted((u["Name"] for u in units), key=lambda n: int(n.split()[1])))
        self.assertGreaterEqual(count - empty, 3)
        self.assertGreaterEqual(empty, 1)
        accounts, count, _ = pages(self.org, "list_accounts", "Accounts", PaginationConfig={"PageSize": 2})
        self.assertEqual(len({a["Id"] for a in accounts}), len(accounts))
        self.assertIn("SUSPENDED", {a["State"] for a in accounts})
        self.assertIn("INVITED", {a["JoinedMethod"] for a in accounts})
        token = self.org.list_organizational_units_for_parent(ParentId=parent)["NextToken"]
        self.refused(self.errors.InvalidInputException, self.org.list_accounts, 400, NextToken=token)
        careless = client("organizations", parameter_validation=False)
        self.refused("InvalidInputException", careless.list_accounts, 400, MaxResults=21)

    def test_units_come_and_go(self):
        """
        UpdateOrganizationalUnit: another name, with the id and what is in the unit as they were; without a name nothing changes
        UpdateOrganizationalUnit: a name that another unit of the same parent has is DuplicateOrganizationalUnitException
        DeleteOrganizationalUnit: a unit with accounts or units in it is OrganizationalUnitNotEmptyException, closed accounts count
        DeleteOrganizationalUnit: a unit that is empty goes, its name is free, and its id is not given again
        UpdateOrganizationalUnit, DeleteOrganizationalUnit: a unit that does not exist is OrganizationalUnitNotFoundException, the root InvalidInputException
        """
        make = lambda name: self.org.create_organizational_unit(ParentId="r-ab12", Name=name)["OrganizationalUnit"]
        first, other = make("First"), make("Other")
        inner = self.org.create_organizational_unit(ParentId=first["Id"], Name="Inner")["OrganizationalUnit"]["Id"]
        renamed = self.org.update_organizational_unit(OrganizationalUnitId=first["Id"], Name="Renamed")["OrganizationalUnit"]
        self.assertEqual(first | {"Name": "Renamed"}, renamed)
        self.assertEqual(renamed, self.org.update_organizational_unit(OrganizationalUnitId=first["Id"])["OrganizationalUnit"])
        self.assertEqual([first["Id"]], [p["Id"] for p in pages(self.org, "list_parents", "Parents", ChildId=inner)[0]])
        self.refused(self.errors.DuplicateOrganizationalUnitException, self.org.update_organizational_unit, 400,
                     OrganizationalUnitId=other["Id"], Name="Renamed")
        for full in (first["Id"], LEGACY, "ou-ab12-15555555"):
            self.refused(self.errors.OrganizationalUnitNotEmptyException, self.org.delete_organizational_unit, 400, OrganizationalUnitId=full)
        self.org.delete_organizational_unit(OrganizationalUnitId=inner)
        self.org.delete_organizational_unit(OrganizationalUnitId=first["Id"])
        self.assertNotIn("Renamed", {u["Name"] for u in pages(self.org, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId="r-ab12")[0]})
        self.assertNotEqual(first["Id"], make("First")["Id"])
        for call in (self.org.update_organizational_unit, self.org.delete_organizational_unit):
            self.refused(self.errors.OrganizationalUnitNotFoundException, call, 400, OrganizationalUnitId=first["Id"])
            answer = self.refused(self.errors.InvalidInputException, call, 400, OrganizationalUnitId="r-ab12")
            self.assertEqual("INVALID_PATTERN", answer["Reason"])

    def test_create_account(self):
        """
        CreateAccount, DescribeCreateAccountStatus: goes from IN_PROGRESS to SUCCEEDED with the id of an account in the root
        CreateAccount, DescribeCreateAccountStatus: an address that is in use anywhere in AWS fails with EMAIL_ALREADY_EXISTS
        ListCreateAccountStatus: botocore's paginator reads those in the states that were asked for
        DescribeCreateAccountStatus: a request that does not exist is CreateAccountStatusNotFoundException
        """
        started = self.org.create_account(Email="new@example.com", AccountName="new", Tags=[{"Key": "team", "Value": "a"}])["CreateAccountStatus"]
        self.assertEqual(("IN_PROGRESS", "new"), (started["State"], started["AccountName"]))
        self.recent(started["RequestedTimestamp"])
        status = lambda: self.org.describe_create_account_status(CreateAccountRequestId=started["Id"])["CreateAccountStatus"]
        ended = eventually(lambda: (s := status())["State"] != "IN_PROGRESS" and s)
        self.assertEqual("SUCCEEDED", ended["State"])
        self.recent(ended["CompletedTimestamp"])
        parents = self.org.list_parents(ChildId=ended["AccountId"])["Parents"] or pages(self.org, "list_parents", "Parents", ChildId=ended["AccountId"])[0]
        self.assertEqual("ROOT", parents[0]["Type"])
        for taken in ("taken@example.com", "NEW@example.com"):
            failing = self.org.create_account(Email=taken, AccountName="again")["CreateAccountStatus"]["Id"]
            failed = eventually(lambda: (s := self.org.describe_create_account_status(CreateAccountRequestId=failing)["CreateAccountStatus"])["State"] != "IN_PROGRESS" and s)
            self.assertEqual(("FAILED", "EMAIL_ALREADY_EXISTS"), (failed["State"], failed["FailureReason"]))
        failures, _, _ = pages(self.org, "list_create_account_status", "CreateAccountStatuses", States=["FAILED"], PaginationConfig={"PageSize": 1})
        self.assertEqual(2, len(failures))
        self.refused(self.errors.CreateAccountStatusNotFoundException, self.org.describe_create_account_status, 400, CreateAccountRequestId="car-00000000")

    def test_move_account(self):
        """
        MoveAccount: an account has one parent after another
        MoveAccount: a wrong source is SourceParentNotFoundException, a place that it stands in already DuplicateAccountException
        MoveAccount: a destination that does not exist is DestinationParentNotFoundException
        """
        move = {"AccountId": "222222222201", "SourceParentId": LEGACY, "DestinationParentId": "r-ab12"}
        self.org.move_account(**move)
        self.assertEqual("r-ab12", pages(self.org, "list_parents", "Parents", ChildId="222222222201")[0][0]["Id"])
        self.refused(self.errors.SourceParentNotFoundException, self.org.move_account, 400, **move)
        self.refused(self.errors.DuplicateAccountException, self.org.move_account, 400, **(move | {"SourceParentId": "r-ab12"}))
        self.refused(self.errors.DestinationParentNotFoundException, self.org.move_account, 400,
                     **(move | {"SourceParentId": "r-ab12", "DestinationParentId": "ou-ab12-99999999"}))
        self.org.move_account(AccountId="222222222201", SourceParentId="r-ab12", DestinationParentId=LEGACY)

    def test_close_account(self):
        """
        CloseAccount: the account is PENDING_CLOSURE or SUSPENDED then; closing it again is AccountAlreadyClosedException
        """
        self.org.close_account(AccountId="222222222202")
        self.assertIn(self.org.describe_account(AccountId="222222222202")["Account"]["State"], ("PENDING_CLOSURE", "SUSPENDED"))
        with self.assertRaises((self.errors.AccountAlreadyClosedException, self.errors.ConflictException)):
            self.org.close_account(AccountId="222222222202")

    def test_remove_account(self):
        """
        RemoveAccountFromOrganization: an account that was invited goes: no list has it, and its address stays taken
        RemoveAccountFromOrganization: one that was created stays for four days, and then for want of a payment method: ConstraintViolationException
        RemoveAccountFromOrganization: the management account is MasterCannotLeaveOrganizationException, an account that does not exist AccountNotFoundException
        """
        remove = self.org.remove_account_from_organization
        answer = self.refused(self.errors.ConstraintViolationException, remove, 400, AccountId="222222222201")
        self.assertEqual("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED", answer["Reason"])
        asked = self.org.create_account(Email="young@example.com", AccountName="young")["CreateAccountStatus"]["Id"]
        made = eventually(lambda: (s := self.org.describe_create_account_status(CreateAccountRequestId=asked)["CreateAccountStatus"])["State"] != "IN_PROGRESS" and s)
        answer = self.refused(self.errors.ConstraintViolationException, remove, 400, AccountId=made["AccountId"])
        self.assertEqual("WAIT_PERIOD_ACTIVE", answer["Reason"])
        self.refused(self.errors.MasterCannotLeaveOrganizationException, remove, 400, AccountId=MANAGEMENT)
        gone = next(a for a in pages(self.org, "list_accounts_for_parent", "Accounts", ParentId=LEGACY)[0] if a["JoinedMethod"] == "INVITED")
        remove(AccountId=gone["Id"])
        for accounts in (pages(self.org, "list_accounts", "Accounts")[0], pages(self.org, "list_accounts_for_parent", "Accounts", ParentId=LEGACY)[0]):
            self.assertNotIn(gone["Id"], {a["Id"] for a in accounts})
        self.refused(self.errors.AccountNotFoundException, remove, 400, AccountId=gone["Id"])
        self.refused(self.errors.ChildNotFoundException, self.org.list_parents, 400, ChildId=gone["Id"])
        failing = self.org.create_account(Email=gone["Email"], AccountName="again")["CreateAccountStatus"]["Id"]
        failed = eventually(lambda: (s := self.org.describe_create_account_status(CreateAccountRequestId=failing)["CreateAccountStatus"])["State"] != "IN_PROGRESS" and s)
        self.assertEqual("EMAIL_ALREADY_EXISTS", failed["FailureReason"])

    def test_tags(self):
        """
        TagResource, UntagResource, ListTagsForResource: tags of accounts, units and the root are added, overwritten and taken away
        TagResource: a resource that does not exist is TargetNotFoundException; the 51st tag is ConstraintViolationException
        """
        for target in ("222222222111", WORKLOADS, "r-ab12"):
            self.org.tag_resource(ResourceId=target, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
            self.org.tag_resource(ResourceId=target, Tags=[{"Key": "b", "Value": "3"}])
            self.org.untag_resource(ResourceId=target, TagKeys=["a"])
            self.assertEqual([{"Key": "b", "Value": "3"}], pages(self.org, "list_tags_for_resource", "Tags", ResourceId=target)[0])
        self.refused(self.errors.TargetNotFoundException, self.org.tag_resource, 400, ResourceId="999999999999", Tags=[{"Key": "a", "Value": "1"}])
        answer = self.refused(self.errors.ConstraintViolationException, self.org.tag_resource, 400,
                              ResourceId=WORKLOADS, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
        self.assertEqual("MAX_TAG_LIMIT_EXCEEDED", answer["Reason"])

    def test_policies(self):
        """
        ListPoliciesForTarget: FullAWSAccess on an account, and one more on a unit that is registered
        ListPoliciesForTarget: a target that does not exist is TargetNotFoundException
        """
        org = client("organizations")
        def names(target):
            return [p["Name"] for p in pages(org, "list_policies_for_target", "Policies", TargetId=target, Filter="SERVICE_CONTROL_POLICY")[0]]
        self.assertEqual(["FullAWSAccess"], names("222222222201"))
        self.assertEqual(2, len(names("ou-ab12-11111113")))
        self.refused(org.exceptions.TargetNotFoundException, org.list_policies_for_target, 400, TargetId="999999999999", Filter="SERVICE_CONTROL_POLICY")


if __name__ == "__main__":
    main()
