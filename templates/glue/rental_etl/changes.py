"""What of a table differs from raw, by value (docs/decisions/0023): rows for the lake, and how many stay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from .model import Table

# Marks of a row: it is written, it is as raw has it, or its key is gone from the source.
WRITTEN, SAME, GONE = "written", "same", "gone"


@dataclass(frozen=True)
class Changes:
    """Rows for the lake, `_mark` among their columns; of those that raw has already, only the mark."""

    rows: DataFrame
    # Some keys of the source have several rows.
    copies: bool


def every_row(table: Table, good: DataFrame) -> Changes:
    """All good rows, for a raw table that is empty or is to be rebuilt."""
    copied = _copied_keys(table, good)
    if copied is None:
        return Changes(_marked(good, F.lit(WRITTEN), F.lit(0)), False)
    alone = _marked(_without(table, good, copied), F.lit(WRITTEN), F.lit(0))
    several = _marked(_placed(table, _only(table, good, copied)), F.lit(WRITTEN), F.col("_position"))
    return Changes(alone.unionByName(several), True)


def changed_rows(table: Table, good: DataFrame, raw: DataFrame, whole: bool) -> Changes:
    """
    The good rows that are new or not as raw has them, all copies of a key where its survivor or their number changed;
    and, where the source was read whole, the keys that it no longer has.
    """
    copied = _copied_keys(table, good)
    if copied is None:
        return Changes(_met(table, good, raw, whole), False)
    alone = _met(table, _without(table, good, copied), _without(table, raw, copied), whole)
    return Changes(alone.unionByName(_met_copies(table, _placed(table, _only(table, good, copied)), raw)), True)


def vanished_keys(table: Table, good: DataFrame, raw: DataFrame) -> int:
    """Keys of raw that the source no longer has."""
    return raw.join(good.select(*table.key), list(table.key), "left_anti").count()


def raw_rows(table: Table, unloaded: DataFrame) -> DataFrame:
    """Raw as the snapshot has it, with the types of the model, whatever the unload made of them."""
    types = {column.name: column.type for column in table.columns}
    types.update(_superseded="BIGINT", _nullified="VARCHAR")
    return unloaded.select(*(F.col(name).cast(_spark_type(type_)).alias(name) for name, type_ in types.items()))


def _spark_type(type_: str) -> str:
    return "string" if type_ == "VARCHAR" else type_.lower()


def _met(table: Table, good: DataFrame, raw: DataFrame, whole: bool) -> DataFrame:
    """Rows of keys that stand once, beside those of raw."""
    joined = good.withColumn("_there", F.lit(True)).join(
        renamed(raw), same_key(table), "full_outer" if whole else "left"
    )
    absent = F.col(f"r_{table.key[0]}").isNull()
    written = absent | (F.col("r__superseded") > 0) | differs(table)
    mark = F.when(F.col("_there").isNull(), GONE).when(written, WRITTEN).otherwise(SAME)
    keys = {name: F.coalesce(F.col(name), F.col(f"r_{name}")) for name in table.key}
    return _marked(joined.withColumn("_mark", mark).withColumns(keys), F.col("_mark"), F.lit(0))


def _met_copies(table: Table, placed: DataFrame, raw: DataFrame) -> DataFrame:
    """Rows of keys that stand several times: those of a key are written, or none of them."""
    joined = placed.join(renamed(raw), same_key(table), "left")
    of_key = Window.partitionBy(*table.key)
    changed = (
        F.col(f"r_{table.key[0]}").isNull() | (F.col("r__superseded") != F.col("_copies") - 1) | differs(table)
    )
    survivor_changed = F.max(F.when(F.col("_rank") == 1, changed).otherwise(F.lit(False))).over(of_key)
    mark = F.when(survivor_changed, WRITTEN).otherwise(SAME)
    return _marked(joined.withColumn("_mark", mark), F.col("_mark"), F.col("_position"))


def _marked(rows: DataFrame, mark: Column, position: Column) -> DataFrame:
    """The columns of the lake, and `_mark`; a row that raw has already keeps nothing else."""
    names = [name for name in rows.columns if not name.startswith(("_", "r_"))]
    kept = mark != SAME
    values = [F.when(kept, F.col(name)).alias(name) for name in names]
    return rows.select(
        mark.alias("_mark"),
        *values,
        F.when(kept, position.cast("bigint")).alias("_position"),
        F.when(mark == WRITTEN, F.col("_nullified")).alias("_nullified"),
        (mark == GONE).alias("_deleted"),
    )


def _placed(table: Table, copies: DataFrame) -> DataFrame:
    """
    With their place among the copies of a key, by canonical text; their number; and the rank of the one that survives,
    which the load finds in the same order.
    """
    texts = [F.coalesce(F.col(column.name).cast("string"), F.lit("")) for column in table.columns]
    of_key = Window.partitionBy(*table.key)
    latest = [F.col(table.latest_by).desc_nulls_last()] if table.latest_by else []
    order = [*texts, F.coalesce(F.col("_nullified"), F.lit(""))]
    numbered = copies.withColumn("_position", F.row_number().over(of_key.orderBy(*order)))
    return numbered.withColumn("_copies", F.count(F.lit(1)).over(of_key)).withColumn(
        "_rank", F.row_number().over(of_key.orderBy(*latest, F.col("_position").desc()))
    )


def _copied_keys(table: Table, good: DataFrame) -> DataFrame | None:
    """The keys that stand more than once; None where there are none, which is nearly always."""
    keys = good.groupBy(*table.key).count().where("count > 1").drop("count")
    return keys.persist() if keys.take(1) else None


def differs(table: Table) -> Column:
    """A row and that of raw beside it (`renamed`) differ in a value."""
    values: Sequence[str] = [column.name for column in table.columns if column.name not in table.key]
    return reduce(or_, (~F.col(name).eqNullSafe(F.col(f"r_{name}")) for name in [*values, "_nullified"]))


def renamed(raw: DataFrame) -> DataFrame:
    """Raw with `r_` before the name of each column, for a join."""
    return raw.select(*(F.col(name).alias(f"r_{name}") for name in raw.columns))


def same_key(table: Table) -> list[Column]:
    """The condition of such a join."""
    return [F.col(name) == F.col(f"r_{name}") for name in table.key]


def _only(table: Table, rows: DataFrame, keys: DataFrame) -> DataFrame:
    return rows.join(keys, list(table.key), "left_semi")


def _without(table: Table, rows: DataFrame, keys: DataFrame) -> DataFrame:
    return rows.join(keys, list(table.key), "left_anti")
