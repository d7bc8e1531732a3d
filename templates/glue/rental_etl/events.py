"""What a job says while it works: a JSON object in each line of stdout, for the record of the run."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence


def emit(event: str, **more: Any) -> None:
    """Writes one line."""
    print(json.dumps({"event": event, **more}, ensure_ascii=False), flush=True)


def log(level: str, message: str) -> None:
    """Says something in words; `warn` is kept in the run's record as a warning."""
    emit("log", level=level, message=message)


def table_done(layer: str, flow: Mapping[str, Any]) -> None:
    """A layer is done with a table."""
    emit("table_done", layer=layer, flow=flow)


def table_progress(layer: str, table: str, rows: int, step: str) -> None:
    """A layer is under way with a table."""
    emit("table_progress", layer=layer, table=table, rows=rows, step=step)


def failed(code: str, message: str, suggestions: Sequence[str]) -> None:
    """The job ends with an error."""
    emit("failed", code=code, message=message, suggestions=list(suggestions))


def empty_flow(table: str) -> dict[str, Any]:
    """What one layer did to one table, with nothing in it."""
    counts = ["rows_in", "rows_out", "inserted", "late", "updated", "deleted", "unchanged", "superseded"]
    return {
        "table": table,
        **dict.fromkeys(counts, 0),
        **{name: {} for name in ["quarantined", "nullified", "filtered"]},
        "unexplained": 0,
    }
