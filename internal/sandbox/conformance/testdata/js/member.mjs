import { assert, inside, open, recent } from "./harness.mjs";

const BLOCKED = "222222222203", FREE = "222222222202";
const sts = await open("sts");
assert.equal((await sts("GetCallerIdentity")).Account, "111111111111");
await sts.refused("AccessDenied", "AssumeRole", { RoleArn: "arn:aws:iam::222222222205:role/none", RoleSessionName: "nobody" });
const blocked = await inside(BLOCKED), free = await inside(FREE);
assert.match((await (await open("sts", { as: free }))("GetCallerIdentity")).Arn, /assumed-role\/OrganizationAccountAccessRole\/conformance$/);

const config = await open("config-service", { as: blocked, region: "eu-west-1" });
const [recorder] = (await config("DescribeConfigurationRecorders")).ConfigurationRecorders;
const [channel] = (await config("DescribeDeliveryChannels")).DeliveryChannels;
assert.equal((await config("DescribeDeliveryChannelStatus")).DeliveryChannelsStatus[0].name, channel.name);
assert.equal((await config("DescribeConfigurationRecorderStatus")).ConfigurationRecordersStatus[0].recording, true);
await config.refused("LastDeliveryChannelDeleteFailedException", "DeleteDeliveryChannel", { DeliveryChannelName: channel.name });
await config("StopConfigurationRecorder", { ConfigurationRecorderName: recorder.name });
await config("DeleteDeliveryChannel", { DeliveryChannelName: channel.name });
await config("DeleteConfigurationRecorder", { ConfigurationRecorderName: recorder.name });
await config.refused("NoSuchConfigurationRecorderException", "DeleteConfigurationRecorder", { ConfigurationRecorderName: recorder.name });
assert.deepEqual(await config.pages("DescribeAggregationAuthorizations", {}, "AggregationAuthorizations"), []);
await config("DeleteAggregationAuthorization", { AuthorizedAccountId: "111111111111", AuthorizedAwsRegion: "us-east-1" });

const ec2 = await open("ec2", { as: free });
const [vpc] = await ec2.pages("DescribeVpcs", { Filters: [{ Name: "is-default", Values: ["true"] }] }, "Vpcs");
assert.equal(vpc.IsDefault, true);
await ec2.refused("InvalidVpcID.NotFound", "DescribeVpcs", { VpcIds: ["vpc-00000000000000000"] });
assert.deepEqual(await ec2.pages("DescribeNetworkInterfaces", { Filters: [{ Name: "vpc-id", Values: [vpc.VpcId] }] }, "NetworkInterfaces"), []);
assert.deepEqual(await ec2.pages("DescribeInstances", { Filters: [{ Name: "vpc-id", Values: [vpc.VpcId] }] }, "Reservations"), []);
assert.ok((await ec2("DescribeRegions")).Regions.length > 10);

const iam = await open("iam", { as: free });
const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [] }), RoleName = "Java", PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
recent((await iam("CreateRole", { RoleName, AssumeRolePolicyDocument })).Role.CreateDate);
await iam.refused("EntityAlreadyExistsException", "CreateRole", { RoleName, AssumeRolePolicyDocument });
await iam.refused("NoSuchEntityException", "GetRole", { RoleName: "None" });
await iam("AttachRolePolicy", { RoleName, PolicyArn });
assert.equal((await iam.pages("ListAttachedRolePolicies", { RoleName }, "AttachedPolicies")).length, 1);
await iam.refused("DeleteConflictException", "DeleteRole", { RoleName });
await iam("DetachRolePolicy", { RoleName, PolicyArn });
await iam("UpdateAssumeRolePolicy", { RoleName, PolicyDocument: AssumeRolePolicyDocument });
assert.equal(decodeURIComponent((await iam("GetRole", { RoleName })).Role.AssumeRolePolicyDocument), AssumeRolePolicyDocument);
assert.ok((await iam.pages("ListRoles", {}, "Roles", 1)).length > 1);
await iam.sdk.waitUntilRoleExists({ client: iam.client, maxWaitTime: 30 }, { RoleName });
await iam("DeleteRole", { RoleName });

const logs = await open("cloudwatch-logs", { as: free });
await logs("CreateLogGroup", { logGroupName: "mine" });
await logs.refused("ResourceAlreadyExistsException", "CreateLogGroup", { logGroupName: "mine" });
assert.equal((await logs.pages("DescribeLogGroups", {}, "logGroups")).length, 1);
await logs("DeleteLogGroup", { logGroupName: "mine" });
await logs.refused("ResourceNotFoundException", "DeleteLogGroup", { logGroupName: "mine" });

const quotas = await open("service-quotas"), ServiceCode = "organizations";
assert.ok((await quotas.pages("ListServices", {}, "Services", 1)).some((s) => s.ServiceCode === ServiceCode));
const [quota] = await quotas.pages("ListServiceQuotas", { ServiceCode }, "Quotas");
assert.equal((await quotas("GetServiceQuota", { ServiceCode, QuotaCode: quota.QuotaCode })).Quota.Value, quota.Value);
assert.equal((await quotas.pages("ListAWSDefaultServiceQuotas", { ServiceCode }, "Quotas"))[0].Value, 10);
assert.equal((await quotas("GetAWSDefaultServiceQuota", { ServiceCode, QuotaCode: quota.QuotaCode })).Quota.Value, 10);
await quotas.refused("NoSuchResourceException", "GetServiceQuota", { ServiceCode, QuotaCode: "L-00000000" });
