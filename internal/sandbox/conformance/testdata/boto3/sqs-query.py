"""The same queues in the query protocol, which clients from before 2023 speak.

botocore still has a serializer and a parser of it; only its model of SQS lost the names of that protocol. They are put
back here, as they stand in the Amazon SQS API Reference.
"""

import copy

import boto3
import botocore.session

import sqs
from harness import client, main

ATTRIBUTE, MESSAGE_ATTRIBUTE, TAG = "Attribute", "MessageAttribute", "Tag"
MEMBERS = {
    "CreateQueueRequest": {"Attributes": ATTRIBUTE, "tags": TAG}, "SetQueueAttributesRequest": {"Attributes": ATTRIBUTE},
    "GetQueueAttributesResult": {"Attributes": ATTRIBUTE}, "TagQueueRequest": {"Tags": TAG}, "ListQueueTagsResult": {"Tags": TAG},
    "SendMessageRequest": {"MessageAttributes": MESSAGE_ATTRIBUTE}, "SendMessageBatchRequestEntry": {"MessageAttributes": MESSAGE_ATTRIBUTE},
    "Message": {"Attributes": ATTRIBUTE, "MessageAttributes": MESSAGE_ATTRIBUTE},
}
# code and status of the errors in this protocol, where they are not those of the error's name
PREFIXED = {
    "BatchEntryIdsNotDistinct": 400, "BatchRequestTooLong": 400, "EmptyBatchRequest": 400, "InvalidBatchEntryId": 400,
    "MessageNotInflight": 400, "PurgeQueueInProgress": 403, "QueueDeletedRecently": 400, "TooManyEntriesInBatchRequest": 400,
}
RENAMED = {
    "QueueDoesNotExist": ("AWS.SimpleQueueService.NonExistentQueue", 400), "QueueNameExists": ("QueueAlreadyExists", 400),
    "ReceiptHandleIsInvalid": ("ReceiptHandleIsInvalid", 404), "OverLimit": ("OverLimit", 403),
}


def old(model):
    model = copy.deepcopy(model)
    facts = model["metadata"]
    for name in ("awsQueryCompatible", "jsonVersion", "targetPrefix"):
        facts.pop(name, None)
    facts |= {"protocol": "query", "protocols": ["query"]}
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = name + "Result"
    for name, shape in model["shapes"].items():
        if shape["type"] == "list" and shape.get("flattened"):
            shape["member"]["locationName"] = name.removesuffix("List") + ("Name" if name == "MessageSystemAttributeList" else "")
        elif shape["type"] == "map":
            shape["key"]["locationName"], shape["value"]["locationName"] = ("Key" if name == "TagMap" else "Name"), "Value"
        for member, wire in MEMBERS.get(name, {}).items():
            shape["members"][member]["locationName"] = wire
        if name in PREFIXED or name in RENAMED:
            code, status = RENAMED.get(name) or ("AWS.SimpleQueueService." + name, PREFIXED[name])
            shape["error"] = {"code": code, "httpStatusCode": status, "senderFault": True}
    return model


def session():
    made = botocore.session.get_session()
    loader = made.get_component("data_loader")
    load = loader.load_service_model

    def patched(service, type_name, api_version=None):
        model = load(service, type_name, api_version)
        return old(model) if (service, type_name) == ("sqs", "service-2") else model

    loader.load_service_model = patched
    return boto3.session.Session(botocore_session=made, region_name="us-east-1")


class InTheQueryProtocol(sqs.Queues):
    instead = "all of it in the query protocol, too"

    def setUp(self):
        self.sqs = client("sqs", session())

    def test_it_is_the_query_protocol(self):
        sent = []
        self.sqs.meta.events.register("before-send.sqs.*", lambda request, **_: sent.append(request))
        self.sqs.list_queues()
        self.assertIn("Action=ListQueues", sent[0].body)
        self.assertNotIn("X-Amz-Target", sent[0].headers)


if __name__ == "__main__":
    main()
