"""A job's bookmark: read as a source is read, kept as the job commits, all sources at once."""

import json
import os
import sys
import urllib.request
from typing import Any


def _box(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Hands state to the box, or asks for it. Glue's own service does that on AWS, with no call that IAM sees."""
    request = urllib.request.Request(
        os.environ["AWS_ENDPOINT_URL"] + "/_box/bookmarks/" + path, json.dumps(body).encode()
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class Job:
    """One for a process, as on Glue: what sources read is of the job that was initialised last."""

    _current: "Job | None" = None

    def __init__(self, glue_context) -> None:
        self._context = glue_context
        self._name = ""
        self._option = "job-bookmark-disable"
        self._range: tuple[str | None, str | None] = (None, None)
        self._pending: dict[str, Any] = {}

    def init(self, job_name: str, args: dict[str, Any] | None = None) -> None:
        given = args or {}
        self._name, self._run = job_name, given.get("JOB_RUN_ID") or _argument("--JOB_RUN_ID")
        self._option = given.get("job_bookmark_option") or "job-bookmark-disable"
        self._range = (given.get("job_bookmark_from"), given.get("job_bookmark_to"))
        Job._current = self

    def isInitialized(self) -> bool:
        return Job._current is self

    def commit(self) -> None:
        if self._option == "job-bookmark-enable":
            _box("commit", {"JobName": self._name, "RunId": self._run, "State": self._pending})
        self._pending = {}

    def state(self, context: str) -> tuple[dict[str, str] | None, dict[str, str] | None]:
        """Keys that a source read to, and those that it may read up to (with a pause between two runs)."""
        if self._option == "job-bookmark-disable" or not context:
            return None, None
        begin, end = self._range
        low = _box("read", {"JobName": self._name, "RunId": begin})["State"].get(context)
        high = _box("read", {"JobName": self._name, "RunId": end})["State"].get(context) if end else None
        return low, high

    def reached(self, context: str, keys: dict[str, str]) -> None:
        if context:
            self._pending[context] = keys


def _argument(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else ""
