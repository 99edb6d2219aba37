"""The judge itself: answers that are spoilt on their way have to be objected to."""

import json

from harness import JUDGE, Case, client, main


class Spoilt(Case):
    def objections(self, service, operation, spoil, **parameters):
        made = client(service)
        made.meta.events.register_first("before-parse", lambda response_dict, **_: spoil(response_dict))
        try:
            getattr(made, operation)(**parameters)
        except Exception:  # botocore may stumble over what is spoilt
            pass
        found, JUDGE.objections = JUDGE.objections, []
        return " ".join(found)

    def member(self, change):
        def spoil(answer):
            body = json.loads(answer["body"])
            change(body)
            answer["body"] = json.dumps(body).encode()
        return spoil

    def text(self, old, new):
        def spoil(answer):
            self.assertIn(old, answer["body"])
            answer["body"] = answer["body"].replace(old, new)
        return spoil

    def header(self, name, value):
        return lambda answer: answer["headers"].update({name: value})

    def test_json(self):
        roots = ("organizations", "list_roots")
        for spoil, objection in (
            (lambda b: b.update(Extra=1), ".Extra is not in the model"),
            (lambda b: b["Roots"][0].update(Id=7), "is 7, and not a string"),
            (lambda b: b["Roots"][0].update(Id="x"), "does not match"),
            (lambda b: b["Roots"][0]["PolicyTypes"][0].update(Status="ON"), "which is none of"),
            (lambda b: b.update(Roots=None), "is null"),
        ):
            self.assertIn(objection, self.objections(*roots, self.member(spoil)))
        joined = lambda b: b["Account"].update(JoinedTimestamp="2026-01-01T00:00:00Z")
        self.assertIn("not a number of seconds", self.objections("organizations", "describe_account", self.member(joined), AccountId="222222222101"))
        self.assertIn("Content-Type", self.objections(*roots, self.header("content-type", "text/html")))
        missing = lambda b: b["baselines"][0].pop("arn")
        self.assertIn("is required and missing", self.objections("controltower", "list_baselines", self.member(missing)))
        code = lambda b: b.update(__type="Odd")
        self.assertIn("none of its errors", self.objections("organizations", "describe_account", self.member(code), AccountId="999999999999"))
        spelling = lambda b: b.update(message=b.pop("Message"))
        self.assertIn("has no member message", self.objections("organizations", "describe_account", self.member(spelling), AccountId="999999999999"))

    def test_xml(self):
        who = ("sts", "get_caller_identity")
        for old, new, objection in (
            (b"<Account>", b"<Extra/><Account>", ".Extra is not in the model"), (b"GetCallerIdentityResult", b"Result", "is written as"),
            (b"<RequestId>", b"<Id>", "cannot be judged"),
        ):
            self.assertIn(objection, self.objections(*who, self.text(old, new)))
        buckets = ("s3", "list_buckets")
        client("s3").create_bucket(Bucket="judged")
        self.assertIn("not a time", self.objections(*buckets, self.text(b"</CreationDate>", b" </CreationDate>")))
        self.assertIn("has no header", self.objections(*buckets, self.header("x-amz-odd", "1")))


if __name__ == "__main__":
    main()
