// speed: 60
import { assert, eventually, inside, open, recent } from "./harness.mjs";

const stacks = await open("cloudformation");
const ONE = "222222222201", StackSetName = "java", Regions = ["us-east-1"];
const TemplateBody = JSON.stringify({
  Parameters: { Path: { Type: "String", Default: "/" } },
  Resources: { Role: { Type: "AWS::IAM::Role", Properties: { RoleName: "Java", Path: { Ref: "Path" }, AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [] } } } },
});
const order = { StackSetName, TemplateBody, PermissionModel: "SERVICE_MANAGED", AutoDeployment: { Enabled: false }, Capabilities: ["CAPABILITY_NAMED_IAM"] };
const DeploymentTargets = { OrganizationalUnitIds: ["ou-ab12-14444444"], Accounts: [ONE], AccountFilterType: "INTERSECTION" };
const on = { StackSetName, Regions, DeploymentTargets };

await stacks("DeactivateOrganizationsAccess");
assert.equal((await stacks("DescribeOrganizationsAccess")).Status, "DISABLED");
await stacks("ActivateOrganizationsAccess");
await stacks("CreateStackSet", { ...order, ClientRequestToken: "token" });
await stacks("CreateStackSet", { ...order, ClientRequestToken: "token" });
await stacks.refused("NameAlreadyExistsException", "CreateStackSet", order); // the SDK makes up another token
await stacks.refused("InsufficientCapabilitiesException", "CreateStackSet", { ...order, StackSetName: "other", Capabilities: [] });
await stacks.refused("StackSetNotFoundException", "DescribeStackSet", { StackSetName: "none" });
assert.equal((await stacks("DescribeStackSet", { StackSetName })).StackSet.Status, "ACTIVE");
assert.equal((await stacks.pages("ListStackSets", { Status: "ACTIVE" }, "Summaries")).filter((s) => s.StackSetName === StackSetName).length, 1);

const ended = (OperationId) => eventually(async () => {
  const { StackSetOperation: o } = await stacks("DescribeStackSetOperation", { StackSetName, OperationId });
  recent(o.CreationTimestamp);
  return !["RUNNING", "STOPPING", "QUEUED"].includes(o.Status) && o.Status;
});
await stacks("CreateStackInstances", { ...on, OperationId: "mine" });
await stacks.refused("OperationInProgressException", "CreateStackInstances", on);
assert.equal(await ended("mine"), "SUCCEEDED");
await stacks.refused("OperationIdAlreadyExistsException", "CreateStackInstances", { ...on, OperationId: "mine" });
assert.equal((await stacks.pages("ListStackSetOperationResults", { StackSetName, OperationId: "mine" }, "Summaries"))[0].Account, ONE);
assert.equal((await stacks.pages("ListStackInstances", { StackSetName }, "Summaries", 1))[0].Status, "CURRENT");
assert.equal((await stacks("DescribeStackInstance", { StackSetName, StackInstanceAccount: ONE, StackInstanceRegion: "us-east-1" })).StackInstance.StackInstanceStatus.DetailedStatus, "SUCCEEDED");
assert.equal(await ended((await stacks("UpdateStackInstances", { ...on, ParameterOverrides: [{ ParameterKey: "Path", ParameterValue: "/other/" }] })).OperationId), "SUCCEEDED");
const update = (await stacks("UpdateStackSet", { ...order, AutoDeployment: undefined, PermissionModel: undefined, TemplateBody: TemplateBody.replace("Java", "Java2") })).OperationId;
await ended(update);
await stacks.refused("InvalidOperationException", "StopStackSetOperation", { StackSetName, OperationId: update });
await stacks.refused("OperationNotFoundException", "StopStackSetOperation", { StackSetName, OperationId: "none" });

// in the account: its stack, which nobody there can take away from the stack set
const there = await open("cloudformation", { as: await inside(ONE) });
const [stack] = await there.pages("ListStacks", { StackStatusFilter: ["CREATE_COMPLETE", "UPDATE_COMPLETE"] }, "StackSummaries");
const [shown] = await there.pages("DescribeStacks", { StackName: stack.StackName }, "Stacks");
recent(shown.CreationTime);
await there.refused("ValidationError", "DescribeStacks", { StackName: "none" });

const stopped = (await stacks("DeleteStackInstances", { ...on, RetainStacks: true })).OperationId;
await stacks("StopStackSetOperation", { StackSetName, OperationId: stopped }).catch((e) => assert.equal(e.name, "InvalidOperationException")); // it may have ended
await ended(stopped);
if ((await stacks.pages("ListStackInstances", { StackSetName }, "Summaries")).length > 0)
  assert.equal(await ended((await stacks("DeleteStackInstances", { ...on, RetainStacks: true })).OperationId), "SUCCEEDED");
assert.ok((await stacks.pages("ListStackSetOperations", { StackSetName }, "Summaries", 1)).length > 2);
await there("DeleteStack", { StackName: stack.StackName });
await there.sdk.waitUntilStackDeleteComplete({ client: there.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: stack.StackId });
await stacks("DeleteStackSet", { StackSetName });

// stack sets that depend on one another
const AutoDeployment = { Enabled: true, RetainStacksOnAccountRemoval: false };
const arn = async (name, more) => {
  await stacks("CreateStackSet", { ...order, ClientRequestToken: undefined, StackSetName: name, AutoDeployment: { ...AutoDeployment, ...more } });
  return (await stacks("DescribeStackSet", { StackSetName: name })).StackSet.StackSetARN;
};
const below = await arn("below"), above = await arn("above", { DependsOn: [below] });
assert.deepEqual((await stacks("DescribeStackSet", { StackSetName: "above" })).StackSet.AutoDeployment.DependsOn, [below]);
await stacks.refused("ValidationError", "UpdateStackSet", { StackSetName: "below", UsePreviousTemplate: true, Capabilities: ["CAPABILITY_NAMED_IAM"], AutoDeployment: { ...AutoDeployment, DependsOn: [above] } });
assert.deepEqual((await stacks("ListStackSetAutoDeploymentTargets", { StackSetName: "above" })).Summaries ?? [], []);

// a template and a list of accounts in a bucket
const s3 = await open("s3");
await s3("CreateBucket", { Bucket: "documents" });
await s3("PutObject", { Bucket: "documents", Key: "role.json", Body: TemplateBody.replace("Java", "Documented") });
await s3("PutObject", { Bucket: "documents", Key: "accounts.txt", Body: `${ONE}\n` });
const TemplateURL = "https://s3.us-east-1.amazonaws.com/documents/role.json";
assert.deepEqual((await stacks("ValidateTemplate", { TemplateURL })).Parameters.map((p) => p.ParameterKey), ["Path"]);
await stacks("CreateStackSet", { ...order, ClientRequestToken: undefined, StackSetName: "documents", TemplateBody: undefined, TemplateURL });
await stacks("CreateStackInstances", { ...on, StackSetName: "documents", DeploymentTargets: { OrganizationalUnitIds: ["ou-ab12-14444444"], AccountsUrl: "s3://documents/accounts.txt", AccountFilterType: "INTERSECTION" } });
await eventually(async () => (await stacks.pages("ListStackInstances", { StackSetName: "documents" }, "Summaries"))[0]?.Status === "CURRENT");
