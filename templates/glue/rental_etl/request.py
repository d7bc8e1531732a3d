"""What a run is asked to do: the one document that is the execution's input and the jobs' `--request`."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any, Mapping

from .errors import JobError

LAYERS = ("extract", "raw", "curated")
DEFAULT_GUARDS = {"max_deleted": 0.2, "max_deleted_min_rows": 1000, "max_quarantined": 0.5}
DEFAULTS: dict[str, Any] = {
    "parent": None,
    "from": "extract",
    "to": "curated",
    "reconcile": "always",
    "full_refresh": False,
    "allow_deletes": False,
    "allow_rejects": False,
    "manifest_run": None,
    "rebuild_curated": False,
    "target": "aws",
    "source": "",
    "source_given": False,
    "backfill": None,
    "done_by": {},
}
# It becomes part of keys on S3 and of statements.
_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,79}")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z")


def parse_request(document: Mapping[str, Any]) -> dict[str, Any]:
    """The request that a document holds; what it leaves out has its usual value. Raises USAGE."""
    request = {**DEFAULTS, **document}
    request["guards"] = {**DEFAULT_GUARDS, **(document.get("guards") or {})}
    for name in ("run_id", "manifest_run"):
        if request.get(name) is None and name == "manifest_run":
            continue
        if not _RUN_ID.fullmatch(str(request.get(name) or "")):
            raise JobError(f"a request names its run; {name} is {request.get(name)!r}", "USAGE")
    request["as_of"] = as_of_date(str(document.get("as_of") or ""))
    for name, allowed in (("from", LAYERS), ("to", LAYERS), ("reconcile", ("always", "never"))):
        if request[name] not in allowed:
            raise JobError(f"{name} of a request takes {', '.join(allowed)}; it is {request[name]!r}", "USAGE")
    return request


def as_of_date(text: str) -> str:
    """A date as it is; for a moment the day before it, the last one that is over. Raises USAGE."""
    moment = _MOMENT.fullmatch(text)
    try:
        if moment:
            at = datetime.fromisoformat(f"{moment[1]} {moment[2]}").replace(tzinfo=timezone.utc)
            return (at.date() - timedelta(days=1)).isoformat()
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and "1900-01-01" <= text <= "2199-12-31":
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise JobError(
        f'"{text}" is no as-of date: it takes YYYY-MM-DD from 1900-01-01 to 2199-12-31',
        "USAGE",
        ["rental-etl run --as-of 2025-03-24"],
    )
