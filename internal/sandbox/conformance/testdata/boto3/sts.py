"""Who am I, and be that role for a while."""

from datetime import datetime, timedelta, timezone

import boto3

from harness import MANAGEMENT, Case, client, main

EXECUTION = "arn:aws:iam::222222222204:role/AWSControlTowerExecution"


class Tokens(Case):
    def setUp(self):
        self.sts = client("sts")

    def test_identity(self):
        """
        GetCallerIdentity: the account of the access key, an ARN and a user id
        """
        me = self.sts.get_caller_identity()
        self.assertEqual(MANAGEMENT, me["Account"])
        self.assertRegex(me["Arn"], rf"^arn:aws:(iam|sts)::{MANAGEMENT}:")
        self.assertTrue(me["UserId"])

    def test_roles(self):
        """
        AssumeRole: temporary keys that are the role in the account, and expire when they were asked to
        AssumeRole: a role that does not trust the caller, or does not exist, is AccessDenied (403)
        AssumeRole: chained roles last an hour at most
        AssumeRole, GetCallerIdentity: the session is arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
        """
        out = self.sts.assume_role(RoleArn=EXECUTION, RoleSessionName="conformance", DurationSeconds=900)
        keys = out["Credentials"]
        self.assertLess(abs(keys["Expiration"] - datetime.now(timezone.utc) - timedelta(seconds=900)), timedelta(seconds=60))
        self.assertRegex(keys["AccessKeyId"], "^ASIA[A-Z2-7]{16}$")
        session = boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
        there = client("sts", session)
        me = there.get_caller_identity()
        self.assertEqual("222222222204", me["Account"])
        self.assertEqual("arn:aws:sts::222222222204:assumed-role/AWSControlTowerExecution/conformance", me["Arn"])
        self.assertEqual(out["AssumedRoleUser"]["Arn"], me["Arn"])
        self.assertEqual(out["AssumedRoleUser"]["AssumedRoleId"], me["UserId"])
        self.refused("AccessDenied", self.sts.assume_role, 403,
                     RoleArn="arn:aws:iam::222222222203:role/AWSControlTowerExecution", RoleSessionName="conformance")
        careless = client("sts", parameter_validation=False)
        self.refused("ValidationError", careless.assume_role, 400, RoleArn=EXECUTION, RoleSessionName="conformance", DurationSeconds=60)
        self.refused("ValidationError", there.assume_role, 400, RoleArn=EXECUTION, RoleSessionName="chained", DurationSeconds=7200)


if __name__ == "__main__":
    main()
