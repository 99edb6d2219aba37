"""Buckets, and the versions of their objects."""

import base64
import hashlib
import io
import json
import urllib.request
import zlib

from boto3.s3.transfer import TransferConfig

from harness import Case, client, main, pages

MIB = 1 << 20


def encoded(digest):
    return base64.b64encode(digest).decode()


class Buckets(Case):
    def setUp(self):
        self.s3 = client("s3")
        self.errors = self.s3.exceptions

    def bucket(self, name, versions=False):
        self.s3.create_bucket(Bucket=name)
        if versions:
            self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def put(self, bucket, key, body=b"x", **more):
        return self.s3.put_object(Bucket=bucket, Key=key, Body=body, **more)

    def get(self, bucket, key, **more):
        return self.s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()

    def test_buckets(self):
        """
        CreateBucket, HeadBucket: botocore's waiters bucket_exists and bucket_not_exists see it come and go
        CreateBucket: one's own bucket again is BucketAlreadyOwnedByYou (409) outside us-east-1; a malformed name is InvalidBucketName
        GetBucketLocation: the Region it was made in, and nothing for us-east-1
        ListBuckets: botocore's paginator reads all pages; each bucket with the time it was made
        DeleteBucket: a bucket with objects is BucketNotEmpty (409); HeadBucket is 404 then
        """
        name = self.bucket("first-bucket")
        self.s3.get_waiter("bucket_exists").wait(Bucket=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})
        self.assertIsNone(self.s3.get_bucket_location(Bucket=name)["LocationConstraint"])
        away = client("s3", region="eu-west-1")
        for expected in (None, "BucketAlreadyOwnedByYou"):
            make = lambda: away.create_bucket(Bucket="second-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            self.refused(expected, make, 409) if expected else make()
        self.assertEqual("eu-west-1", away.get_bucket_location(Bucket="second-bucket")["LocationConstraint"])
        self.refused("InvalidBucketName", self.s3.create_bucket, 400, Bucket="Capital_Letters")
        found, count, _ = pages(self.s3, "list_buckets", "Buckets", PaginationConfig={"PageSize": 1})
        self.assertLessEqual({"first-bucket", "second-bucket"}, {b["Name"] for b in found})
        self.assertEqual(len(found), count)
        self.recent(found[0]["CreationDate"])
        self.put(name, "a")
        self.refused("BucketNotEmpty", self.s3.delete_bucket, 409, Bucket=name)
        self.s3.delete_object(Bucket=name, Key="a")
        self.s3.delete_bucket(Bucket=name)
        self.s3.get_waiter("bucket_not_exists").wait(Bucket=name, WaiterConfig={"Delay": 1, "MaxAttempts": 5})
        self.refused("404", self.s3.head_bucket, 404, Bucket=name)
        self.refused(self.errors.NoSuchBucket, self.s3.list_objects_v2, 404, Bucket=name)

    def test_settings(self):
        """
        PutBucketVersioning, GetBucketVersioning: nothing, Enabled or Suspended
        PutPublicAccessBlock, GetPublicAccessBlock, DeletePublicAccessBlock: what was put is read; without it is NoSuchPublicAccessBlockConfiguration
        PutBucketEncryption, GetBucketEncryption, DeleteBucketEncryption: AES256 unless something else was put
        PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy: what was put is read; without it is NoSuchBucketPolicy
        PutBucketTagging, GetBucketTagging, DeleteBucketTagging: what was put is read; without it is NoSuchTagSet
        """
        mine = {"Bucket": self.bucket("settings")}
        self.assertNotIn("Status", self.s3.get_bucket_versioning(**mine))
        for status in ("Enabled", "Suspended"):
            self.s3.put_bucket_versioning(VersioningConfiguration={"Status": status}, **mine)
            self.assertEqual(status, self.s3.get_bucket_versioning(**mine)["Status"])
        block = {n: True for n in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}
        self.s3.put_public_access_block(PublicAccessBlockConfiguration=block, **mine)
        self.assertEqual(block, self.s3.get_public_access_block(**mine)["PublicAccessBlockConfiguration"])
        self.s3.delete_public_access_block(**mine)
        self.refused("NoSuchPublicAccessBlockConfiguration", self.s3.get_public_access_block, 404, **mine)
        algorithm = lambda: self.s3.get_bucket_encryption(**mine)["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        self.assertEqual("AES256", algorithm())
        self.s3.put_bucket_encryption(ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}, **mine)
        self.assertEqual("aws:kms", algorithm())
        self.s3.delete_bucket_encryption(**mine)
        self.assertEqual("AES256", algorithm())
        self.refused("NoSuchBucketPolicy", self.s3.get_bucket_policy, 404, **mine)
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::settings/*"}]}
        self.s3.put_bucket_policy(Policy=json.dumps(policy), **mine)
        self.assertEqual(policy, json.loads(self.s3.get_bucket_policy(**mine)["Policy"]))
        self.s3.delete_bucket_policy(**mine)
        self.refused("NoSuchBucketPolicy", self.s3.get_bucket_policy, 404, **mine)
        tags = [{"Key": "team", "Value": "a + b"}]
        self.s3.put_bucket_tagging(Tagging={"TagSet": tags}, **mine)
        self.assertEqual(tags, self.s3.get_bucket_tagging(**mine)["TagSet"])
        self.s3.delete_bucket_tagging(**mine)
        self.refused("NoSuchTagSet", self.s3.get_bucket_tagging, 404, **mine)

    def test_objects(self):
        """
        PutObject, GetObject, HeadObject: body, type, metadata and ETag; botocore's waiter object_exists sees it
        GetObject: a range (206), a range out of the object (416), and If-None-Match (304)
        GetObject, HeadObject: a key that is not there is NoSuchKey (404)
        PutObject, GetObject: keys with blanks, signs and letters from everywhere
        GetObject: a presigned URL works without a header
        DeleteObject: a key that is not there is fine (204); botocore's waiter object_not_exists sees it gone
        """
        name = self.bucket("objects")
        key, body = "in/Grüße +&%?#<> 你好/a..b.csv", bytes(range(256)) * 8
        out = self.put(name, key, body, ContentType="text/csv", Metadata={"sent-by": "somebody"}, CacheControl="no-store")
        self.assertEqual(f'"{hashlib.md5(body).hexdigest()}"', out["ETag"])
        self.s3.get_waiter("object_exists").wait(Bucket=name, Key=key, WaiterConfig={"Delay": 1, "MaxAttempts": 5})
        for shown in (self.s3.head_object(Bucket=name, Key=key), self.s3.get_object(Bucket=name, Key=key)):
            self.assertEqual((len(body), "text/csv", {"sent-by": "somebody"}, "no-store", out["ETag"]), (
                shown["ContentLength"], shown["ContentType"], shown["Metadata"], shown["CacheControl"], shown["ETag"]))
            self.recent(shown["LastModified"])
        self.assertEqual(body, self.get(name, key))
        part = self.s3.get_object(Bucket=name, Key=key, Range="bytes=10-19")
        self.assertEqual((body[10:20], f"bytes 10-19/{len(body)}"), (part["Body"].read(), part["ContentRange"]))
        self.assertEqual(body[-5:], self.get(name, key, Range="bytes=-5"))
        self.refused("InvalidRange", self.s3.get_object, 416, Bucket=name, Key=key, Range="bytes=9999-")
        self.refused("304", self.s3.get_object, 304, Bucket=name, Key=key, IfNoneMatch=out["ETag"])
        self.refused("PreconditionFailed", self.s3.get_object, 412, Bucket=name, Key=key, IfMatch='"none"')
        self.refused(self.errors.NoSuchKey, self.s3.get_object, 404, Bucket=name, Key="none")
        self.refused("404", self.s3.head_object, 404, Bucket=name, Key="none")
        presigned = client("s3", signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": name, "Key": key})
        with urllib.request.urlopen(presigned) as answer:
            self.assertEqual(body, answer.read())
        for _ in range(2):
            self.s3.delete_object(Bucket=name, Key=key)
        self.s3.get_waiter("object_not_exists").wait(Bucket=name, Key=key, WaiterConfig={"Delay": 1, "MaxAttempts": 5})

    def test_checksums(self):
        """
        PutObject, GetObject: CRC32, CRC32C, CRC64NVME, SHA1 and SHA256 are verified, kept, and verified by botocore on the way back
        PutObject: a checksum or a Content-MD5 that does not fit is BadDigest (400)
        GetObjectAttributes: checksum, size and ETag of the object
        """
        name, body = self.bucket("checksums"), b"1,2,3\n" * 999
        known = {"CRC32": encoded(zlib.crc32(body).to_bytes(4, "big")), "SHA1": encoded(hashlib.sha1(body).digest()), "SHA256": encoded(hashlib.sha256(body).digest())}
        algorithms = ["CRC32", "SHA1", "SHA256"]
        try:
            import awscrt.checksums
            known |= {"CRC32C": encoded(awscrt.checksums.crc32c(body).to_bytes(4, "big")), "CRC64NVME": encoded(awscrt.checksums.crc64nvme(body).to_bytes(8, "big"))}
            algorithms += ["CRC32C", "CRC64NVME"]
        except ImportError:  # botocore computes these two only with awscrt; so they are computed here
            known |= {"CRC32C": encoded(crc(body, 32, 0x82F63B78)), "CRC64NVME": encoded(crc(body, 64, 0x9A6C9329AC4BC9B5))}
        for algorithm, value in known.items():
            given = {"ChecksumAlgorithm": algorithm} if algorithm in algorithms else {"Checksum" + algorithm: value}
            out = self.put(name, algorithm, body, **given)
            self.assertEqual(value, out["Checksum" + algorithm])
            got = self.s3.get_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")
            self.assertEqual((value, body), (got["Checksum" + algorithm], got["Body"].read()))
            self.assertEqual(value, self.s3.head_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")["Checksum" + algorithm])
            shown = self.s3.get_object_attributes(Bucket=name, Key=algorithm, ObjectAttributes=["Checksum", "ObjectSize", "ETag", "StorageClass"])
            self.assertEqual((value, len(body), hashlib.md5(body).hexdigest()), (shown["Checksum"]["Checksum" + algorithm], shown["ObjectSize"], shown["ETag"]))
            self.refused("BadDigest", self.put, 400, bucket=name, key="wrong", body=b"other", **{"Checksum" + algorithm: value})
        self.refused("BadDigest", self.put, 400, bucket=name, key="wrong", body=b"other", ContentMD5=encoded(hashlib.md5(body).digest()))
        self.refused("404", self.s3.head_object, 404, Bucket=name, Key="wrong")

    def test_conditional_writes(self):
        """
        PutObject: If-None-Match * writes only where nothing is, If-Match only over the ETag that is there; else PreconditionFailed (412)
        PutObject: If-Match on a key that is not there is NoSuchKey (404)
        CompleteMultipartUpload: the same conditions
        """
        name = self.bucket("conditional")
        tag = self.put(name, "a", b"1", IfNoneMatch="*")["ETag"]
        self.refused("PreconditionFailed", self.put, 412, bucket=name, key="a", body=b"2", IfNoneMatch="*")
        self.put(name, "a", b"3", IfMatch=tag)
        self.refused("PreconditionFailed", self.put, 412, bucket=name, key="a", body=b"4", IfMatch=tag)
        self.refused("NoSuchKey", self.put, 404, bucket=name, key="none", body=b"5", IfMatch=tag)
        self.assertEqual(b"3", self.get(name, "a"))
        upload = self.s3.create_multipart_upload(Bucket=name, Key="a")["UploadId"]
        part = self.s3.upload_part(Bucket=name, Key="a", UploadId=upload, PartNumber=1, Body=b"6")["ETag"]
        self.refused("PreconditionFailed", self.s3.complete_multipart_upload, 412, Bucket=name, Key="a", UploadId=upload, IfNoneMatch="*",
                     MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
        self.assertEqual(b"3", self.get(name, "a"))

    def test_versions(self):
        """
        PutObject, GetObject: every write has its own version, which stays readable by its id
        DeleteObject: leaves a delete marker, and NoSuchKey; deleting the marker brings the object back
        HeadObject: of a delete marker is MethodNotAllowed (405)
        ListObjectVersions: botocore's paginator reads versions and markers, the newest first
        DeleteObjects: versions and keys, each with its own result
        PutBucketVersioning: while it is suspended, writes are the version null
        GetObject: a version that does not exist is NoSuchVersion (404)
        """
        name = self.bucket("versions", versions=True)
        ids = [self.put(name, "a", str(n).encode())["VersionId"] for n in range(3)]
        self.assertEqual([b"0", b"1", b"2"], [self.get(name, "a", VersionId=v) for v in ids])
        out = self.s3.delete_object(Bucket=name, Key="a")
        self.assertTrue(out["DeleteMarker"])
        self.refused(self.errors.NoSuchKey, self.s3.get_object, 404, Bucket=name, Key="a")
        self.refused("405", self.s3.head_object, 405, Bucket=name, Key="a", VersionId=out["VersionId"])
        versions, count, _ = pages(self.s3, "list_object_versions", "Versions", Bucket=name, PaginationConfig={"PageSize": 2})
        self.assertEqual((ids[::-1], 2), ([v["VersionId"] for v in versions], count))
        markers, _, _ = pages(self.s3, "list_object_versions", "DeleteMarkers", Bucket=name)
        self.assertEqual([(out["VersionId"], True)], [(m["VersionId"], m["IsLatest"]) for m in markers])
        self.assertTrue(self.s3.delete_object(Bucket=name, Key="a", VersionId=out["VersionId"])["DeleteMarker"])
        self.assertEqual(b"2", self.get(name, "a"))
        deleted = self.s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "a", "VersionId": ids[2]}, {"Key": "none"}]})["Deleted"]
        self.assertEqual({("a", ids[2]), ("none", None)}, {(d["Key"], d.get("VersionId")) for d in deleted})
        self.assertEqual(b"1", self.get(name, "a"))
        self.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
        for body in (b"null 1", b"null 2"):
            self.put(name, "a", body)
        self.assertEqual((b"null 2", b"1"), (self.get(name, "a", VersionId="null"), self.get(name, "a", VersionId=ids[1])))
        self.refused("NoSuchVersion", self.s3.get_object, 404, Bucket=name, Key="a", VersionId=ids[2])

    def test_lists(self):
        """
        ListObjectsV2, ListObjects: botocore's paginators read all keys in order, and a prefix level by level
        ListObjectsV2: StartAfter, and sizes and times of each object
        DeleteObjects: a thousand keys at once, quietly
        """
        name = self.bucket("lists")
        keys = sorted([f"{folder}/{n:02} +&<.csv" for folder in ("done", "in", "in/old") for n in range(12)] + ["top", "ünten"], key=lambda k: k.encode())
        for key in keys:
            self.put(name, key, key.encode())
        for operation in ("list_objects_v2", "list_objects"):
            found, count, _ = pages(self.s3, operation, "Contents", Bucket=name, PaginationConfig={"PageSize": 5})
            self.assertEqual((keys, 8), ([o["Key"] for o in found], count))
            self.assertEqual([len(k.encode()) for k in keys], [o["Size"] for o in found])
            self.recent(found[0]["LastModified"])
            folders, _, _ = pages(self.s3, operation, "CommonPrefixes", Bucket=name, Delimiter="/", PaginationConfig={"PageSize": 2})
            self.assertEqual(["done/", "in/"], [f["Prefix"] for f in folders])
            inside, _, _ = pages(self.s3, operation, "Contents", Bucket=name, Delimiter="/", Prefix="in/", PaginationConfig={"PageSize": 5})
            self.assertEqual(12, len(inside))
        page = self.s3.list_objects_v2(Bucket=name, StartAfter="in/old/11 +&<.csv", MaxKeys=1)
        self.assertEqual((["top"], 1, True), ([o["Key"] for o in page["Contents"]], page["KeyCount"], page["IsTruncated"]))
        out = self.s3.delete_objects(Bucket=name, Delete={"Quiet": True, "Objects": [{"Key": k} for k in keys]})
        self.assertFalse({"Deleted", "Errors"} & set(out))
        self.assertEqual(0, self.s3.list_objects_v2(Bucket=name)["KeyCount"])

    def test_copies_and_tags(self):
        """
        CopyObject: body, metadata and tags go along, or are replaced; of a version too
        PutObjectTagging, GetObjectTagging, DeleteObjectTagging: of a version, or of the newest one
        """
        name = self.bucket("copies", versions=True)
        first = self.put(name, "from here +", b"1", Metadata={"a": "b"}, Tagging="k=v%20w")["VersionId"]
        self.put(name, "from here +", b"2")
        source = {"Bucket": name, "Key": "from here +", "VersionId": first}
        out = self.s3.copy_object(Bucket=name, Key="to", CopySource=source)
        self.assertEqual(first, out["CopySourceVersionId"])
        self.recent(out["CopyObjectResult"]["LastModified"])
        self.assertEqual((b"1", {"a": "b"}), (self.get(name, "to"), self.s3.head_object(Bucket=name, Key="to")["Metadata"]))
        self.assertEqual([{"Key": "k", "Value": "v w"}], self.s3.get_object_tagging(Bucket=name, Key="to")["TagSet"])
        self.s3.copy_object(Bucket=name, Key="to", CopySource=source, MetadataDirective="REPLACE", Metadata={"c": "d"}, TaggingDirective="REPLACE", Tagging="")
        self.assertEqual({"c": "d"}, self.s3.head_object(Bucket=name, Key="to")["Metadata"])
        self.s3.put_object_tagging(Bucket=name, Key="to", Tagging={"TagSet": [{"Key": "x", "Value": "y"}]})
        self.assertEqual([{"Key": "x", "Value": "y"}], self.s3.get_object_tagging(Bucket=name, Key="to")["TagSet"])
        self.s3.delete_object_tagging(Bucket=name, Key="to")
        self.assertEqual([], self.s3.get_object_tagging(Bucket=name, Key="to")["TagSet"])
        self.refused("NoSuchKey", self.s3.copy_object, 404, Bucket=name, Key="to", CopySource={"Bucket": name, "Key": "none"})

    def test_multipart(self):
        """
        CreateMultipartUpload, UploadPart, CompleteMultipartUpload: boto3's upload_fileobj in parts, and download_fileobj in ranges
        CompleteMultipartUpload: the ETag ends with the number of parts; parts that are missing, too small or in disorder are refused
        ListParts, ListMultipartUploads: botocore's paginators read what is under way
        AbortMultipartUpload: takes it away; then it is NoSuchUpload (404)
        GetObjectAttributes: the parts of the object
        """
        name = self.bucket("multipart")
        body = bytes(n * 7 % 251 for n in range(9 * MIB))
        self.s3.upload_fileobj(io.BytesIO(body), name, "big", Config=TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB))
        self.assertRegex(self.s3.head_object(Bucket=name, Key="big")["ETag"], '^"[0-9a-f]{32}-2"$')
        back = io.BytesIO()
        self.s3.download_fileobj(name, "big", back, Config=TransferConfig(multipart_threshold=2 * MIB, multipart_chunksize=2 * MIB))
        self.assertEqual(hashlib.sha256(body).digest(), hashlib.sha256(back.getvalue()).digest())
        shown = self.s3.get_object_attributes(Bucket=name, Key="big", ObjectAttributes=["ObjectParts", "Checksum"])
        self.assertEqual(2, shown["ObjectParts"]["TotalPartsCount"])
        mine = {"Bucket": name, "Key": "slow", "UploadId": self.s3.create_multipart_upload(Bucket=name, Key="slow")["UploadId"]}
        tags = {n: self.s3.upload_part(PartNumber=n, Body=bytes([n]) * 10, **mine)["ETag"] for n in (1, 2, 3)}
        parts, count, _ = pages(self.s3, "list_parts", "Parts", PaginationConfig={"PageSize": 2}, **mine)
        self.assertEqual(([(1, 10), (2, 10), (3, 10)], 2), ([(p["PartNumber"], p["Size"]) for p in parts], count))
        uploads, _, _ = pages(self.s3, "list_multipart_uploads", "Uploads", Bucket=name)
        self.assertEqual([("slow", mine["UploadId"])], [(u["Key"], u["UploadId"]) for u in uploads])
        self.recent(uploads[0]["Initiated"])
        for error, numbers in (("EntityTooSmall", [1, 2]), ("InvalidPartOrder", [2, 1]), ("InvalidPart", [7])):
            self.refused(error, self.s3.complete_multipart_upload, 400, MultipartUpload={
                "Parts": [{"PartNumber": n, "ETag": tags.get(n, '"none"')} for n in numbers]}, **mine)
        self.s3.abort_multipart_upload(**mine)
        self.refused(self.errors.NoSuchUpload, self.s3.list_parts, 404, **mine)

    def test_multipart_checksums(self):
        """
        CompleteMultipartUpload: a full-object CRC64NVME, CRC32 or a composite SHA256, as the upload was begun
        """
        name, parts = self.bucket("composite"), [b"a" * 5 * MIB, b"the end"]
        whole = b"".join(parts)
        composite = encoded(hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in parts)).digest()) + "-2"
        for algorithm, kind, value in (
            ("SHA256", "COMPOSITE", composite), ("CRC32", "FULL_OBJECT", encoded(zlib.crc32(whole).to_bytes(4, "big"))),
        ):
            mine = {"Bucket": name, "Key": algorithm}
            begun = self.s3.create_multipart_upload(ChecksumAlgorithm=algorithm, ChecksumType=kind, **mine)
            self.assertEqual((algorithm, kind), (begun["ChecksumAlgorithm"], begun["ChecksumType"]))
            mine["UploadId"] = begun["UploadId"]
            sent = [self.s3.upload_part(PartNumber=n, Body=p, ChecksumAlgorithm=algorithm, **mine) for n, p in enumerate(parts, 1)]
            done = self.s3.complete_multipart_upload(MultipartUpload={"Parts": [
                {"PartNumber": n, "ETag": s["ETag"], "Checksum" + algorithm: s["Checksum" + algorithm]} for n, s in enumerate(sent, 1)]}, **mine)
            self.assertEqual((value, kind), (done["Checksum" + algorithm], done["ChecksumType"]))
            got = self.s3.get_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")
            self.assertEqual((value, kind, len(whole)), (got["Checksum" + algorithm], got["ChecksumType"], len(got["Body"].read())))

    def test_notifications(self):
        """
        PutBucketNotificationConfiguration, GetBucketNotificationConfiguration: queues with filters, and EventBridge
        PutBucketNotificationConfiguration: the queue gets a test event, then a record of each write; the key is URL-encoded
        PutBucketNotificationConfiguration: a queue that does not exist is InvalidArgument
        """
        sqs = client("sqs")
        url = sqs.create_queue(QueueName="uploads")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue}]})})
        name = self.bucket("notified", versions=True)
        configuration = {
            "QueueConfigurations": [{"Id": "csv", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"],
                                     "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".csv"}]}}}],
            "EventBridgeConfiguration": {},
        }
        self.s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)
        got = self.s3.get_bucket_notification_configuration(Bucket=name)
        got.pop("ResponseMetadata")
        self.assertEqual(configuration, got)
        version = self.put(name, "in/a b(1)+.csv", b"1,2")["VersionId"]
        self.put(name, "in/a.txt")
        bodies = []
        while not any("Records" in b for b in bodies):
            bodies += [json.loads(m["Body"]) for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2)["Messages"]]
        self.assertIn("s3:TestEvent", [b.get("Event") for b in bodies])
        (record,) = [r for b in bodies for r in b.get("Records", [])]
        self.assertEqual(("ObjectCreated:Put", "csv", "in/a+b%281%29%2B.csv", version, 3), (
            record["eventName"], record["s3"]["configurationId"], record["s3"]["object"]["key"], record["s3"]["object"]["versionId"], record["s3"]["object"]["size"]))
        gone = configuration["QueueConfigurations"][0] | {"QueueArn": queue + "-none"}
        self.refused("InvalidArgument", self.s3.put_bucket_notification_configuration, 400, Bucket=name, NotificationConfiguration={"QueueConfigurations": [gone]})


def crc(body, bits, polynomial):
    """A reflected CRC, bit by bit."""
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (polynomial if n & 1 else 0)
        table.append(n)
    value = mask = (1 << bits) - 1
    for byte in body:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    return (value ^ mask).to_bytes(bits // 8, "big")


if __name__ == "__main__":
    main()
