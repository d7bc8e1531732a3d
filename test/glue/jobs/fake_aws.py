"""Clients of AWS that answer by a scenario, and keep what they were asked."""

import io
import re


class Refused(Exception):
    """As botocore raises it."""

    def __init__(self, code):
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code}}


class FakeS3:
    """Objects in memory, two keys a page."""

    def __init__(self, objects):
        self.objects = {key: body.encode() for key, body in objects.items()}

    def get_object(self, Bucket, Key):
        if Key not in self.objects:
            raise Refused("NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key])}

    def put_object(self, Bucket, Key, Body):
        self.objects[Key] = Body

    def list_objects_v2(self, Bucket, Prefix, ContinuationToken="0"):
        found = sorted(key for key in self.objects if key.startswith(Prefix))
        at = int(ContinuationToken)
        page = [{"Key": key, "Size": len(self.objects[key])} for key in found[at : at + 2]]
        more = {"NextContinuationToken": str(at + 2)} if at + 2 < len(found) else {}
        return {"Contents": page, "IsTruncated": bool(more), **more}

    def delete_objects(self, Bucket, Delete):
        for one in Delete["Objects"]:
            del self.objects[one["Key"]]
        return {}


def field(value):
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"longValue": value}
    return {"stringValue": str(value)}


class FakeDataApi:
    """
    Answers by rules, the first that fits and has not been used up: {match, rows?, fail?, times?, leaves?}, the
    last with an object that stays on S3. One page holds one row. Rules of calls: {call, refuse, times}.
    """

    def __init__(self, rules, s3):
        self.s3 = s3
        self.rules = [dict(rule) for rule in rules]
        self.batches = []
        self.calls = []

    def _rule(self, key, text):
        for rule in self.rules:
            if key in rule and re.search(rule[key], text) and rule.get("times", 1) > 0:
                if "times" in rule:
                    rule["times"] -= 1
                return rule
        return {}

    def _called(self, name):
        refuse = self._rule("call", name).get("refuse")
        if refuse:
            raise Refused(refuse)

    def batch_execute_statement(self, **given):
        self._called("batch_execute_statement")
        subs, failed = [], None
        for sql in given["Sqls"]:
            rule = {} if failed else self._rule("match", sql)
            if "leaves" in rule:
                self.s3.objects[rule["leaves"]] = b"x"
            if failed:
                subs.append({"Status": "ABORTED"})
            elif rule.get("fail"):
                failed = rule["fail"]
                subs.append({"Status": "FAILED", "Error": failed})
            else:
                subs.append({"Status": "FINISHED", "rows": rule.get("rows", [])})
        self.batches.append({**given, "done": failed is None})
        self.calls.append({"Status": "FAILED" if failed else "FINISHED", "SubStatements": subs, "polls": 0})
        if failed:
            self.calls[-1]["Error"] = failed
        return {"Id": str(len(self.calls))}

    def describe_statement(self, Id):
        self._called("describe_statement")
        call = self.calls[int(Id) - 1]
        call["polls"] += 1
        return call if call["polls"] > 2 else {"Status": "STARTED"}

    def get_statement_result(self, Id, NextToken="0"):
        call, sub = Id.split(":")
        rows = self.calls[int(call) - 1]["SubStatements"][int(sub) - 1]["rows"]
        at = int(NextToken)
        names = list(rows[0]) if rows else []
        more = {"NextToken": str(at + 1)} if at + 1 < len(rows) else {}
        page = [[field(row[name]) for name in names] for row in rows[at : at + 1]]
        return {"ColumnMetadata": [{"name": name} for name in names], "Records": page, **more}
