import { assert, eventually, open, recent } from "./harness.mjs";

const stacks = await open("cloudformation");
const StackName = "java", on = { StackName };
const template = (more = {}) => JSON.stringify({
  Parameters: { Seconds: { Type: "String", Default: "60" } },
  Resources: {
    Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: "java", VisibilityTimeout: { Ref: "Seconds" } } },
    Alarm: { Type: "AWS::CloudWatch::Alarm", Properties: { ...more, Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["Queue", "QueueName"] } }] } },
  },
});
const within = { client: stacks.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
assert.deepEqual((await stacks("ValidateTemplate", { TemplateBody: template() })).Parameters.map((p) => p.ParameterKey), ["Seconds"]);
await stacks.refused("ValidationError", "ValidateTemplate", { TemplateBody: '{"Resources": {"A": {"Type": "AWS::SQS::Queue", "DependsOn": "B"}}}' });
assert.ok((await stacks("GetTemplateSummary", { TemplateBody: template() })).ResourceTypes.includes("AWS::SQS::Queue"));

// plan makes a change set, and waits as the SDK does
const plan = async (ChangeSetName, more) => {
  const { Id } = await stacks("CreateChangeSet", { ...on, ChangeSetName, ...more });
  await stacks.sdk.waitUntilChangeSetCreateComplete(within, { ChangeSetName: Id });
  return Id;
};
const first = await plan("first", { ChangeSetType: "CREATE", TemplateBody: template() });
assert.equal((await stacks("DescribeChangeSet", { ChangeSetName: first })).Changes.length, 2);
await stacks("ExecuteChangeSet", { ChangeSetName: first });
await stacks.sdk.waitUntilStackCreateComplete(within, on);
assert.equal((await stacks("GetTemplate", on)).TemplateBody, template());
assert.equal((await stacks("DescribeStackResources", on)).StackResources.length, 2);
const [newest] = await stacks.pages("DescribeStackEvents", on, "StackEvents");
recent(newest.Timestamp);
assert.equal(newest.ResourceStatus, "CREATE_COMPLETE");
await plan("idle", { TemplateBody: template({ AlarmName: "java" }) });
assert.ok((await stacks.pages("ListChangeSets", on, "Summaries")).some((s) => s.ChangeSetName === "idle"));
await stacks("DeleteChangeSet", { ...on, ChangeSetName: "idle" });
await stacks.refused("ChangeSetNotFoundException", "DescribeChangeSet", { ...on, ChangeSetName: "idle" });

// an update that can't be taken back, until somebody says so again
await stacks.refused("ValidationError", "ContinueUpdateRollback", on);
await fetch(`${process.env.SANDBOX}/_sandbox/faults`, { method: "POST", body: JSON.stringify([
  { operation: "monitoring.PutMetricAlarm", kind: "error", code: "LimitExceeded", times: 1 },
  { operation: "sqs.SetQueueAttributes", nth: 2, kind: "error", code: "AccessDenied", times: 1 },
]) });
await stacks("ExecuteChangeSet", { ChangeSetName: await plan("stuck", { TemplateBody: template({ AlarmName: "java" }), Parameters: [{ ParameterKey: "Seconds", ParameterValue: "95" }] }) });
const state = (wanted) => eventually(async () => (await stacks("DescribeStacks", on)).Stacks[0].StackStatus === wanted);
await state("UPDATE_ROLLBACK_FAILED");
await stacks("ContinueUpdateRollback", on);
await state("UPDATE_ROLLBACK_COMPLETE");

await stacks("UpdateTerminationProtection", { ...on, EnableTerminationProtection: true });
await stacks.refused("ValidationError", "DeleteStack", on);
await stacks("UpdateTerminationProtection", { ...on, EnableTerminationProtection: false });
await stacks("DeleteStack", on);
