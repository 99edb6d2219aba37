"""What the scripts of this folder share: clients of the sandbox, and what a test claims to have checked.

A test says in its docstring what it checks, one line a behaviour:

    ReceiveMessage, DeleteMessage: a message that was deleted does not come back

Operations of another service are named with it: s3.PutObject. A test may only speak of what it called.

What the judge objects to fails the test: see judge.py.
"""

import calendar
import json
import os
import re
import sys
import time
import unittest
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

from judge import Judge

URL = os.environ["SANDBOX"]
REGION = "us-east-1"
MANAGEMENT = "111111111111"

Refused = botocore.exceptions.ClientError


def client(service, session=None, region=REGION, url=None, attempts=1, **config):
    """A client of the sandbox whose answers are judged."""
    session = session or boto3.session.Session(region_name=region)
    settings = botocore.config.Config(retries={"total_max_attempts": attempts, "mode": "standard"}, **config)
    made = session.client(service, region_name=region, endpoint_url=url or URL, config=settings)
    made.meta.events.register("before-parse", JUDGE.answer)
    return made


def inside(account, role="OrganizationAccountAccessRole"):
    """A session that is a role in an account."""
    keys = boto3.client("sts", region_name=REGION, endpoint_url=URL).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="conformance")["Credentials"]
    return boto3.session.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], REGION)


def set_clock(by):
    """Sets the sandbox's clock forward."""
    door("POST", "../_clock/" + by)


def door(method, path, body=None):
    """Knocks at the sandbox's own door."""
    data = None if body is None else json.dumps(body).encode()
    url = URL + os.path.normpath("/_sandbox/" + path)
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method)) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def eventually(find, seconds=20):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        found = find()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {find}")
        time.sleep(0.02)


class Case(unittest.TestCase):
    """A test whose docstring says what it checks."""

    maxDiff = None
    instead = None  # said of every operation, instead of the docstring's sentences

    def run(self, result=None):
        JUDGE.called, JUDGE.objections = set(), []
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) == before:
            for operations, behaviour in claims(self._testMethodDoc):
                CLAIMS.write(json.dumps({"operations": operations, "behaviour": self.instead or behaviour}) + "\n")
        return result

    def tearDown(self):
        self.assertEqual([], JUDGE.objections, "the model of the service objects")
        for operations, behaviour in claims(self._testMethodDoc):
            for operation in operations:
                self.assertIn(operation, JUDGE.called, f"speaks of what it did not call: {behaviour}")

    def refused(self, error, call, status=None, **parameters):
        """The call is refused with this code, or as this exception class, and maybe this HTTP status. Returns the answer."""
        with self.assertRaises(Refused) as caught:
            call(**parameters)
        answer = caught.exception.response
        if isinstance(error, str):
            self.assertEqual(error, answer["Error"]["Code"], answer)
        else:
            self.assertIsInstance(caught.exception, error)
        if status:
            self.assertEqual(status, answer["ResponseMetadata"]["HTTPStatusCode"])
        self.assertTrue(answer["Error"]["Message"] or answer["ResponseMetadata"]["HTTPStatusCode"] >= 300)
        return answer

    def absent(self, call, **parameters):
        """The sandbox refuses what it does not implement, instead of answering as if it had not been asked for. The models of
        the services know no such error."""
        with self.assertRaises(Refused) as caught:
            call(**parameters)
        self.assertEqual(501, caught.exception.response["ResponseMetadata"]["HTTPStatusCode"])
        JUDGE.objections = [o for o in JUDGE.objections if "NotImplemented" not in o]

    def recent(self, at):
        """A time that botocore read, with its zone, and that is about now."""
        self.assertIsNotNone(at.tzinfo, at)
        self.assertLess(abs(calendar.timegm(at.utctimetuple()) - time.time()), 120, at)


def pages(made, operation, key, **parameters):
    """All items of all pages of botocore's own paginator, and how many pages there were, and how many without an item."""
    items, count, empty = [], 0, 0
    for page in made.get_paginator(operation).paginate(**parameters):
        found = page.get(key, [])
        items, count, empty = items + found, count + 1, empty + (not found)
    return items, count, empty


def tokens(call, key, **parameters):
    """The same over the PageTokens of AWS Service Catalog, where botocore has no paginator."""
    items, count, token = [], 0, {}
    while token is not None:
        page = call(**parameters, **token)
        items, count = items + page[key], count + 1
        token = {"PageToken": page["NextPageToken"]} if page.get("NextPageToken") else None
    return items, count


SERVICE = os.path.basename(sys.argv[0]).removesuffix(".py").split("-")[0]
CLAIM = re.compile(r"((?:[a-z0-9]+\.)?[A-Z]\w+(?:, (?:[a-z0-9]+\.)?[A-Z]\w+)*): (.+)")


def claims(text):
    found = []
    for line in (text or "").splitlines():
        match = CLAIM.fullmatch(line.strip())
        if match:
            names = [n if "." in n else SERVICE + "." + n for n in match[1].split(", ")]
            found.append((names, match[2]))
    return found


JUDGE = Judge()
CLAIMS = open(os.environ.get("CLAIMS", os.devnull), "a", encoding="utf-8")


def main():
    unittest.main(verbosity=0)
