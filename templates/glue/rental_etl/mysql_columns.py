"""How columns of MySQL are read as text, so that no number or moment passes through a type of the driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from .model import Table

_FLOATS = ("float", "double")
_INTEGERS = ("tinyint", "smallint", "mediumint", "int", "bigint")
_MOMENTS = ("date", "datetime", "timestamp")
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_SHAPES = (
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
    *("geometrycollection", "geomcollection"),
)
# These hold no letter of which an engine of ours could not take any.
_PLAIN = (*_INTEGERS, *_MOMENTS, "decimal", "year", "bit", "time", *_FLOATS)

# Digits and an exponent, as a server writes a DOUBLE that is very large or very small.
_EXPONENT = r"\\A(-?)([0-9]+)(?:\\.([0-9]+))?[eE]([+-]?[0-9]+)\\z"


@dataclass(frozen=True)
class SourceColumn:
    """A column as the source has it."""

    # The model's name, where it is one of the model's: names of MySQL's columns differ in more than case.
    name: str
    # What is selected.
    expression: str
    kind: str  # plain, float, text, bytes
    type: str


def source_column(table: Table, name: str, data_type: str) -> SourceColumn:
    """A column by its name and type in information_schema."""
    type_ = data_type.lower()
    known = next((column.name for column in table.columns if column.name == name.lower()), None)
    if known is None and type_ in (*_BYTES, *_SHAPES):
        # Bytes that nobody asks for need be no text.
        return SourceColumn(name, "cast(null as char)", "plain", type_)
    column = quoted(name)
    if type_ in _BYTES:
        return SourceColumn(known or name, column, "bytes", type_)
    value = f"{column} + 0" if type_ == "bit" else f"st_astext({column})" if type_ in _SHAPES else column
    return SourceColumn(known or name, f"cast({value} as char)", _kind(type_), type_)


def _kind(type_: str) -> str:
    if type_ in _FLOATS:
        return "float"
    return "plain" if type_ in _PLAIN else "text"


def is_integer(column: SourceColumn) -> bool:
    """A table may be read in parts of it."""
    return column.type in _INTEGERS


def is_moment(column: SourceColumn) -> bool:
    """Its values are compared as moments."""
    return column.type in ("datetime", "timestamp")


def quoted(name: str) -> str:
    """An identifier in a statement for MySQL."""
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def text_of(column: SourceColumn, cell: str) -> str:
    """The text of a cell, as an expression of Spark over what the driver gave."""
    if column.kind == "bytes":
        return f"cast({cell} as string)"
    return _without_exponent(cell) if column.kind == "float" else cell


def fault_of(columns: Iterable[tuple[SourceColumn, str]]) -> str:
    """What is wrong with the texts of a row, as an expression of Spark: `<place>:<what it is>`, or NULL."""
    cases = []
    for place, (column, cell) in enumerate(columns):
        if column.kind == "bytes":
            again = f"encode(decode({cell}, 'UTF-8'), 'UTF-8')"
            cases.append(f"when {again} <> {cell} then '{place}:holds bytes that are no UTF-8'")
        if column.kind in ("bytes", "text"):
            cases.append(f"when locate(char(0), cast({cell} as string)) > 0 then '{place}:holds a NUL character'")
    return f"case {' '.join(cases)} end" if cases else "cast(null as string)"


def _without_exponent(cell: str) -> str:
    def part(n: int) -> str:
        return f"coalesce(regexp_extract({cell}, '{_EXPONENT}', {n}), '')"

    digits = f"concat({part(2)}, {part(3)})"
    point = f"(length({part(2)}) + cast({part(4)} as int))"
    small = f"concat({part(1)}, '0.', repeat('0', -{point}), {digits})"
    whole = f"rpad(substr({digits}, 1, {point}), {point}, '0')"
    fraction = f"case when length({digits}) > {point} then concat('.', substr({digits}, {point} + 1)) else '' end"
    large = f"concat({part(1)}, {whole}, {fraction})"
    plain = f"case when {point} <= 0 then {small} else {large} end"
    return f"case when {cell} rlike '{_EXPONENT}' then {plain} else {cell} end"
