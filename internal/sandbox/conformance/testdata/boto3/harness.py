"""What the scripts of this folder share: clients of the sandbox, and a judge of every answer.

A test says in its docstring what it checks, one line a behaviour:

    ReceiveMessage, DeleteMessage: a message that was deleted does not come back

Operations of another service are named with it: s3.PutObject. A test may only speak of what it called.

The judge looks at each answer as it came over the wire, before botocore reads it, and holds it against botocore's own
model of the service: what the model does not have, lacks, or has otherwise, fails the test.
"""

import base64
import binascii
import calendar
import json
import os
import re
import sys
import time
import unittest
import urllib.request
import xml.etree.ElementTree

import boto3
import botocore.config
import botocore.exceptions

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


def door(method, path, body=None):
    """Knocks at the sandbox's own door."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(URL + "/_sandbox/" + path, data, method=method)) as answer:
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


# Codes that every service may answer with, whatever the operation (the Common Errors page of each API Reference); those of
# S3 stand on one page for all operations, too.
COMMON = {
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InternalFailure",
    "InvalidSignatureException", "MissingAuthenticationToken", "SignatureDoesNotMatch", "Throttling", "ThrottlingException",
    "ServiceUnavailable", "ValidationError", "ValidationException", "InternalServerError",
    "InvalidParameterValueException", "MissingRequiredParameterException", "InvalidParameterValue", "MissingParameter",
}


# What the models have otherwise than AWS, and why the sandbox is right.
SETTLED = {
    # newer than the model: "PrimaryRegion" of InstanceMetadata, in the IAM Identity Center API Reference
    "ListInstances: .Instances[0].PrimaryRegion is not in the model",
    "DescribeInstance: .PrimaryRegion is not in the model",
    # AWS answers with an empty text where there is no policy: hashicorp/terraform-provider-aws pull request 15808
    "GetInlinePolicyForPermissionSet: .InlinePolicy is '', which does not match [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
    "GetInlinePolicyForPermissionSet: .InlinePolicy is '', which is not within 1 and 32768",
}


class Judge:
    """Holds answers against models."""

    def __init__(self):
        self.called, self.objections = set(), []

    def answer(self, operation_model, response_dict, **_):
        service = operation_model.service_model
        name = operation_model.name
        self.called.add(service.signing_name + "." + name)
        self.at = name
        try:
            protocol = service.metadata["protocol"]
            {"json": self.json, "rest-json": self.json, "query": self.query, "rest-xml": self.restxml}[protocol](
                operation_model, response_dict, service)
        except Exception as e:  # an answer that cannot be read is an objection, too
            self.object(f"cannot be judged: {e!r} in {response_dict['body']!r}")

    def object(self, what):
        if f"{self.at}: {what}" not in SETTLED:
            self.objections.append(f"{self.at}: {what}")

    def status(self, wanted, got, what):
        if wanted and int(wanted) != got:
            self.object(f"{what} has the status {got}, and not {wanted}")

    # JSON

    def json(self, operation, response, service):
        rest = service.metadata["protocol"] == "rest-json"
        headers, status = response["headers"], response["status_code"]
        kind = "application/json" if rest else "application/x-amz-json-" + service.metadata["jsonVersion"]
        if headers.get("content-type") != kind:
            self.object(f"Content-Type {headers.get('content-type')}")
        if not headers.get("x-amzn-requestid"):
            self.object("no x-amzn-RequestId")
        body = json.loads(response["body"] or b"{}", parse_constant=self.object)
        if status >= 300:
            code = headers.get("x-amzn-errortype", "") if rest else body.pop("__type", "")
            return self.error(operation, code.split("#")[-1].split(":")[0], status, body)
        self.status(operation.http.get("responseCode"), status, "the answer")
        if operation.output_shape is None:
            if response["body"] not in (b"", b"{}"):
                self.object(f"answers with a body, and the model has no output: {response['body']!r}")
            return None
        return self.value(operation.output_shape, body, "")

    def error(self, operation, code, status, body):
        for shape in operation.error_shapes:
            if code in (shape.name, shape.error_code):
                modelled = shape.metadata.get("error", {}).get("httpStatusCode")
                self.status(modelled, status, code)
                members = {m.lower() for m in shape.members}
                for member in body:
                    if member.lower() not in members | {"message"}:
                        self.object(f"{code} has no member {member}")
                for member, inner in shape.members.items():
                    if member in body and member.lower() != "message":
                        self.value(inner, body[member], "." + member)
                return
        if code not in COMMON:
            self.object(f"answers with {code}, which is none of its errors")

    def value(self, shape, value, path):
        if shape.metadata.get("document") or getattr(shape, "is_document_type", False):
            return
        if value is None:
            return self.object(f"{path or 'the answer'} is null")
        kind = shape.type_name
        check = getattr(self, "json_" + kind, None)
        if check:
            return check(shape, value, path)
        expected = {"boolean": bool, "string": str, "character": str, "integer": int, "long": int, "float": (int, float), "double": (int, float)}[kind]
        if not isinstance(value, expected) or kind != "boolean" and isinstance(value, bool):
            return self.object(f"{path} is {value!r}, and not a {kind}")
        return self.scalar(shape, value, path)

    def scalar(self, shape, value, path):
        facts = shape.metadata
        if isinstance(value, str):
            enum = getattr(shape, "enum", None)
            if enum and value not in enum:
                self.object(f"{path} is {value!r}, which is none of {enum}")
            size = len(value)
            if facts.get("pattern"):
                try:
                    fits = re.compile(facts["pattern"]).fullmatch(value) or re.compile(facts["pattern"]).search(value) and facts["pattern"].startswith("^")
                except re.error:  # written for Java
                    fits = True
                if not fits:
                    self.object(f"{path} is {value!r}, which does not match {facts['pattern']}")
        else:
            size = value
        if facts.get("min") is not None and size < facts["min"] or facts.get("max") is not None and size > facts["max"]:
            self.object(f"{path} is {value!r}, which is not within {facts.get('min')} and {facts.get('max')}")

    def json_structure(self, shape, value, path):
        if not isinstance(value, dict):
            return self.object(f"{path} is no structure")
        members = {(m.serialization.get("name") or name): m for name, m in shape.members.items()}
        for name in value:
            if name not in members:
                self.object(f"{path}.{name} is not in the model")
            else:
                self.value(members[name], value[name], f"{path}.{name}")
        for name in shape.required_members:
            wire = shape.members[name].serialization.get("name") or name
            if wire not in value and not shape.members[name].serialization.get("location"):
                self.object(f"{path}.{name} is required and missing")

    def json_list(self, shape, value, path):
        if not isinstance(value, list):
            return self.object(f"{path} is no list")
        self.length(shape, value, path)
        for i, item in enumerate(value):
            self.value(shape.member, item, f"{path}[{i}]")

    def length(self, shape, value, path):
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None and len(value) < low or high is not None and len(value) > high:
            self.object(f"{path} has {len(value)} items, which is not within {low} and {high}")

    def json_map(self, shape, value, path):
        if not isinstance(value, dict):
            return self.object(f"{path} is no map")
        for key, item in value.items():
            self.value(shape.key, key, path + "'s key")
            self.value(shape.value, item, f"{path}[{key}]")

    def json_blob(self, shape, value, path):
        try:
            base64.b64decode(value, validate=True)
        except (TypeError, binascii.Error):
            self.object(f"{path} is {value!r}, and not base64")

    def json_timestamp(self, shape, value, path):
        form = shape.serialization.get("timestampFormat", "unixTimestamp")
        if form == "unixTimestamp":
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not 1e9 < value < 4e9:
                self.object(f"{path} is {value!r}, and not a number of seconds since 1970")
        else:
            self.time(form, value, path)

    def time(self, form, value, path):
        patterns = {
            "iso8601": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
            "rfc822": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
        }
        if not isinstance(value, str) or not re.fullmatch(patterns[form], value):
            self.object(f"{path} is {value!r}, and not a time as in {form}")

    # XML

    def query(self, operation, response, service):
        status = response["status_code"]
        root = tree(response["body"])
        if status >= 300:
            found = root.find("Error")
            return self.error(operation, found.findtext("Code"), status, {})
        wrapper = (operation.output_shape.serialization.get("resultWrapper") if operation.output_shape is not None else None)
        allowed = {"ResponseMetadata", wrapper or operation.name + "Result"}
        if root.tag != operation.name + "Response" or {child.tag for child in root} - allowed:
            self.object(f"is written as {root.tag} of {[c.tag for c in root]}")
        if not root.findtext("ResponseMetadata/RequestId"):
            self.object("no RequestId")
        if wrapper:
            if root.find(wrapper) is None:
                return self.object(f"no {wrapper}")
            self.element(operation.output_shape, [root.find(wrapper)], "")
        elif root.find(operation.name + "Result") is not None and len(root.find(operation.name + "Result")):
            self.object("answers with a result, and the model has no output")

    def restxml(self, operation, response, service):
        headers, status = response["headers"], response["status_code"]
        if not headers.get("x-amz-request-id") or not headers.get("x-amz-id-2"):
            self.object("no x-amz-request-id, no x-amz-id-2")
        if status >= 300:
            if status == 304 or operation.http["method"] == "HEAD":
                if response["body"]:
                    self.object(f"a body with the status {status}")
                return
            root = tree(response["body"])
            if root.tag != "Error" or not root.findtext("Code") or not root.findtext("RequestId") or not root.findtext("HostId"):
                self.object(f"an error is written as {response['body']!r}")
            return
        ranged = operation.name == "GetObject" and "content-range" in headers
        if not (operation.name == "DeleteBucket" and status == 204):
            self.status(206 if ranged else operation.http.get("responseCode") or 200, status, "the answer")
        output = operation.output_shape
        known = {"x-amz-request-id", "x-amz-id-2", "x-amz-bucket-region"}
        body_members = {}
        for name, member in (output.members if output is not None else {}).items():
            location = member.serialization.get("location")
            if location in ("header", "headers"):
                wire = member.serialization.get("name", name).lower()
                known.add(wire)
                if location == "header" and wire in headers:
                    self.text(member, headers[wire], wire, "rfc822")
            elif not location:
                body_members[name] = member
        prefixes = [m.serialization["name"].lower() for m in (output.members.values() if output is not None else []) if m.serialization.get("location") == "headers"]
        for header in headers:
            if header.lower().startswith("x-amz") and header.lower() not in known and not any(header.lower().startswith(p) for p in prefixes):
                self.object(f"has no header {header}")
        if operation.has_streaming_output:
            return
        payload = output.serialization.get("payload") if output is not None else None
        body = response["body"]
        if payload:
            member = output.members[payload]
            if member.type_name == "structure":
                root = tree(body)
                if member.serialization.get("name", root.tag) != root.tag:
                    self.object(f"the body is a {root.tag}")
                self.element(member, [root], "")
        elif body_members and body and operation.name != "GetBucketLocation":
            self.element(output, [tree(body)], "")
        elif body and not body_members:
            self.object(f"answers with a body: {body!r}")

    def element(self, shape, nodes, path):
        """A value of this shape, written as one element, or as several where it is flat."""
        kind = shape.type_name
        if kind == "structure":
            names = {}
            for name, member in shape.members.items():
                if member.serialization.get("location") or member.serialization.get("xmlAttribute"):
                    continue
                wire = member.serialization.get("name", name)
                if flat(member) and member.type_name == "list":
                    wire = member.member.serialization.get("name", wire)
                names[wire] = member
            children = {}
            for child in nodes[0]:
                children.setdefault(child.tag, []).append(child)
            for tag, found in children.items():
                if tag not in names:
                    self.object(f"{path}.{tag} is not in the model")
                    continue
                if len(found) > 1 and not flat(names[tag]):
                    self.object(f"{path}.{tag} is there {len(found)} times")
                self.element(names[tag], found, f"{path}.{tag}")
            for name in shape.required_members:
                wire = shape.members[name].serialization.get("name", name)
                if wire not in children and shape.members[name].type_name not in ("list", "map") and not shape.members[name].serialization.get("location"):
                    self.object(f"{path}.{wire} is required and missing")
        elif kind == "list":
            items = nodes
            if not flat(shape):
                tag = shape.member.serialization.get("name", "member")
                items = list(nodes[0])
                for item in items:
                    if item.tag != tag:
                        self.object(f"{path}.{item.tag} is no {tag}")
            self.length(shape, items, path)
            for item in items:
                self.element(shape.member, [item], path + "[]")
        elif kind == "map":
            key, value = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
            for entry in nodes if flat(shape) else list(nodes[0]):
                if [c.tag for c in entry] != [key, value]:
                    self.object(f"{path} has an entry of {[c.tag for c in entry]}")
                    continue
                self.element(shape.key, [entry.find(key)], path + "'s key")
                self.element(shape.value, [entry.find(value)], f"{path}[{entry.findtext(key)}]")
        else:
            self.text(shape, nodes[0].text or "", path, "iso8601")

    def text(self, shape, value, path, times):
        kind = shape.type_name
        if kind == "timestamp":
            self.time(shape.serialization.get("timestampFormat", times), value, path)
        elif kind == "boolean":
            if value not in ("true", "false"):
                self.object(f"{path} is {value!r}, and not a boolean")
        elif kind in ("integer", "long"):
            if not re.fullmatch(r"-?\d+", value):
                return self.object(f"{path} is {value!r}, and not a number")
            self.scalar(shape, int(value), path)
        elif kind == "blob":
            self.json_blob(shape, value, path)
        else:
            self.scalar(shape, value, path)


def flat(shape):
    return bool(shape.serialization.get("flattened"))


def tree(body):
    root = xml.etree.ElementTree.fromstring(body)
    for node in root.iter():
        node.tag = node.tag.split("}")[-1]
    return root


JUDGE = Judge()
CLAIMS = open(os.environ.get("CLAIMS", os.devnull), "a", encoding="utf-8")


def main():
    unittest.main(verbosity=0)
