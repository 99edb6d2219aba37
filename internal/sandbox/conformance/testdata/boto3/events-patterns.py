"""Patterns of Amazon EventBridge, one by one."""

import json

from harness import Case, client, main

EVENT = {"id": "1", "account": "1", "source": "com.Example.x", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail-type": "t",
         "detail": {"n": 300, "ip": "10.0.0.1", "name": "Hello.png", "yes": True, "nothing": None, "list": ["a", "b"], "inner": {"x": 1}}}


class Patterns(Case):
    def setUp(self):
        self.events = client("events")

    def match(self, pattern, event=EVENT):
        return self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"]

    def holds(self, *tests, of="source"):
        for test, expected in tests:
            self.assertEqual(expected, self.match({of: [test]} if of == "source" else {"detail": {of: [test]}}), test)

    def test_texts(self):
        """
        TestEventPattern: prefix, suffix, equals-ignore-case and wildcard of a text
        """
        self.holds(({"prefix": "com."}, True), ({"prefix": "COM."}, False), ({"prefix": {"equals-ignore-case": "COM."}}, True),
                   ({"suffix": ".x"}, True), ({"suffix": {"equals-ignore-case": ".X"}}, True), ({"suffix": ".y"}, False),
                   ({"equals-ignore-case": "COM.example.X"}, True), ("com.example.x", False),
                   ({"wildcard": "com.*.x"}, True), ({"wildcard": "*Ex*le*"}, True), ({"wildcard": "Ex*"}, False))

    def test_anything_but(self):
        """
        TestEventPattern: anything-but a text, a list, a number, and each of prefix, suffix, equals-ignore-case and wildcard
        """
        self.holds(({"anything-but": "a"}, True), ({"anything-but": ["a", "com.Example.x"]}, False), ({"anything-but": {"prefix": "com"}}, False),
                   ({"anything-but": {"prefix": ["org", "com"]}}, False), ({"anything-but": {"suffix": ".y"}}, True),
                   ({"anything-but": {"equals-ignore-case": "COM.example.X"}}, False), ({"anything-but": {"wildcard": "*.x"}}, False))
        self.holds(({"anything-but": 300}, False), ({"anything-but": [1, 2]}, True), of="n")
        self.holds(({"anything-but": "a"}, True), of="list")  # b is something else

    def test_numbers(self):
        """
        TestEventPattern: numeric compares values, and a bare number its spelling: 300 is not 300.0
        TestEventPattern: exists looks at leaves only; null, true and addresses within a network
        """
        self.holds(({"numeric": ["=", 300]}, True), ({"numeric": [">", 0, "<=", 300]}, True), ({"numeric": ["<", 300]}, False), ({"numeric": ["=", 3e2]}, True),
                   (300, True), (300.0, False), ("300", False), of="n")
        self.holds(({"exists": True}, True), ({"exists": False}, False), of="nothing")
        self.holds(({"exists": False}, True), of="none")
        self.holds(({"exists": True}, False), of="inner")
        self.holds((None, True), of="nothing")
        self.holds((True, True), (False, False), of="yes")
        self.holds(({"cidr": "10.0.0.0/24"}, True), ({"cidr": "10.0.1.0/24"}, False), of="ip")

    def test_or(self):
        """
        TestEventPattern: $or of fields, at the top and within; all other fields must hold beside it
        """
        self.assertTrue(self.match({"$or": [{"source": ["z"]}, {"detail": {"n": [300]}}]}))
        self.assertFalse(self.match({"detail": {"$or": [{"n": [1]}, {"name": ["z"]}]}}))
        self.assertFalse(self.match({"detail-type": ["other"], "$or": [{"source": ["z"]}, {"detail": {"n": [300]}}]}))

    def test_refused(self):
        """
        TestEventPattern: what is no pattern is InvalidEventPatternException: no array, an empty one, an unknown operator, two in one, ** and a single $or
        """
        for pattern in ({}, {"source": "x"}, {"source": []}, {"source": [{"regex": "x"}]}, {"source": [{"prefix": "a", "suffix": "b"}]},
                        {"source": [{"wildcard": "a**b"}]}, {"$or": [{"source": ["z"]}]}, {"detail": {"n": [{"numeric": ["!", 5]}]}}, {"source": [{"anything-but": [True]}]}):
            self.refused(self.events.exceptions.InvalidEventPatternException, self.match, 400, pattern=pattern)
        self.match({"source": ["x"]})


if __name__ == "__main__":
    main()
