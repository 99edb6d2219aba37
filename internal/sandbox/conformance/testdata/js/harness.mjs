// What the scripts of this folder share: clients of the sandbox, and what their answers are held against.
import assert from "node:assert/strict";

const endpoint = process.env.SANDBOX;

// open makes a function that calls operations by their names: await org("ListRoots", {…}).
export async function open(service, { region = "us-east-1", as, ...more } = {}) {
  const sdk = await import(`@aws-sdk/client-${service}`);
  const [kind] = Object.keys(sdk).filter((name) => name.endsWith("Client") && name !== "__Client");
  const credentials = as ?? { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const client = new sdk[kind]({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true, ...more });
  const call = (operation, input = {}) => client.send(new sdk[operation + "Command"](input));
  // pages reads a list to its end with the SDK's own paginator.
  call.pages = async (operation, input, member, pageSize) => {
    const all = [];
    for await (const page of sdk["paginate" + operation]({ client, pageSize }, { ...input })) all.push(...(page[member] ?? []));
    return all;
  };
  // refused wants an error of the class that the SDK has under that name; and of the service's base class where it has none.
  call.refused = async (name, operation, input) => {
    try {
      await call(operation, input);
    } catch (e) {
      assert.equal(e.name, name, `${operation}: ${e.message}`);
      const base = Object.keys(sdk).find((key) => key.endsWith("ServiceException") && !key.startsWith("__") && sdk[key].prototype instanceof Error && sdk[name]?.prototype instanceof sdk[key]);
      if (sdk[name]) assert.ok(e instanceof sdk[name], `${name} is not of its class`);
      assert.ok(e.$fault === "client" || e.$fault === "server" || base, "an error without a fault");
      return e;
    }
    assert.fail(`${operation} is not refused`);
  };
  call.sdk = sdk;
  call.client = client;
  return call;
}

// inside is a role in an account.
export async function inside(account, role = "OrganizationAccountAccessRole") {
  const sts = await open("sts");
  const { Credentials: c } = await sts("AssumeRole", { RoleArn: `arn:aws:iam::${account}:role/${role}`, RoleSessionName: "conformance" });
  recent(c.Expiration, 3700);
  return { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken };
}

// recent wants a time that the SDK has read, and that is near.
export function recent(time, within = 300) {
  assert.ok(time instanceof Date, `${time} is no Date`);
  assert.ok(Math.abs(time - Date.now()) < within * 1000, `${time} is not now`);
}

// eventually asks until the answer is there.
export async function eventually(look) {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    const found = await look();
    if (found) return found;
  }
  assert.fail(`it takes too long: ${look}`);
}

export { assert };
