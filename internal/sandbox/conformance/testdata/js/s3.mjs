import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { assert, open, recent } from "./harness.mjs";

const s3 = await open("s3");
const Bucket = "java", on = { Bucket };
await s3("CreateBucket", on);
await s3.sdk.waitUntilBucketExists({ client: s3.client, maxWaitTime: 30 }, on);
await s3("HeadBucket", on);
recent((await s3("ListBuckets")).Buckets.find((b) => b.Name === Bucket).CreationDate);
await s3("GetBucketLocation", on);
await s3("PutBucketVersioning", { ...on, VersioningConfiguration: { Status: "Enabled" } });
assert.equal((await s3("GetBucketVersioning", on)).Status, "Enabled");
await s3("PutBucketEncryption", { ...on, ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] } });
assert.equal((await s3("GetBucketEncryption", on)).ServerSideEncryptionConfiguration.Rules.length, 1);
await s3("DeleteBucketEncryption", on);
await s3("PutPublicAccessBlock", { ...on, PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true } });
assert.equal((await s3("GetPublicAccessBlock", on)).PublicAccessBlockConfiguration.BlockPublicAcls, true);
await s3("DeletePublicAccessBlock", on);
const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: `arn:aws:s3:::${Bucket}/*`, Condition: { Bool: { "aws:SecureTransport": "false" } } }] });
await s3("PutBucketPolicy", { ...on, Policy });
assert.equal((await s3("GetBucketPolicy", on)).Policy, Policy);
await s3("DeleteBucketPolicy", on);
await s3("PutBucketTagging", { ...on, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } });
assert.deepEqual((await s3("GetBucketTagging", on)).TagSet, [{ Key: "a", Value: "1" }]);
await s3("DeleteBucketTagging", on);
await s3("PutBucketNotificationConfiguration", { ...on, NotificationConfiguration: { EventBridgeConfiguration: {} } });
assert.deepEqual((await s3("GetBucketNotificationConfiguration", on)).EventBridgeConfiguration, {});

// A stream of unknown content leaves in chunks, with the checksum in a trailer.
const body = randomBytes(300_000), md5 = createHash("md5").update(body).digest("hex");
const put = await s3("PutObject", { ...on, Key: "a b+c/ü", Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]), ContentLength: body.length, ContentType: "text/plain", Metadata: { x: "y" }, ChecksumAlgorithm: "SHA256" });
assert.equal(put.ETag, `"${md5}"`);
await s3.sdk.waitUntilObjectExists({ client: s3.client, maxWaitTime: 30 }, { ...on, Key: "a b+c/ü" });
const at = { ...on, Key: "a b+c/ü" };
const got = await s3("GetObject", at);
assert.deepEqual(Buffer.from(await got.Body.transformToByteArray()), body);
recent(got.LastModified);
assert.deepEqual(got.Metadata, { x: "y" });
const range = await s3("GetObject", { ...at, Range: "bytes=10-19" });
assert.deepEqual(Buffer.from(await range.Body.transformToByteArray()), body.subarray(10, 20));
assert.equal(range.ContentRange, `bytes 10-19/${body.length}`);
await s3.refused("PreconditionFailed", "PutObject", { ...at, Body: "x", IfNoneMatch: "*" });
await s3.refused("NoSuchKey", "GetObject", { ...on, Key: "none" });
await s3.refused("NoSuchBucket", "ListObjectsV2", { Bucket: "none-of-these" });
await s3.refused("NotFound", "HeadObject", { ...on, Key: "none" });
assert.equal((await s3("HeadObject", at)).ContentLength, body.length);
assert.equal((await s3("GetObjectAttributes", { ...at, ObjectAttributes: ["ObjectSize"] })).ObjectSize, body.length);
await s3("PutObjectTagging", { ...at, Tagging: { TagSet: [{ Key: "a", Value: "1" }] } });
assert.equal((await s3("GetObjectTagging", at)).TagSet.length, 1);
await s3("DeleteObjectTagging", at);
await s3("CopyObject", { ...on, Key: "copy", CopySource: `${Bucket}/${encodeURIComponent("a b+c/ü")}` });

const { UploadId } = await s3("CreateMultipartUpload", { ...on, Key: "parts" });
const large = randomBytes(5 << 20), parts = [];
for (const [i, Body] of [large, Buffer.from("end")].entries())
  parts.push({ PartNumber: i + 1, ETag: (await s3("UploadPart", { ...on, Key: "parts", UploadId, PartNumber: i + 1, Body })).ETag });
// by hand: S3 always names a next part, and "0" behind the last (aws-sdk-go-v2 issue 1140, pull request 1100); the SDK's paginator
// does not ask whether the list is truncated, and so begins again
const firstPart = await s3("ListParts", { ...on, Key: "parts", UploadId, MaxParts: 1 });
assert.equal(firstPart.IsTruncated, true);
const secondPart = await s3("ListParts", { ...on, Key: "parts", UploadId, MaxParts: 1, PartNumberMarker: firstPart.NextPartNumberMarker });
assert.deepEqual([secondPart.IsTruncated, secondPart.Parts[0].PartNumber], [false, 2]);
const behind = await s3("ListParts", { ...on, Key: "parts", UploadId, PartNumberMarker: secondPart.NextPartNumberMarker });
assert.deepEqual([behind.IsTruncated, behind.NextPartNumberMarker, behind.Parts], [false, "0", undefined]);
assert.match((await s3("CompleteMultipartUpload", { ...on, Key: "parts", UploadId, MultipartUpload: { Parts: parts } })).ETag, /-2"$/);
assert.equal((await s3("HeadObject", { ...on, Key: "parts" })).ContentLength, large.length + 3);
const left = (await s3("CreateMultipartUpload", { ...on, Key: "left" })).UploadId;
assert.equal((await s3("ListMultipartUploads", on)).Uploads.length, 1);
await s3("AbortMultipartUpload", { ...on, Key: "left", UploadId: left });
await s3.refused("NoSuchUpload", "AbortMultipartUpload", { ...on, Key: "left", UploadId: "none" });

assert.deepEqual((await s3.pages("ListObjectsV2", on, "Contents", 1)).map((o) => o.Key), ["a b+c/ü", "copy", "parts"]);
assert.equal((await s3("ListObjects", { ...on, MaxKeys: 2 })).IsTruncated, true);
await s3("DeleteObject", { ...on, Key: "copy" });
const versions = await s3("ListObjectVersions", on);
const all = [...versions.Versions, ...versions.DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
assert.equal(all.length, 4);
assert.equal((await s3("DeleteObjects", { ...on, Delete: { Objects: all } })).Deleted.length, 4);
await s3("DeleteBucket", on);
await s3.sdk.waitUntilBucketNotExists({ client: s3.client, maxWaitTime: 30 }, on);
