import { assert, eventually, open, recent } from "./harness.mjs";

const catalog = await open("service-catalog");
const NAME = "AWS Control Tower Account Factory";
const ProductId = (await catalog.pages("SearchProducts", { Filters: { FullTextSearch: [NAME] } }, "ProductViewSummaries"))[0].ProductId;
assert.equal((await catalog.pages("SearchProductsAsAdmin", { Filters: { Owner: ["AWS Control Tower"] } }, "ProductViewDetails"))[0].ProductViewSummary.ProductId, ProductId);
assert.equal((await catalog("DescribeProduct", { Name: NAME })).ProductViewSummary.ProductId, ProductId);
await catalog("DescribeProductAsAdmin", { Id: ProductId });
await catalog.refused("ResourceNotFoundException", "DescribeProduct", { Name: "none" });
const artifacts = (await catalog("ListProvisioningArtifacts", { ProductId })).ProvisioningArtifactDetails;
const ProvisioningArtifactId = artifacts.find((a) => a.Active).Id;
assert.ok(artifacts[0].CreatedTime instanceof Date);
assert.equal((await catalog("DescribeProvisioningArtifact", { ProductId, ProvisioningArtifactId })).Status, "AVAILABLE");
const [path] = await catalog.pages("ListLaunchPaths", { ProductId }, "LaunchPathSummaries");
assert.equal((await catalog("DescribeProvisioningParameters", { ProductId, ProvisioningArtifactId, PathId: path.Id })).ProvisioningArtifactParameters.length, 6);
const [portfolio] = await catalog.pages("ListPortfolios", {}, "PortfolioDetails");
const PortfolioId = portfolio.Id;
assert.equal((await catalog.pages("ListPortfoliosForProduct", { ProductId }, "PortfolioDetails"))[0].Id, PortfolioId);
const team = { PortfolioId, PrincipalARN: "arn:aws:iam::111111111111:role/team" };
await catalog("AssociatePrincipalWithPortfolio", { ...team, PrincipalType: "IAM" });
assert.ok((await catalog.pages("ListPrincipalsForPortfolio", { PortfolioId }, "Principals", 1)).some((p) => p.PrincipalARN === team.PrincipalARN));
await catalog("DisassociatePrincipalFromPortfolio", team);

const parameters = (unit) => Object.entries({
  AccountName: "java", AccountEmail: "java@example.com", ManagedOrganizationalUnit: unit, SSOUserEmail: "developer@example.com", SSOUserFirstName: "D", SSOUserLastName: "D",
}).map(([Key, Value]) => ({ Key, Value }));
const order = { ProductId, ProvisioningArtifactId, ProvisionedProductName: "java", ProvisioningParameters: parameters("Sandbox (ou-ab12-12222222)"), ProvisionToken: "token" };
const { RecordDetail: first } = await catalog("ProvisionProduct", order);
recent(first.CreatedTime);
assert.equal((await catalog("ProvisionProduct", order)).RecordDetail.RecordId, first.RecordId, "a repeated token");
await catalog.refused("InvalidParametersException", "ProvisionProduct", { ...order, ProvisionToken: undefined }); // the SDK makes one up
const ended = ({ RecordDetail: r }) => eventually(async () => {
  const answer = await catalog("DescribeRecord", { Id: r.RecordId });
  return ["SUCCEEDED", "FAILED"].includes(answer.RecordDetail.Status) && answer;
});
const done = await ended({ RecordDetail: first });
assert.equal(done.RecordDetail.Status, "SUCCEEDED");
const account = done.RecordOutputs.find((o) => o.OutputKey === "AccountId").OutputValue;
assert.match(account, /^\d{12}$/);
const { ProvisionedProductDetail: product } = await catalog("DescribeProvisionedProduct", { Name: "java" });
assert.equal(product.Status, "AVAILABLE");
assert.ok((await catalog.pages("GetProvisionedProductOutputs", { ProvisionedProductId: product.Id }, "Outputs", 1)).length > 2);
assert.equal((await catalog.pages("SearchProvisionedProducts", { AccessLevelFilter: { Key: "Account", Value: "self" }, Filters: { SearchQuery: ["name:java"] } }, "ProvisionedProducts"))[0].PhysicalId, account);
assert.equal((await catalog("ScanProvisionedProducts", { AccessLevelFilter: { Key: "Account", Value: "self" } })).ProvisionedProducts.length, 1);
const moved = await catalog("UpdateProvisionedProduct", { ProvisionedProductId: product.Id, ProductId, ProvisioningArtifactId, ProvisioningParameters: [{ Key: "ManagedOrganizationalUnit", Value: "Dev (ou-ab12-11111113)" }] });
assert.equal((await ended(moved)).RecordDetail.Status, "SUCCEEDED");
assert.equal((await catalog("ListRecordHistory", { SearchFilter: { Key: "provisionedproduct", Value: product.Id } })).RecordDetails.length, 2);
assert.equal((await ended(await catalog("TerminateProvisionedProduct", { ProvisionedProductId: product.Id }))).RecordDetail.Status, "SUCCEEDED");
await catalog.refused("ResourceNotFoundException", "DescribeProvisionedProduct", { Id: product.Id });
