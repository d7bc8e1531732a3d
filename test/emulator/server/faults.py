"""Faults on command, and which calls may change something."""

import json
import os
import threading
from dataclasses import dataclass, field
from typing import Any

LOCK = threading.Lock()


@dataclass
class Faults:
    """What is to go wrong. Each fault names what it is used up by; clearing forgets all."""

    #: How many more calls of an action (`glue:StartJobRun`) are throttled.
    throttle: dict[str, int] = field(default_factory=dict)
    #: Actions that are denied until the faults are cleared (`sns:Publish`).
    refuse: list[str] = field(default_factory=list)
    #: Access keys whose next calls find them expired; `*` is every key but the box's own.
    expired: list[str] = field(default_factory=list)
    #: Statements that fail: `{"at": k, "error": text}`, the k-th (from 1) of the next submit. The text `serialization`
    #: stands for error 1023.
    statement: list[dict[str, Any]] = field(default_factory=list)
    #: What happens to the next runs of jobs: `{"mode": "hang" | "kill", "job": name?, "when": text of its output?}`.
    job: list[dict[str, Any]] = field(default_factory=list)

    def take_throttle(self, action: str) -> bool:
        with LOCK:
            left = self.throttle.get(action, 0)
            if left > 0:
                self.throttle[action] = left - 1
            return left > 0

    def take_statement(self) -> dict[str, Any] | None:
        with LOCK:
            return self.statement.pop(0) if self.statement else None

    def take_job(self, name: str) -> dict[str, Any] | None:
        with LOCK:
            for at, fault in enumerate(self.job):
                if fault.get("job", name) == name:
                    return self.job.pop(at)
            return None

    def is_expired(self, key: str) -> bool:
        return key in self.expired or ("*" in self.expired and key != os.environ.get("AWS_ACCESS_KEY_ID"))

    def merge(self, more: dict[str, Any]) -> None:
        """Adds faults as the tests send them."""
        with LOCK:
            for name, value in more.items():
                if not hasattr(self, name):
                    raise KeyError(f"no such fault: {name}")
                mine = getattr(self, name)
                if isinstance(mine, dict):
                    mine.update(value)
                else:
                    mine.extend(value if isinstance(value, list) else [value])

    def clear(self) -> None:
        with LOCK:
            for kind in (self.throttle, self.refuse, self.expired, self.statement, self.job):
                kind.clear()


FAULTS = Faults()

READS = (
    "Get",
    "List",
    "Describe",
    "Head",
    "Lookup",
    "Validate",
    "Filter",
    "BatchGet",
    "AssumeRole",
    "TestState",
    "Receive",
)
READING_SQL = ("select", "with", "show", "explain")


def is_mutating(action: str, body: bytes) -> bool:
    """Whether a call may change something. A statement that only reads does not."""
    service, _, operation = action.partition(":")
    if service == "redshift-data" and operation in ("ExecuteStatement", "BatchExecuteStatement"):
        request = json.loads(body or b"{}")
        statements = request.get("Sqls") or [request.get("Sql", "")]
        return not all(text.lstrip().lower().startswith(READING_SQL) for text in statements)
    return not operation.startswith(READS)
