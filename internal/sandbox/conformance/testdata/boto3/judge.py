"""The judge: holds every answer against botocore's own model of the service.

It looks at an answer as it came over the wire, before botocore reads it. What the model does not have, lacks, or has
otherwise, is an objection; SETTLED are those where AWS is known to answer otherwise than its model says.
"""

import base64
import binascii
import json
import re
import xml.etree.ElementTree


# Codes that every service may answer with, whatever the operation (the Common Errors page of each API Reference); those of
# S3 stand on one page for all operations, too.
COMMON = {
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InternalFailure",
    "InvalidSignatureException", "MissingAuthenticationToken", "SignatureDoesNotMatch", "Throttling", "ThrottlingException",
    "ServiceUnavailable", "InvalidClientTokenId", "UnrecognizedClientException", "ValidationError", "ValidationException", "InternalServerError",
    "InvalidParameterValueException", "MissingRequiredParameterException", "InvalidParameterValue", "MissingParameter",
}


# Where AWS itself answers otherwise than its models say, and how that is known.
SETTLED = re.compile("|".join((
    # newer than the model: PrimaryRegion of InstanceMetadata (IAM Identity Center API Reference)
    r"(ListInstances|DescribeInstance): \S*\.PrimaryRegion is not in the model",
    # an empty text where there is no policy: hashicorp/terraform-provider-aws, pull request 15808
    r"GetInlinePolicyForPermissionSet: .InlinePolicy is '', .*",
    # the type of Account Factory stands in no list of types; AWS's own Account Factory for Terraform searches by it
    r"\w+: \S*Type is 'CONTROL_TOWER_ACCOUNT', which is none of .*",
    # as in the examples of the AWS CLI Command Reference, create-product
    # The events of a stack that is in review or cleans up bear the stack's own status: the User Guide's page on stack events
    # shows them, and the model's ResourceStatus lists the statuses of resources only.
    r"DescribeStackEvents: \S*ResourceStatus is '(REVIEW_IN_PROGRESS|UPDATE_(ROLLBACK_)?COMPLETE_CLEANUP_IN_PROGRESS)', which is none of .*",
    r"\w+: \.(ProductViewDetails\[0\]|ProductViewDetail)\.Status is 'CREATED', which is none of .*",
    # as in the examples of the Amazon DynamoDB API Reference, CreateTable and DescribeTable
    r"\w+: \S*\.NumberOfDecreasesToday is 0, which is not within 1 and None",
    # as in the examples of the Amazon S3 API Reference, PutBucketPolicy and PutBucketTagging
    r"PutBucket(Policy|Tagging): the answer has the status 204, and not 200",
    # S3 takes both ways to write it, and answers with a capital: hashicorp/terraform-provider-aws lets it be written small
    r"GetBucketNotificationConfiguration: \S*\.FilterRule\[\]\.Name is '(Prefix|Suffix)', .*",
    # what a product under change is refused with is not documented; the model names no error but ResourceNotFoundException
    r"TerminateProvisionedProduct: answers with InvalidParametersException, .*",
    # as in the examples of the AWS CLI Command Reference, describe-configuration-recorder-status
    r"DescribeConfigurationRecorderStatus: \S*\.lastStatus is 'SUCCESS', .*",
    # the AWS CloudFormation API Reference speaks of the error under Capabilities, and does not list it
    r"(Create|Update)StackSet: answers with InsufficientCapabilitiesException, .*",
)))


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
            {"json": self.json, "rest-json": self.json, "query": self.query, "ec2": self.ec2, "rest-xml": self.restxml}[protocol](
                operation_model, response_dict, service)
        except Exception as e:  # an answer that cannot be read is an objection, too
            self.object(f"cannot be judged: {e!r} in {response_dict['body']!r}")

    def object(self, what):
        if not SETTLED.fullmatch(f"{self.at}: {what}"):
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
                members = set(shape.members)
                if not members & {"message", "Message"}:
                    members.add("message")  # it is read, whether it is modelled or not
                for member in body:
                    if member not in members:
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

    def ec2(self, operation, response, service):
        root = tree(response["body"])
        if response["status_code"] >= 300:  # its errors stand in no model
            if root.tag != "Response" or not root.findtext("Errors/Error/Code") or not root.findtext("RequestID"):
                self.object(f"an error is written as {response['body']!r}")
            return
        if root.tag != operation.name + "Response" or not root.findtext("requestId"):
            self.object(f"is written as {root.tag} of {[c.tag for c in root]}")
        for child in root.findall("requestId"):
            root.remove(child)
        self.element(operation.output_shape, [root], "")

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
