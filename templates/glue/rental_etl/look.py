"""
A look at the source: an extract that writes nothing but one small document, which says what it would find. The command
line, which does not reach the source, asks for it (src/lib/core/run/look.ts).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping

from pyspark.sql import SparkSession

from .compare_table import Compared, compare_table
from .errors import JobError
from .guards import TableCounts, check_guards
from .lake import lake_error
from .look_audit import kinds_of
from .look_checksum import checksum_of
from .model import Table, tables_of
from .reading import Known, Source, headers_of, table_input
from .snapshot_files import RawState, read_states, snapshot_folder
from .storage import Storage, write_json

KINDS = ("plan", "rows", "audit", "checksum")


def look_key(run_id: str) -> str:
    """Where the document is; it is removed after some days, as all that lies there."""
    return f"{snapshot_folder(run_id)}look.json"


def look(
    spark: SparkSession,
    storage: Storage,
    open_source: Callable[[], Source],
    release: Mapping[str, Any],
    request: Mapping[str, Any],
) -> None:
    """Raises SOURCE_*, GUARD_* of a plan, IO, UNBALANCED, USAGE."""
    asked, run_id = request["look"], request["run_id"]
    kind = asked.get("kind")
    if kind not in KINDS:
        raise JobError(f"kind of a look takes {', '.join(KINDS)}; it is {kind!r}", "USAGE")
    tables = [table for table in tables_of(release) if table.name in asked.get("tables", {table.name: None})]
    try:
        source = open_source()
        if kind == "rows":
            found = [{"table": table.name, "rows": source.count(table)} for table in tables]
            document = {"version": 1, "raw_seq": None, "tables": found}
        else:
            document = _compared(spark, storage, source, tables, request)
    finally:
        # Copies of raw hold persons; nobody needs them any more.
        storage.remove(snapshot_folder(run_id))
    write_json(storage, look_key(run_id), document)


def _compared(
    spark: SparkSession, storage: Storage, source: Source, tables: list[Table], request: Mapping[str, Any]
) -> dict[str, Any]:
    plans = request["look"]["kind"] == "plan"
    states = read_states(storage, request["run_id"], request["full_refresh"])
    headers = headers_of(source, tables)
    counts: list[TableCounts] = []

    def told(found: Compared) -> dict[str, Any]:
        counts.append(found.counts)
        return _told(found, request["look"])

    found = []
    try:
        known = Known(spark, storage, request["run_id"])
        for table in tables:
            state = states[table.name] if plans else _as_it_is(states[table.name])
            given = table_input(source, request, table, headers[table.name], state, known)
            found.append({"table": table.name, **compare_table(storage, request, given, told)})
    except Exception as error:
        raise source.explained(lake_error(error)) from error
    if plans:
        check_guards(counts, request)
    return {"version": 1, "raw_seq": next(iter(states.values())).seq, "tables": found}


def _as_it_is(state: RawState) -> RawState:
    """Raw is compared whether a reset waits or not, and whether it holds rows or not."""
    return replace(state, full=False, asked=False)


def _told(found: Compared, asked: Mapping[str, Any]) -> dict[str, Any]:
    of_table = asked.get("tables", {}).get(found.given.table.name)
    if asked["kind"] == "audit":
        return {"kinds": kinds_of(found, of_table, int(asked["keys"]))}
    if asked["kind"] == "checksum":
        return checksum_of(found, of_table)
    return {"flow": found.flow}
