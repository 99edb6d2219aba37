"""Keys that end, and requests that are too old."""

import boto3

from harness import Case, client, main, set_clock


class Expiry(Case):
    def test_expiry(self):
        """
        AssumeRole, GetCallerIdentity: keys whose time is over are ExpiredToken in every protocol
        GetCallerIdentity: a request that was signed more than five minutes ago is SignatureDoesNotMatch (403)
        sqs.ListQueues: a request that was signed more than five minutes ago is InvalidSignatureException
        s3.ListBuckets: a request that was signed more than 15 minutes ago is RequestTimeTooSkewed (403)
        """
        sts = client("sts")
        keys = sts.assume_role(RoleArn="arn:aws:iam::222222222204:role/AWSControlTowerExecution", RoleSessionName="short", DurationSeconds=900)["Credentials"]
        session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name="us-east-1")
        client("sts", session).get_caller_identity()
        client("sqs").list_queues()
        client("s3").list_buckets()
        set_clock("16m")
        for service, operation, code, status in (
            ("sts", "get_caller_identity", "ExpiredToken", 403), ("sqs", "list_queues", "ExpiredTokenException", 400),
            ("s3", "list_buckets", "ExpiredToken", 400), ("dynamodb", "list_tables", "ExpiredTokenException", 400),
        ):
            self.refused(code, getattr(client(service, session), operation), status)
        self.refused("SignatureDoesNotMatch", sts.get_caller_identity, 403)
        self.refused("InvalidSignatureException", client("sqs").list_queues, 400)
        self.refused("RequestTimeTooSkewed", client("s3").list_buckets, 403)


if __name__ == "__main__":
    main()
