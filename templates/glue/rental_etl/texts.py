"""Rows as texts, and their typing."""

from __future__ import annotations

from typing import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from .model import Table

# Of a texts' relation: what is wrong with a row's texts, as `<place of the column>:<what it is>`; mostly NULL.
FAULT = "_fault"


def text_column(place: int) -> str:
    """The name of the n-th column of the source, as text: names of a source may be anything."""
    return f"s_{place}"


def typed_rows(table: Table, header: Sequence[str], texts: DataFrame) -> DataFrame:
    """
    Types texts by the rules of the release.

    header: names of the source's columns; texts: their texts as `s_0`, `s_1`, …, and `_fault`.
    """
    spark = texts.sparkSession
    view = f"texts_of_{table.name}"
    _typing_input(table, header, texts).createOrReplaceTempView(view)
    return spark.sql(table.typing.replace("{{texts}}", view))


def _typing_input(table: Table, header: Sequence[str], texts: DataFrame) -> DataFrame:
    places = {name: place for place, name in enumerate(header)}

    def of(name: str) -> Column:
        return F.col(text_column(places[name])) if name in places else F.lit(None).cast("string")

    known = [of(column.name).alias(f"x_{column.name}") for column in table.columns]
    whole = [F.coalesce(of(name), F.lit("")).alias(name) for name in in_model_order(table, header)]
    return texts.select(*known, F.struct(*whole).alias("_whole"), F.col(FAULT))


def in_model_order(table: Table, header: Sequence[str]) -> list[str]:
    """The order of a source's columns does not matter: a bad row stays the same when it changes."""
    names = [column.name for column in table.columns]
    others = sorted((name for name in header if name not in names), key=lambda name: name.encode("utf-16-be"))
    return [*(name for name in names if name in header), *others]
