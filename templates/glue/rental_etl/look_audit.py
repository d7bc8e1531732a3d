"""Rows in which source and raw differ, by what a bookmark alone does with them (docs/decisions/0061)."""

from __future__ import annotations

from typing import Any, Mapping

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from .changes import GONE, WRITTEN, differs, renamed, same_key
from .compare_table import Compared
from .model import Table


def kinds_of(found: Compared, point: Mapping[str, Any], keys: int) -> dict[str, dict[str, Any]]:
    """
    Of each kind that there is, the number of rows and the first keys.

    point: from where the next run without reconciling reads: `state`, and `position`, which is None at the beginning.
    """
    table = found.given.table
    rows = _by_kind(table, _each_key_once(table, found.rows), found.given.raw, point).persist()
    counts = {one["kind"]: one["count"] for one in rows.groupBy("kind").count().collect()}
    first = _first(table, rows, keys) if keys > 0 and counts else []
    return {
        kind: {"rows": n, "keys": [{name: row[f"t_{name}"] for name in table.key} for row in first if row["kind"] == kind]}
        for kind, n in counts.items()
    }


def _each_key_once(table: Table, rows: DataFrame) -> DataFrame:
    """Of several copies the one that survives, in the order of the load."""
    latest = [F.col(table.latest_by).desc_nulls_last()] if table.latest_by else []
    order = [F.col("_deleted").asc(), *latest, F.col("_position").desc()]
    place = F.row_number().over(Window.partitionBy(*table.key).orderBy(*order))
    return rows.where(F.col("_mark").isin(WRITTEN, GONE)).withColumn("_place", place).where("_place = 1")


def _by_kind(table: Table, rows: DataFrame, raw: DataFrame, point: Mapping[str, Any]) -> DataFrame:
    beyond, equal = _conditions(table, point["position"])
    kind = (
        F.when(F.lit(point["state"] == "reset"), "waiting")
        .when(F.col("_deleted"), "deleted")
        .when(equal, "equal")
        .when(beyond, "waiting")
        .when(F.col(f"r_{table.key[0]}").isNull(), "late")
        .when(differs(table), "updated")
        .otherwise("copied")
    )
    return rows.join(renamed(raw), same_key(table), "left").select(*table.key, kind.alias("kind"))


def _conditions(table: Table, position: str | None) -> tuple[Column, Column]:
    """What is read without reconciling: all of it where it begins at the beginning."""
    if position is None:
        return F.lit(True), F.lit(False)
    here = F.lit(position).cast(table.type_of(table.bookmark).lower())
    column = F.col(table.bookmark)
    return column > here, (column == here) if table.inclusive else F.lit(False)


def _first(table: Table, rows: DataFrame, keys: int) -> list[Row]:
    """Of each kind the first keys, in their order, as texts."""
    place = F.row_number().over(Window.partitionBy("kind").orderBy(*table.key))
    texts = [F.col(name).cast("string").alias(f"t_{name}") for name in table.key]
    first = rows.withColumn("_place", place).where(F.col("_place") <= keys)
    return first.select("kind", "_place", *texts).orderBy("_place").collect()
