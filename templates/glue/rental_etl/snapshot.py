"""Step `snapshot`: tells the extract, which does not reach the warehouse, what raw holds (docs/decisions/0064)."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from . import events
from .data_api import Row, Statement, Warehouse
from .errors import JobError
from .scripts import literal, redshift_text
from .snapshot_files import raw_folder, rejects_folder, snapshot_folder, state_key
from .storage import Storage, write_json

_ATTEMPTS = 3
_OPEN = "select count(*) as n from raw_data.quarantine where cleared_run_id is null"


def take_snapshot(
    warehouse: Warehouse, storage: Storage, release: Mapping[str, Any], request: Mapping[str, Any], copy_role: str
) -> None:
    """
    Writes rows of raw and the open quarantine as Parquet, and the state last, all of one transaction. What is empty is
    not unloaded: that is looked at before, and again in the transaction.
    """
    run_id = request["run_id"]
    state, open_count = _look(warehouse, "look", release, [])
    for _ in range(_ATTEMPTS):
        wanted = _not_empty(state, open_count)
        unloads = _unloads(storage, release, run_id, wanted, copy_role)
        state, open_count = _look(
            warehouse, "snapshot", release, unloads, lambda: storage.remove(snapshot_folder(run_id))
        )
        if _not_empty(state, open_count) <= wanted:
            write_json(storage, state_key(run_id), state)
            rows = sum(int(row["rows"]) for row in state)
            events.log("info", f"the extract is told of {rows} rows in raw, and {open_count} in quarantine")
            return
    message = "raw was loaded again and again while its snapshot was taken"
    raise JobError(message, "LOCKED", [f"rental-etl resume {run_id}"])


def _look(
    warehouse: Warehouse,
    step: str,
    release: Mapping[str, Any],
    more: list[Statement],
    prepare: Callable[[], None] = lambda: None,
) -> tuple[list[dict[str, Any]], int]:
    look = [
        Statement("state of raw", release["snapshot"]["state"], reads=True),
        Statement("open rejects", _OPEN, reads=True),
    ]
    found = warehouse.batch(step, [*look, *more], prepare)
    return [_typed(row) for row in found["state of raw"]], int(found["open rejects"][0]["n"])


def _typed(row: Row) -> dict[str, Any]:
    """Counts as numbers: the sum of a BIGINT comes as a text."""
    counts = {name: int(row[name]) for name in ("seq", "bookmark_seq", "rows", "single")}
    return {**row, **counts}


def _not_empty(state: list[dict[str, Any]], open_count: int) -> set[str]:
    tables = {row["table_name"] for row in state if row["rows"] > 0}
    return tables | ({"rejects"} if open_count > 0 else set())


def _unloads(
    storage: Storage, release: Mapping[str, Any], run_id: str, wanted: set[str], copy_role: str
) -> list[Statement]:
    queries = release["snapshot"]
    names = [table["name"] for table in release["tables"]]
    every = [
        *((name, queries["raw"][name], raw_folder(run_id, name)) for name in names),
        ("rejects", queries["rejects"], rejects_folder(run_id)),
    ]
    return [
        Statement(
            f"unload {name}",
            # The query is itself a literal: what Redshift escapes in it is escaped once more.
            f"unload ({literal(redshift_text(sql))}) to {literal(storage.url(folder))} iam_role {role(copy_role)}"
            " format as parquet allowoverwrite",
        )
        for name, sql, folder in every
        if name in wanted
    ]


def role(copy_role: str) -> str:
    """The role of COPY and UNLOAD, or the default one of the warehouse."""
    return "default" if copy_role == "default" else literal(copy_role)
