import { assert, eventually, open, recent } from "./harness.mjs";

const org = await open("organizations");
const LEGACY = "ou-ab12-14444444", DEV = "ou-ab12-11111113", ONE = "222222222201";

const root = (await org.pages("ListRoots", {}, "Roots"))[0].Id;
assert.equal((await org("DescribeOrganization")).Organization.FeatureSet, "ALL");
assert.ok((await org.pages("ListAccounts", {}, "Accounts", 3)).length > 10);
assert.equal((await org.pages("ListAccountsForParent", { ParentId: LEGACY }, "Accounts", 1)).length, 5);
assert.ok((await org.pages("ListOrganizationalUnitsForParent", { ParentId: root }, "OrganizationalUnits", 1)).length > 2);
assert.equal((await org.pages("ListChildren", { ParentId: LEGACY, ChildType: "ACCOUNT" }, "Children", 2)).length, 5);
assert.equal((await org.pages("ListParents", { ChildId: ONE }, "Parents"))[0].Id, LEGACY);
assert.ok((await org.pages("ListAWSServiceAccessForOrganization", {}, "EnabledServicePrincipals")).length > 0);
await org.pages("ListDelegatedAdministrators", {}, "DelegatedAdministrators");
await org("ListPoliciesForTarget", { TargetId: ONE, Filter: "SERVICE_CONTROL_POLICY" });
assert.ok((await org("DescribeAccount", { AccountId: ONE })).Account.JoinedTimestamp instanceof Date);
assert.equal((await org("DescribeOrganizationalUnit", { OrganizationalUnitId: LEGACY })).OrganizationalUnit.Name, "Legacy");

await org("CreateOrganizationalUnit", { ParentId: root, Name: "New" });
await org.refused("DuplicateOrganizationalUnitException", "CreateOrganizationalUnit", { ParentId: root, Name: "New" });
const { OrganizationalUnit: passing } = await org("CreateOrganizationalUnit", { ParentId: root, Name: "Passing" });
const { OrganizationalUnit: renamed } = await org("UpdateOrganizationalUnit", { OrganizationalUnitId: passing.Id, Name: "Gone" });
assert.deepEqual(renamed, { ...passing, Name: "Gone" });
await org("DeleteOrganizationalUnit", { OrganizationalUnitId: passing.Id });
await org.refused("OrganizationalUnitNotFoundException", "DeleteOrganizationalUnit", { OrganizationalUnitId: passing.Id });
await org.refused("OrganizationalUnitNotEmptyException", "DeleteOrganizationalUnit", { OrganizationalUnitId: LEGACY });
await org.refused("AccountNotFoundException", "DescribeAccount", { AccountId: "999999999999" });
const e = await org.refused("InvalidInputException", "DescribeAccount", { AccountId: "x" });
assert.ok(e.Reason, "the reason is a member of the exception");
await org.refused("SourceParentNotFoundException", "MoveAccount", { AccountId: ONE, SourceParentId: root, DestinationParentId: DEV });
await org("MoveAccount", { AccountId: ONE, SourceParentId: LEGACY, DestinationParentId: DEV });

await org("TagResource", { ResourceId: ONE, Tags: [{ Key: "a", Value: "1" }, { Key: "b", Value: "2" }] });
await org("UntagResource", { ResourceId: ONE, TagKeys: ["a"] });
assert.deepEqual((await org.pages("ListTagsForResource", { ResourceId: ONE }, "Tags")).map((t) => t.Key), ["b"]);

const { CreateAccountStatus: asked } = await org("CreateAccount", { AccountName: "new", Email: "new@example.com" });
recent(asked.RequestedTimestamp);
const made = await eventually(async () => {
  const { CreateAccountStatus: s } = await org("DescribeCreateAccountStatus", { CreateAccountRequestId: asked.Id });
  return s.State !== "IN_PROGRESS" && s;
});
assert.equal(made.State, "SUCCEEDED");
recent(made.CompletedTimestamp);
assert.ok((await org.pages("ListCreateAccountStatus", {}, "CreateAccountStatuses")).some((s) => s.Id === asked.Id));
await org("CloseAccount", { AccountId: made.AccountId });

await org.refused("MasterCannotLeaveOrganizationException", "RemoveAccountFromOrganization", { AccountId: "111111111111" });
await org.refused("MasterCannotLeaveOrganizationException", "LeaveOrganization");
const stays = await org.refused("ConstraintViolationException", "RemoveAccountFromOrganization", { AccountId: "222222222202" });
assert.equal(stays.Reason, "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED");
await org("RemoveAccountFromOrganization", { AccountId: "222222222205" });
await org.refused("AccountNotFoundException", "DescribeAccount", { AccountId: "222222222205" });
