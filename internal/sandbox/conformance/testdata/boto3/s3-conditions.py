"""Reads of parts of objects, conditions on time and content, and what is left out."""

import datetime

from harness import Case, client, main

CONTENT = b"0123456789"
LONG_AGO, FAR_AWAY = (datetime.datetime(year, 1, 1, tzinfo=datetime.timezone.utc) for year in (2020, 2040))


class Conditions(Case):
    def setUp(self):
        self.s3 = client("s3")

    def bucket(self, name):
        self.s3.create_bucket(Bucket=name)
        self.here = {"Bucket": name, "Key": "k"}
        self.tag = self.s3.put_object(Body=CONTENT, **self.here)["ETag"]

    def test_ranges(self):
        """
        GetObject: the last bytes (206), all of them where there are fewer, and none or behind the end (416)
        GetObject: a range that is none, or several of them, is the whole object (200)
        GetObject: by part number, of an object in one part; HeadObject of a range behind the end is 416
        """
        self.bucket("ranges")
        for wanted, body, shown in (
            ("bytes=-3", b"789", "bytes 7-9/10"), ("bytes=-20", CONTENT, "bytes 0-9/10"), ("bytes=5-", b"56789", "bytes 5-9/10"),
            ("bytes=8-99", b"89", "bytes 8-9/10"), ("bytes=2-1", CONTENT, None), ("bytes=0-1,3-4", CONTENT, None), ("lines=1-2", CONTENT, None),
        ):
            got = self.s3.get_object(Range=wanted, **self.here)
            self.assertEqual((body, shown, 206 if shown else 200), (got["Body"].read(), got.get("ContentRange"), got["ResponseMetadata"]["HTTPStatusCode"]), wanted)
        for wanted in ("bytes=10-", "bytes=-0"):
            self.refused("InvalidRange", self.s3.get_object, 416, Range=wanted, **self.here)
        self.assertEqual(206, self.s3.get_object(PartNumber=1, **self.here)["ResponseMetadata"]["HTTPStatusCode"])
        self.refused("InvalidPartNumber", self.s3.get_object, 416, PartNumber=2, **self.here)
        self.refused("416", self.s3.head_object, 416, Range="bytes=10-", **self.here)
        self.s3.head_object(**self.here)

    def test_reads(self):
        """
        GetObject, HeadObject: If-Match and If-Unmodified-Since are PreconditionFailed (412), If-None-Match and If-Modified-Since 304, where they do not hold
        GetObject: If-Match that holds outweighs If-Unmodified-Since, and If-None-Match that holds If-Modified-Since
        """
        self.bucket("reads")
        for holds in (
            {"IfMatch": self.tag}, {"IfMatch": "*"}, {"IfNoneMatch": '"x"'}, {"IfModifiedSince": LONG_AGO}, {"IfUnmodifiedSince": FAR_AWAY},
            {"IfMatch": self.tag, "IfUnmodifiedSince": LONG_AGO}, {"IfNoneMatch": '"x"', "IfModifiedSince": FAR_AWAY},
        ):
            self.assertEqual(CONTENT, self.s3.get_object(**holds, **self.here)["Body"].read(), holds)
            self.s3.head_object(**holds, **self.here)
        for fails, code in (
            ({"IfMatch": '"x"'}, 412), ({"IfUnmodifiedSince": LONG_AGO}, 412), ({"IfNoneMatch": self.tag}, 304), ({"IfNoneMatch": "*"}, 304), ({"IfModifiedSince": FAR_AWAY}, 304),
        ):
            self.refused("PreconditionFailed" if code == 412 else "304", self.s3.get_object, code, **fails, **self.here)
            self.refused(str(code), self.s3.head_object, code, **fails, **self.here)

    def test_writes(self):
        """
        DeleteObject, CopyObject: If-Match of another content is PreconditionFailed (412), and nothing changes
        CopyObject: onto itself without a change is InvalidRequest
        UploadPart: a part number that is not 1 to 10,000 is InvalidArgument; CompleteMultipartUpload without parts is MalformedXML
        PutObject: a key of more than 1,024 bytes is KeyTooLongError; an ACL is AccessControlListNotSupported, where the owner of the bucket owns all
        """
        self.bucket("writes")
        self.refused("PreconditionFailed", self.s3.delete_object, 412, IfMatch='"x"', **self.here)
        other = {"Bucket": "writes", "Key": "copy", "CopySource": "writes/k"}
        self.refused("PreconditionFailed", self.s3.copy_object, 412, CopySourceIfMatch='"x"', **other)
        self.refused("PreconditionFailed", self.s3.copy_object, 412, CopySourceIfNoneMatch=self.tag, **other)
        self.refused("InvalidRequest", self.s3.copy_object, 400, CopySource="writes/k", **self.here)
        self.s3.copy_object(CopySourceIfMatch=self.tag, **other)
        upload = {"Bucket": "writes", "Key": "m", "UploadId": self.s3.create_multipart_upload(Bucket="writes", Key="m")["UploadId"]}
        for number in (0, 10_001):
            self.refused("InvalidArgument", self.s3.upload_part, 400, PartNumber=number, Body=b"x", **upload)
        self.s3.upload_part(PartNumber=10_000, Body=b"x", **upload)
        self.refused("MalformedXML", self.s3.complete_multipart_upload, 400, MultipartUpload={"Parts": []}, **upload)
        self.s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 10_000, "ETag": self.s3.list_parts(**upload)["Parts"][0]["ETag"]}]}, **upload)
        self.refused("KeyTooLongError", self.s3.put_object, 400, Bucket="writes", Key="k" * 1025, Body=b"")
        self.refused("AccessControlListNotSupported", self.s3.put_object, 400, ACL="public-read", Body=b"", **self.here)
        self.s3.delete_object(IfMatch=self.tag, **self.here)

    def test_left_out(self):
        """
        PutObject: object lock, keys of customers, and writes at an offset are refused as NotImplemented (501), as are copies of parts, ACLs, and renaming
        """
        self.bucket("left-out")
        for more in ({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": FAR_AWAY}, {"WriteOffsetBytes": 10}, {"IfNoneMatch": '"x"'}):
            self.absent(self.s3.put_object, Body=b"x", **more, **self.here)
        upload = self.s3.create_multipart_upload(Bucket="left-out", Key="m")["UploadId"]
        self.absent(self.s3.upload_part_copy, Bucket="left-out", Key="m", UploadId=upload, PartNumber=1, CopySource="left-out/k")
        self.absent(self.s3.get_bucket_acl, Bucket="left-out")
        self.assertEqual(CONTENT, self.s3.get_object(**self.here)["Body"].read())


if __name__ == "__main__":
    main()
