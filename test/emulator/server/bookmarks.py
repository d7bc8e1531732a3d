"""State of job bookmarks, kept by the box: one entry for each commit of a job, the newest one in force."""

import json
import threading
from typing import Any

LOCK = threading.RLock()
#: Entries of a job, oldest first. The last one is in force; none of them after a reset.
STATE: dict[str, list[dict[str, Any]]] = {}
#: What a reset leaves: the count of versions goes on.
VERSIONS: dict[str, int] = {}


def commit(data: dict[str, Any]) -> dict[str, Any]:
    """Takes the state of all sources of a run at once. @param data JobName, RunId, State by transformation_ctx"""
    with LOCK:
        name, entries = data["JobName"], STATE.setdefault(data["JobName"], [])
        previous = entries[-1] if entries else None
        state = {**(json.loads(previous["JobBookmark"]) if previous else {}), **data["State"]}
        entries.append(
            {
                "JobName": name,
                "Version": VERSIONS.get(name, 0),
                "Run": (previous["Run"] if previous else 0) + 1,
                "Attempt": 0,
                "RunId": data["RunId"],
                "JobBookmark": json.dumps(state),
                **({"PreviousRunId": previous["RunId"]} if previous else {}),
            }
        )
        return {}


def read(data: dict[str, Any]) -> dict[str, Any]:
    """State in force by transformation_ctx; with a RunId, that as of its commit."""
    found = entry(data["JobName"], data.get("RunId"))
    return {"State": json.loads(found["JobBookmark"]) if found else {}}


def entry(name: str, run: str | None = None) -> dict[str, Any] | None:
    with LOCK:
        entries = STATE.get(name, [])
        if run:
            return next((one for one in reversed(entries) if one["RunId"] == run), None)
        return entries[-1] if entries else None


def reset(name: str, run: str | None = None) -> dict[str, Any] | None:
    """
    Without a run, all is forgotten; with one, the state is again as that run committed it.
    @returns the entry that is in force then
    """
    with LOCK:
        entries = STATE.get(name, [])
        if not entries:
            return None
        if run:
            at = next((at for at, one in enumerate(entries) if one["RunId"] == run), None)
            if at is None:
                return None
            del entries[at + 1 :]
            return entries[-1]
        VERSIONS[name] = VERSIONS.get(name, 0) + 1
        entries.clear()
        return {"JobName": name, "Version": VERSIONS[name], "Run": 0, "Attempt": 0, "JobBookmark": json.dumps({})}


def forget(name: str) -> None:
    with LOCK:
        STATE.pop(name, None)
        VERSIONS.pop(name, None)
