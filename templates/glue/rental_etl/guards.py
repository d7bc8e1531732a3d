"""Limits that stop a run before anything is loaded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Iterable, Mapping

from .errors import JobError

# A table with fewer rows is stopped only where every one of them is bad.
_FEW_ROWS = 10


@dataclass(frozen=True)
class TableCounts:
    """What the guards look at; rows."""

    table: str
    raw_rows: int
    deleted: int
    source_rows: int
    quarantined: int
    # It was read whole, and not only beyond its bookmark.
    whole: bool


def check_guards(tables: Iterable[TableCounts], request: Mapping[str, Any]) -> None:
    """Raises GUARD_MAX_DELETED or GUARD_MAX_QUARANTINED for the first table over a limit."""
    for counts in tables:
        if not request["allow_deletes"]:
            _check_deleted(counts, request["guards"])
        if not request["allow_rejects"]:
            _check_quarantined(counts, request["guards"])


def _check_deleted(counts: TableCounts, guards: Mapping[str, float]) -> None:
    few = counts.raw_rows <= guards["max_deleted_min_rows"]
    if few or not _is_over(counts.deleted, counts.raw_rows, guards["max_deleted"]):
        return
    lost = f"{counts.table} would lose {counts.deleted} of its {counts.raw_rows} rows"
    share = f"({percent(counts.deleted, counts.raw_rows)}), more than max_deleted {percent(guards['max_deleted'], 1)}"
    raise JobError(
        f"{lost} {share}: the source has {counts.source_rows} rows; nothing was changed",
        "GUARD_MAX_DELETED",
        ["rental-etl run --allow-deletes   # lets it pass once, if the rows are really gone"],
    )


def _check_quarantined(counts: TableCounts, guards: Mapping[str, float]) -> None:
    bad, rows = counts.quarantined, counts.source_rows
    every = bad == rows and bad > 0 and (counts.whole or rows >= _FEW_ROWS)
    if not every and not (rows >= _FEW_ROWS and _is_over(bad, rows, guards["max_quarantined"])):
        return
    limit = f"more than max_quarantined {percent(guards['max_quarantined'], 1)}"
    why = "every one of them" if every else limit
    raise JobError(
        f"{counts.table} has {bad} bad rows of {rows} ({percent(bad, rows)}), {why}; nothing was changed",
        "GUARD_MAX_QUARANTINED",
        ["rental-etl run --allow-rejects   # lets it pass once, if the rows are really bad"],
    )


def _is_over(part: float, whole: float, share: float) -> bool:
    return whole > 0 and part / whole > share


def percent(part: float, whole: float) -> str:
    """A share with one decimal, where it has one."""
    tenths = math.floor(part / whole * 1000 + 0.5) / 10
    return f"{tenths:g} %" if tenths < 100000 else f"{tenths} %"
