"""The source against raw by value, cell by cell (docs/decisions/0062)."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Iterable, Mapping, Sequence

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from .changes import GONE, WRITTEN, renamed, same_key
from .compare_table import Compared
from .model import Table
from .rejects import RejectChanges

_SHOWN = 5
# Of one row there may be several cells to show, and of a copy none.
_LOOKED_AT = 20


def checksum_of(found: Compared, load: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Rows that differ, apart from those of which the source itself says that they came or changed since the last load.

    load: the last load of the table: its `position`, and when its run `started`; None where there was none.
    """
    table = found.given.table
    rows = _differences(table, found.rows, found.given.raw, load).persist()
    counts = {one["moved"]: one["count"] for one in rows.groupBy("moved").count().collect()}
    first = _first(table, rows) if counts else []
    bad = _bad_rows(found.rejects)
    return {
        "differing": counts.get(False, 0),
        "sample": _cells(table, [row for row in first if not row["moved"]]),
        "bad": bad[0],
        "bad_sample": bad[1],
        "moved": counts.get(True, 0),
        "moved_sample": _cells(table, [row for row in first if row["moved"]]),
    }


def _differences(table: Table, rows: DataFrame, raw: DataFrame, load: Mapping[str, Any] | None) -> DataFrame:
    differing = rows.where(F.col("_mark").isin(WRITTEN, GONE))
    there = F.col(f"r_{table.key[0]}").isNotNull()
    moved = (
        F.when(F.col("_deleted"), F.lit(False)).when(~there, _came(table, load)).otherwise(_changed_since(table, load))
    )
    joined = differing.join(renamed(raw), same_key(table), "left")
    return joined.withColumn("_there", there).withColumn("moved", F.coalesce(moved, F.lit(False)))


def _came(table: Table, load: Mapping[str, Any] | None) -> Column:
    if load is None or load["position"] is None:
        return F.lit(True)
    here = F.lit(load["position"]).cast(table.type_of(table.bookmark).lower())
    return F.col(table.bookmark) >= here if table.inclusive else F.col(table.bookmark) > here


def _changed_since(table: Table, load: Mapping[str, Any] | None) -> Column:
    """By the row's own time of change."""
    if load is None or table.latest_by is None:
        return F.lit(False)
    latest = F.col(table.latest_by)
    since = F.lit(load["started"]).cast("timestamp")
    return (latest > since) & ~latest.eqNullSafe(F.col(f"r_{table.latest_by}"))


def _first(table: Table, rows: DataFrame) -> list[Row]:
    """The first rows by key of those that moved and of the others, beside raw, as texts."""
    names = [column.name for column in table.columns]
    texts = [F.col(name).cast("string").alias(f"s_{name}") for name in names]
    of_raw = [F.col(f"r_{name}").cast("string").alias(f"t_{name}") for name in names]
    place = F.row_number().over(Window.partitionBy("moved").orderBy(*table.key))
    first = rows.withColumn("_place", place).where(F.col("_place") <= _LOOKED_AT)
    return first.select(*texts, *of_raw, "_deleted", "_there", "moved", "_place").orderBy("_place").collect()


def _cells(table: Table, first: Sequence[Row]) -> list[dict[str, str]]:
    """What differs in them, cell by cell."""
    told: list[dict[str, str]] = []
    for key, same in groupby(first, lambda row: {name: row[f"s_{name}"] for name in table.key}):
        copies = list(same)
        found = [cell for row in copies for cell in _of_row(table, row)]
        # Copies of a key may be as raw has them, and only their number not.
        told += [{**key, **cell} for cell in found or [{"problem": "more or fewer copies than raw counts"}] * len(copies)]
    return told[:_SHOWN]


def _of_row(table: Table, row: Row) -> Iterable[dict[str, str]]:
    if row["_deleted"] or not row["_there"]:
        yield {"problem": "gone from the source" if row["_deleted"] else "in the source, but not in raw"}
        return
    for column in table.columns:
        source, raw = row[f"s_{column.name}"], row[f"t_{column.name}"]
        if source != raw:
            both = {"column": column.name, "in_source": source, "in_raw": raw, "problem": "differs"}
            yield {name: value for name, value in both.items() if value is not None}


def _bad_rows(rejects: RejectChanges) -> tuple[int, list[dict[str, str]]]:
    """Bad rows of the source that are not in the open quarantine, and the other way round."""
    if rejects.rows is None:
        return 0, []
    problem = F.when(F.col("_deleted"), "no longer bad in the source").otherwise("bad in the source")
    told = rejects.rows.select("key_text", "rule", problem.alias("problem"))
    first = told.orderBy("key_text", "rule", "problem").limit(_SHOWN).collect()
    shown = [{name: value for name, value in row.asDict().items() if value is not None} for row in first]
    return rejects.added + rejects.cleared, shown
