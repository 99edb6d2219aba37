import { assert, eventually, open, recent } from "./harness.mjs";

const sso = await open("sso-admin"), store = await open("identitystore");
const [instance] = await sso.pages("ListInstances", {}, "Instances");
const InstanceArn = instance.InstanceArn, DEV = "222222222112";
recent((await sso("DescribeInstance", { InstanceArn })).CreatedDate, 1e12);
const group = (await store("GetGroupId", { IdentityStoreId: instance.IdentityStoreId, AlternateIdentifier: { UniqueAttribute: { AttributePath: "displayName", AttributeValue: "Auditors" } } })).GroupId;

const { PermissionSet } = await sso("CreatePermissionSet", { InstanceArn, Name: "Java", Tags: [{ Key: "a", Value: "1" }] });
recent(PermissionSet.CreatedDate);
const set = { InstanceArn, PermissionSetArn: PermissionSet.PermissionSetArn };
await sso.refused("ConflictException", "CreatePermissionSet", { InstanceArn, Name: "Java" });
await sso("UpdatePermissionSet", { ...set, Description: "d", SessionDuration: "PT2H" });
assert.equal((await sso("DescribePermissionSet", set)).PermissionSet.SessionDuration, "PT2H");
assert.ok((await sso.pages("ListPermissionSets", { InstanceArn }, "PermissionSets", 1)).includes(set.PermissionSetArn));

const policy = { ManagedPolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }, own = { CustomerManagedPolicyReference: { Name: "Own", Path: "/" } };
await sso("AttachManagedPolicyToPermissionSet", { ...set, ...policy });
assert.equal((await sso.pages("ListManagedPoliciesInPermissionSet", set, "AttachedManagedPolicies")).length, 1);
await sso("DetachManagedPolicyFromPermissionSet", { ...set, ...policy });
await sso.refused("ResourceNotFoundException", "DetachManagedPolicyFromPermissionSet", { ...set, ...policy });
await sso("AttachCustomerManagedPolicyReferenceToPermissionSet", { ...set, ...own });
assert.equal((await sso.pages("ListCustomerManagedPolicyReferencesInPermissionSet", set, "CustomerManagedPolicyReferences")).length, 1);
await sso("DetachCustomerManagedPolicyReferenceFromPermissionSet", { ...set, ...own });
const document = JSON.stringify({ Version: "2012-10-17", Statement: [] });
await sso("PutInlinePolicyToPermissionSet", { ...set, InlinePolicy: document });
assert.equal((await sso("GetInlinePolicyForPermissionSet", set)).InlinePolicy, document);
await sso("DeleteInlinePolicyFromPermissionSet", set);
await sso("PutPermissionsBoundaryToPermissionSet", { ...set, PermissionsBoundary: policy });
assert.deepEqual((await sso("GetPermissionsBoundaryForPermissionSet", set)).PermissionsBoundary, policy);
await sso("DeletePermissionsBoundaryFromPermissionSet", set);
await sso.refused("ResourceNotFoundException", "GetPermissionsBoundaryForPermissionSet", set);
const tags = { InstanceArn, ResourceArn: set.PermissionSetArn };
await sso("TagResource", { ...tags, Tags: [{ Key: "b", Value: "2" }] });
await sso("UntagResource", { ...tags, TagKeys: ["a"] });
assert.deepEqual((await sso.pages("ListTagsForResource", tags, "Tags")).map((t) => t.Key), ["b"]);

const target = { ...set, TargetId: DEV, TargetType: "AWS_ACCOUNT", PrincipalType: "GROUP", PrincipalId: group };
// ended waits for an asynchronous operation, whose answers call it by kind.
const ended = (kind, operation, id) => eventually(async () => {
  const answer = await sso(`Describe${operation}Status`, { InstanceArn, [kind + "RequestId"]: id });
  const status = Object.values(answer).find((member) => member?.RequestId === id);
  recent(status.CreatedDate);
  return status.Status !== "IN_PROGRESS" && status.Status;
});
const created = (await sso("CreateAccountAssignment", target)).AccountAssignmentCreationStatus;
assert.equal(created.Status, "IN_PROGRESS");
assert.equal(await ended("AccountAssignmentCreation", "AccountAssignmentCreation", created.RequestId), "SUCCEEDED");
assert.ok((await sso.pages("ListAccountAssignmentCreationStatus", { InstanceArn }, "AccountAssignmentsCreationStatus")).length > 0);
assert.equal((await sso.pages("ListAccountAssignments", { ...set, AccountId: DEV }, "AccountAssignments")).length, 1);
assert.ok((await sso.pages("ListAccountAssignmentsForPrincipal", { InstanceArn, PrincipalType: "GROUP", PrincipalId: group }, "AccountAssignments", 1)).length > 0);
assert.deepEqual(await sso.pages("ListAccountsForProvisionedPermissionSet", set, "AccountIds"), [DEV]);
assert.ok((await sso.pages("ListPermissionSetsProvisionedToAccount", { InstanceArn, AccountId: DEV }, "PermissionSets")).includes(set.PermissionSetArn));
const provisioning = (await sso("ProvisionPermissionSet", { ...set, TargetType: "ALL_PROVISIONED_ACCOUNTS" })).PermissionSetProvisioningStatus;
assert.equal(await ended("ProvisionPermissionSet", "PermissionSetProvisioning", provisioning.RequestId), "SUCCEEDED");
assert.ok((await sso.pages("ListPermissionSetProvisioningStatus", { InstanceArn }, "PermissionSetsProvisioningStatus")).length > 0);
await sso.refused("ConflictException", "DeletePermissionSet", set);
const deleted = (await sso("DeleteAccountAssignment", target)).AccountAssignmentDeletionStatus;
assert.equal(await ended("AccountAssignmentDeletion", "AccountAssignmentDeletion", deleted.RequestId), "SUCCEEDED");
assert.ok((await sso.pages("ListAccountAssignmentDeletionStatus", { InstanceArn }, "AccountAssignmentsDeletionStatus")).length > 0);
await sso("DeletePermissionSet", set);
await sso.refused("ResourceNotFoundException", "DescribePermissionSet", set);
