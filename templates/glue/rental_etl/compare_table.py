"""One table of the source beside raw: read once, typed, and compared by value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Sequence, TypeVar

from pyspark import StorageLevel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from . import columns as names
from . import events
from .changes import GONE, SAME, WRITTEN, changed_rows, every_row, vanished_keys
from .errors import REBUILD, JobError
from .guards import TableCounts
from .model import Table
from .rejects import RejectChanges, compare_rejects
from .snapshot_files import RawState, typed_folder
from .storage import Storage
from .texts import typed_rows

Result = TypeVar("Result")


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
class Seen:
    """Rows that were read, those of them that are bad, and texts of good ones that were cut, by column."""

    rows: int
    bad: int
    truncated: dict[str, int]


@dataclass(frozen=True)
class Compared:
    """What a comparison has found."""

    given: TableInput
    seen: Seen
    # The columns of the lake and `_mark`; rows that raw has already keep nothing else.
    rows: DataFrame
    marks: Mapping[str, int]
    # Some keys of the source have several rows.
    copies: bool
    # Bytes of the longest text that is new.
    longest: int
    rejects: RejectChanges
    counts: TableCounts
    flow: dict
    # The position from which the source was read; None where it was read whole.
    beyond: str | None


def compare_table(
    storage: Storage, request: Mapping, given: TableInput, work: Callable[[Compared], Result]
) -> Result:
    """Types a table, compares it with raw, and does the work while both can be read. Raises SOURCE_CONTENT, UNBALANCED."""
    table, state = given.table, given.state
    beyond = None if request["reconcile"] == "always" else state.beyond()
    read = typed_rows(table, given.header, given.texts)
    if beyond:
        read = read.where(_reads_from(table, beyond))
    folder = typed_folder(request["run_id"], table.name)
    try:
        typed = _kept(storage, read, folder)
        return work(_compared(given, typed, beyond))
    finally:
        read.sparkSession.catalog.clearCache()
        storage.remove(folder)


def _compared(given: TableInput, typed: DataFrame, beyond: str | None) -> Compared:
    table, state = given.table, given.state
    seen = _look(given, typed)
    good = typed.where("_rule is null").drop("_rule", "_cut", "key_text", "row_text", "_fault")
    rejects = _rejects(given, typed, seen, beyond is None)
    changes = every_row(table, good) if state.full else changed_rows(table, good, given.raw, beyond is None)
    rows = changes.rows.persist(StorageLevel.MEMORY_AND_DISK)
    marks, longest = _count(table, rows)
    vanished = vanished_keys(table, good, given.raw) if state.full and state.rows > 0 else marks.get(GONE, 0)
    counts = TableCounts(table.name, state.rows, vanished, seen.rows, seen.bad, beyond is None)
    flow = _flow(table, seen, marks, rejects)
    return Compared(given, seen, rows, marks, changes.copies, longest, rejects, counts, flow, beyond)


def _kept(storage: Storage, rows: DataFrame, folder: str) -> DataFrame:
    """
    Rows that are read from files from here on. The source is read once: what Spark caches it may lose, and reads again,
    another source then; and it would look through the whole typing with every question.
    """
    storage.remove(folder)
    rows.write.mode("append").parquet(storage.url(folder))
    return rows.sparkSession.read.schema(rows.schema).parquet(storage.url(folder))


def _count(table: Table, rows: DataFrame) -> tuple[dict[str, int], int]:
    """Rows by their mark, and the bytes of the longest text that is written."""
    texts = [F.octet_length(column.name) for column in table.columns if column.type == "VARCHAR"]
    longest = F.max(F.greatest(*texts, F.lit(0))).alias("longest")
    found = rows.groupBy("_mark").agg(F.count(F.lit(1)).alias("n"), longest).collect()
    written = [one["longest"] for one in found if one["_mark"] == WRITTEN]
    return {one["_mark"]: one["n"] for one in found}, max(written, default=0)


def _look(given: TableInput, typed: DataFrame) -> Seen:
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
    return Seen(found["rows"], found["bad"], truncated)


def _reads_from(table: Table, position: str) -> Column:
    here = F.lit(position).cast(table.type_of(table.bookmark).lower())
    return F.col(table.bookmark) >= here if table.inclusive else F.col(table.bookmark) > here


def _rejects(given: TableInput, typed: DataFrame, seen: Seen, whole: bool) -> RejectChanges:
    bad = typed.where("_rule is not null").select(F.col("_rule").alias("rule"), "key_text", "row_text")
    return compare_rejects(
        given.table.name,
        bad,
        given.known_rejects,
        some=seen.bad + given.known_count > 0,
        whole=whole,
        rebuilt=given.state.asked,
    )


def _flow(table: Table, seen: Seen, marks: Mapping[str, int], rejects: RejectChanges) -> dict[str, Any]:
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
