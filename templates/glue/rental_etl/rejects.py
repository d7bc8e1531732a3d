"""Bad rows of a source beside the open quarantine, as multisets: the n-th of several equal rows has occurrence n."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

_SAME = ["rule", "key_text", "row_text", "occurrence"]
LAKE = ["table_name", *_SAME, "_deleted", "_run_id"]


@dataclass(frozen=True)
class RejectChanges:
    """What is told of a table's bad rows. `rows` are those that are new, and those that the source no longer has."""

    rows: DataFrame | None
    added_by_rule: dict[str, int]
    cleared: int

    @property
    def added(self) -> int:
        return sum(self.added_by_rule.values())


def compare_rejects(
    table: str, bad: DataFrame, known: DataFrame, *, some: bool, whole: bool, rebuilt: bool
) -> RejectChanges:
    """
    bad: `rule`, `key_text`, `row_text` of the source's bad rows; known: the open quarantine of the table.
    some: there are any of either. whole: the source was read whole; otherwise nothing is cleared. rebuilt: all of them
    are told again, and those that are open keep their id and first run.
    """
    if not some:
        return RejectChanges(None, {}, 0)
    equal = Window.partitionBy("rule", "key_text", "row_text").orderBy(F.lit(1))
    found = bad.select("rule", "key_text", "row_text", F.row_number().over(equal).cast("bigint").alias("occurrence"))
    new = found if rebuilt else found.join(known, _SAME, "left_anti")
    changes = new.select(*_SAME, F.lit(False).alias("_deleted"))
    if whole:
        gone = known.join(found, _SAME, "left_anti")
        changes = changes.unionByName(gone.select(*_SAME, F.lit(True).alias("_deleted")))
    rows = changes.select(F.lit(table).alias("table_name"), *_SAME, "_deleted").persist()
    counts = rows.groupBy("_deleted", "rule").count().collect()
    added = {one["rule"]: one["count"] for one in sorted(counts, key=lambda one: one["rule"]) if not one["_deleted"]}
    return RejectChanges(rows, added, sum(one["count"] for one in counts if one["_deleted"]))


def open_rejects(unloaded: DataFrame) -> DataFrame:
    """The open quarantine of all tables as the snapshot has it."""
    return unloaded.select(
        *(F.col(name).cast("string").alias(name) for name in ["table_name", "rule", "key_text", "row_text"]),
        F.col("occurrence").cast("bigint").alias("occurrence"),
    )
