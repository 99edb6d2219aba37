"""Users and groups."""

from harness import Case, client, main, pages


class Store(Case):
    def setUp(self):
        self.store = client("identitystore")
        self.errors = self.store.exceptions
        self.id = client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]

    def ask(self, operation, **parameters):
        return getattr(self.store, operation)(IdentityStoreId=self.id, **parameters)

    def unique(self, path, value):
        return {"AlternateIdentifier": {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}}

    def test_groups(self):
        """
        CreateGroup, GetGroupId, DescribeGroup: a group is found by its display name, whatever the case
        CreateGroup: a name that is there already is ConflictException
        GetGroupId, DescribeGroup: a group that does not exist is ResourceNotFoundException, and says of what type
        ListGroups: botocore's paginator reads all pages; a filter chooses by name
        DeleteGroup: then it is found no more
        """
        ids = [self.ask("create_group", DisplayName=f"Group {n}", Description="d")["GroupId"] for n in range(5)]
        self.assertEqual(ids[3], self.ask("get_group_id", **self.unique("displayName", "group 3"))["GroupId"])
        shown = self.ask("describe_group", GroupId=ids[3])
        self.assertEqual(("Group 3", "d", self.id), (shown["DisplayName"], shown["Description"], shown["IdentityStoreId"]))
        self.refused(self.errors.ConflictException, self.ask, 400, operation="create_group", DisplayName="Group 3")
        answer = self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="get_group_id", **self.unique("displayName", "Nobody"))
        self.assertEqual("GROUP", answer["ResourceType"])
        self.assertTrue(answer["RequestId"])
        self.assertEqual("GROUP not found.", answer["Message"])  # the member of the model
        self.assertEqual("GROUP not found.", answer["Error"]["Message"])
        found, count, _ = pages(self.store, "list_groups", "Groups", IdentityStoreId=self.id, PaginationConfig={"PageSize": 2})
        self.assertLessEqual(set(ids), {g["GroupId"] for g in found})
        self.assertEqual(-(-len(found) // 2), count)
        chosen = self.ask("list_groups", Filters=[{"AttributePath": "DisplayName", "AttributeValue": "Group 4"}])["Groups"]
        self.assertEqual([ids[4]], [g["GroupId"] for g in chosen])
        self.ask("delete_group", GroupId=ids[3])
        self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="describe_group", GroupId=ids[3])

    def test_users(self):
        """
        CreateUser, GetUserId, DescribeUser: a user is found by name and by e-mail address
        CreateUser: a name that is there already is ConflictException
        GetUserId, DescribeUser: a user that does not exist is ResourceNotFoundException
        ListUsers: botocore's paginator reads all pages; a filter chooses by name
        DeleteUser: then it is found no more
        """
        new = {"UserName": "new@example.com", "DisplayName": "N E", "Name": {"GivenName": "N", "FamilyName": "E"},
               "Emails": [{"Value": "new@example.com", "Type": "work", "Primary": True}]}
        user = self.ask("create_user", **new)["UserId"]
        self.assertEqual(user, self.ask("get_user_id", **self.unique("userName", "new@example.com"))["UserId"])
        self.assertEqual(user, self.ask("get_user_id", **self.unique("emails.value", "new@example.com"))["UserId"])
        shown = self.ask("describe_user", UserId=user)
        self.assertEqual(("new@example.com", "N E", "N"), (shown["UserName"], shown["DisplayName"], shown["Name"]["GivenName"]))
        self.assertEqual("new@example.com", shown["Emails"][0]["Value"])
        self.refused(self.errors.ConflictException, self.ask, 400, operation="create_user", **new)
        found, count, _ = pages(self.store, "list_users", "Users", IdentityStoreId=self.id, PaginationConfig={"PageSize": 1})
        self.assertIn(user, {u["UserId"] for u in found})
        self.assertEqual(len(found), count)
        chosen = self.ask("list_users", Filters=[{"AttributePath": "UserName", "AttributeValue": "new@example.com"}])["Users"]
        self.assertEqual([user], [u["UserId"] for u in chosen])
        self.ask("delete_user", UserId=user)
        self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="describe_user", UserId=user)
        answer = self.refused(self.errors.ResourceNotFoundException, self.ask, 400, operation="get_user_id", **self.unique("userName", "new@example.com"))
        self.assertEqual("USER", answer["ResourceType"])

    def test_memberships(self):
        """
        CreateGroupMembership, ListGroupMemberships: a user is in a group; botocore's paginator reads all pages
        CreateGroupMembership: a second time it is ConflictException
        IsMemberInGroups: says it for each group that is asked for
        """
        groups = [self.ask("create_group", DisplayName=f"Team {n}")["GroupId"] for n in range(2)]
        users = [self.ask("create_user", UserName=f"member-{n}", DisplayName="M", Name={"GivenName": "M", "FamilyName": str(n)})["UserId"] for n in range(3)]
        for user in users:
            self.assertTrue(self.ask("create_group_membership", GroupId=groups[0], MemberId={"UserId": user})["MembershipId"])
        self.refused(self.errors.ConflictException, self.ask, 400, operation="create_group_membership", GroupId=groups[0], MemberId={"UserId": users[0]})
        found, count, _ = pages(self.store, "list_group_memberships", "GroupMemberships", IdentityStoreId=self.id, GroupId=groups[0], PaginationConfig={"PageSize": 2})
        self.assertEqual((users, 2), ([m["MemberId"]["UserId"] for m in found], count))
        results = self.ask("is_member_in_groups", MemberId={"UserId": users[0]}, GroupIds=groups)["Results"]
        self.assertEqual([(groups[0], True), (groups[1], False)], [(r["GroupId"], r["MembershipExists"]) for r in results])


if __name__ == "__main__":
    main()
