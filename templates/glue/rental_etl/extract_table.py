"""The extract of one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from . import columns as names
from . import events
from .changes import GONE, SAME, WRITTEN, changed_rows, every_row, vanished_keys
from .errors import REBUILD, JobError
from .guards import TableCounts
from .lake import data_folder, in_order, rejects_folder, write_files
from .manifest import schema_hash
from .model import Table
from .rejects import LAKE as REJECT_COLUMNS
from .rejects import RejectChanges, compare_rejects
from .snapshot_files import RawState, typed_folder
from .storage import Storage
from .texts import typed_rows


# Bytes of a text that was cut, less those of the letter that did not fit.
_NEARLY_CUT = 65_535 - 4


@dataclass(frozen=True)
class TableInput:
    """All that an extract looks at of one table."""

    table: Table
    # What messages call it: database.table.
    name: str
    header: Sequence[str]
    # The source's texts (`typed_rows`), which are read once.
    texts: DataFrame
    state: RawState
    # Raw (`raw_rows`), and the open quarantine of the table.
    raw: DataFrame
    known_rejects: DataFrame
    known_count: int


@dataclass(frozen=True)
class TableDone:
    """What an extract made of it."""

    entry: dict[str, Any]
    counts: TableCounts
    flow: dict[str, Any]
    warnings: list[str]


@dataclass(frozen=True)
class _Seen:
    rows: int
    bad: int
    truncated: dict[str, int]


def extract_table(storage: Storage, request: Mapping[str, Any], given: TableInput) -> TableDone:
    """Types a table, and writes what differs from raw. Raises SOURCE_CONTENT, UNBALANCED."""
    table, state = given.table, given.state
    beyond = None if request["reconcile"] == "always" else state.beyond()
    read = typed_rows(table, given.header, given.texts)
    if beyond:
        read = read.where(_reads_from(table, beyond))
    folder = typed_folder(request["run_id"], table.name)
    try:
        typed = _kept(storage, read, folder)
        seen = _look(given, typed)
        good = typed.where("_rule is null").drop("_rule", "_cut", "key_text", "row_text", "_fault")
        rejects = _rejects(given, typed, seen, beyond is None)
        return _written(storage, request, given, good, seen, rejects, beyond)
    finally:
        read.sparkSession.catalog.clearCache()
        storage.remove(folder)


def _kept(storage: Storage, rows: DataFrame, folder: str) -> DataFrame:
    """
    Rows that are read from files from here on. The source is read once: what Spark caches it may lose, and reads again,
    another source then; and it would look through the whole typing with every question.
    """
    storage.remove(folder)
    rows.write.mode("append").parquet(storage.url(folder))
    return rows.sparkSession.read.schema(rows.schema).parquet(storage.url(folder))


def _written(
    storage: Storage,
    request: Mapping[str, Any],
    given: TableInput,
    good: DataFrame,
    seen: _Seen,
    rejects: RejectChanges,
    beyond: str | None,
) -> TableDone:
    table, state, run_id = given.table, given.state, request["run_id"]
    changes = every_row(table, good) if state.full else changed_rows(table, good, given.raw, beyond is None)
    rows = changes.rows.persist(StorageLevel.MEMORY_AND_DISK)
    marks, longest = _count(table, rows)
    extracted, gone = marks.get(WRITTEN, 0), marks.get(GONE, 0)
    written = rows.where(F.col("_mark").isin(WRITTEN, GONE))
    lake = in_order(written, [column["name"] for column in table.lake], run_id)
    files = write_files(storage, lake, extracted + gone, data_folder(table.name, run_id))
    rejected = _write_rejects(storage, rejects, rejects_folder(table.name, run_id), run_id)
    flow = _flow(table, seen, marks, rejects)
    # Told where something of them is new, and then of the whole source.
    cuts = seen.truncated if longest > _NEARLY_CUT else {}
    entry = {
        "table": table.name,
        "source_rows": seen.rows,
        "unchanged": flow["unchanged"],
        "extracted": extracted,
        "tombstones": gone,
        "copies": changes.copies,
        # An empty table that stays empty is not rebuilt: nothing moves.
        "full": state.full and (state.asked or extracted > 0),
        "rejected": rejects.added,
        "rejected_by_rule": rejects.added_by_rule,
        "cleared": rejects.cleared,
        "truncated": cuts,
        "drift": names.drift_of(table, given.header),
        "absent": names.absent_of(table, given.header),
        "files": files,
        "rejected_files": rejected,
        "schema_hash": schema_hash(table.lake),
    }
    vanished = vanished_keys(table, good, given.raw) if state.full and state.rows > 0 else gone
    counts = TableCounts(table.name, state.rows, vanished, seen.rows, seen.bad, beyond is None)
    return TableDone(entry, counts, flow, _warnings(given, cuts, beyond))


def _count(table: Table, rows: DataFrame) -> tuple[dict[str, int], int]:
    """Rows by their mark, and the bytes of the longest text that is written."""
    texts = [F.octet_length(column.name) for column in table.columns if column.type == "VARCHAR"]
    longest = F.max(F.greatest(*texts, F.lit(0))).alias("longest")
    found = rows.groupBy("_mark").agg(F.count(F.lit(1)).alias("n"), longest).collect()
    written = [one["longest"] for one in found if one["_mark"] == WRITTEN]
    return {one["_mark"]: one["n"] for one in found}, max(written, default=0)


def _look(given: TableInput, typed: DataFrame) -> _Seen:
    """Counts rows. Raises SOURCE_CONTENT."""
    texts = [column.name for column in given.table.columns if column.type == "VARCHAR"]
    cut = F.split(F.col("_cut"), ",")
    good = F.col("_rule").isNull()
    found = typed.agg(
        F.count(F.lit(1)).alias("rows"),
        F.count("_rule").alias("bad"),
        F.min("_fault").alias("fault"),
        *(F.count(F.when(good & F.array_contains(cut, name), 1)).alias(f"cut_{name}") for name in texts),
    ).collect()[0]
    if found["fault"] is not None:
        place, fault = found["fault"].split(":", 1)
        column = names.column_text(given.header[int(place)])
        raise JobError(f"{given.name}: a text of column {column} {fault}", "SOURCE_CONTENT", ["rental-etl doctor"])
    truncated = {name: found[f"cut_{name}"] for name in texts if found[f"cut_{name}"] > 0}
    return _Seen(found["rows"], found["bad"], truncated)


def _reads_from(table: Table, position: str) -> Column:
    here = F.lit(position).cast(table.type_of(table.bookmark).lower())
    return F.col(table.bookmark) >= here if table.inclusive else F.col(table.bookmark) > here


def _rejects(given: TableInput, typed: DataFrame, seen: _Seen, whole: bool) -> RejectChanges:
    bad = typed.where("_rule is not null").select(F.col("_rule").alias("rule"), "key_text", "row_text")
    return compare_rejects(
        given.table.name,
        bad,
        given.known_rejects,
        some=seen.bad + given.known_count > 0,
        whole=whole,
        rebuilt=given.state.asked,
    )


def _write_rejects(storage: Storage, rejects: RejectChanges, folder: str, run_id: str) -> list[dict[str, Any]]:
    count = rejects.added + rejects.cleared
    if rejects.rows is None or count == 0:
        storage.remove(folder)
        return []
    return write_files(storage, in_order(rejects.rows, REJECT_COLUMNS, run_id), count, folder)


def _flow(table: Table, seen: _Seen, marks: Mapping[str, int], rejects: RejectChanges) -> dict[str, Any]:
    """Raises UNBALANCED: rows were counted as they were read, and again by what became of them."""
    flow = {
        **events.empty_flow(table.name),
        "rows_in": seen.rows,
        "rows_out": marks.get(WRITTEN, 0) + rejects.added,
        "deleted": marks.get(GONE, 0),
        "unchanged": marks.get(SAME, 0) + seen.bad - rejects.added,
    }
    flow["unexplained"] = flow["rows_in"] - flow["rows_out"] - flow["unchanged"]
    if flow["unexplained"] != 0:
        message = f"{table.name} does not balance: {flow['unexplained']} rows are unexplained; nothing was loaded"
        raise JobError(message, "UNBALANCED", [REBUILD])
    return flow


def _warnings(given: TableInput, cuts: Mapping[str, int], beyond: str | None) -> list[str]:
    table = given.table
    told = names.column_warnings(table, given.header)
    told += [f"{table.name}: {n} texts of {name} were cut to 65,535 bytes" for name, n in cuts.items()]
    if beyond is None:
        return told
    read = f"only rows beyond {table.bookmark} {beyond} were read" if beyond else "rows were read from the beginning"
    unseen = "changes before it, and deletions," if given.state.rewound else "changes and deletions"
    return [*told, f"{table.name}: {read}; {unseen} are not seen"]
