import { assert, eventually, inside, open } from "./harness.mjs";

const ID = "222222222205", StackSetName = "leaving";
const stacks = await open("cloudformation");
const TemplateBody = JSON.stringify({ Resources: { Role: { Type: "AWS::IAM::Role", Properties: {
  RoleName: "Leaving", ManagedPolicyArns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
  AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "arn:aws:iam::111111111111:root" }, Action: "sts:AssumeRole" }] },
} } } });
await stacks("CreateStackSet", { StackSetName, TemplateBody, PermissionModel: "SERVICE_MANAGED", AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: true }, Capabilities: ["CAPABILITY_NAMED_IAM"] });
await stacks("CreateStackInstances", { StackSetName, Regions: ["us-east-1"], DeploymentTargets: { OrganizationalUnitIds: ["ou-ab12-14444444"], Accounts: [ID], AccountFilterType: "INTERSECTION" } });
await eventually(async () => (await stacks.pages("ListStackInstances", { StackSetName }, "Summaries"))[0].Status === "CURRENT");

const member = await open("organizations", { as: await inside(ID, "Leaving") });
await member("LeaveOrganization");
await member.refused("AWSOrganizationsNotInUseException", "LeaveOrganization");
const org = await open("organizations");
assert.ok(!(await org.pages("ListAccounts", {}, "Accounts")).some((a) => a.Id === ID));
await eventually(async () => (await stacks.pages("ListStackInstances", { StackSetName }, "Summaries")).length === 0);
