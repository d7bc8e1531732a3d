"""How the columns of a source's table differ from the model's, and what is said of it."""

from __future__ import annotations

import unicodedata
from typing import Sequence

from .errors import JobError
from .model import Table

_LISTED = 40
_LETTERS = 200
# What shows nothing though it is neither a control nor a blank (Default_Ignorable_Code_Point).
_IGNORABLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)}


def drift_of(table: Table, header: Sequence[str]) -> list[str]:
    """Columns that the model does not know: they are not loaded."""
    known = {column.name for column in table.columns}
    return [name for name in header if name not in known]


def absent_of(table: Table, header: Sequence[str]) -> list[str]:
    """Optional columns that are not there: their values are NULL."""
    return [column.name for column in table.columns if not column.required and column.name not in header]


def assert_columns(table: Table, name: str, header: Sequence[str]) -> None:
    """Raises SOURCE_SCHEMA where a required column is not there."""
    missing = [column.name for column in table.columns if column.required and column.name not in header]
    if not missing:
        return
    columns = f"column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    raise JobError(
        f"{name} lacks the required {columns}; its header is: {_listed(header)}",
        "SOURCE_SCHEMA",
        ["rental-etl doctor   # checks the headers of all files"],
    )


def column_warnings(table: Table, header: Sequence[str]) -> list[str]:
    """A line for each kind of difference."""
    absent, drift = absent_of(table, header), drift_of(table, header)
    return [
        *_told(table.name, absent, "not in the source", ("its values are", "their values are"), "NULL"),
        *_told(table.name, drift, "not in the model", ("it is", "they are"), "not loaded"),
    ]


def _told(table: str, names: Sequence[str], where: str, subject: tuple[str, str], what: str) -> list[str]:
    if not names:
        return []
    if len(names) > 1:
        return [f"{table}: {len(names)} columns are {where}, {subject[1]} {what}: {_listed(names)}"]
    return [f"{table}: column {column_text(names[0])} is {where}, {subject[0]} {what}"]


def _listed(header: Sequence[str]) -> str:
    texts = [column_text(name) for name in header[:_LISTED]]
    more = len(header) - _LISTED
    names = ", ".join(f"{text[:_LETTERS]}…" if len(text) > _LETTERS else text for text in texts)
    return f"{names}, and {more} more" if more > 0 else names


def column_text(name: str) -> str:
    """A column's name as a message says it: what cannot be seen, or told from a blank, is written out."""
    return "".join(_written_out(letter) if _is_unseen(letter) else letter for letter in name)


def _is_unseen(letter: str) -> bool:
    return letter != " " and (unicodedata.category(letter)[0] in "CZ" or ord(letter) in _IGNORABLE)


def _written_out(letter: str) -> str:
    code = f"{ord(letter):x}"
    return f"\\u{{{code}}}" if len(code) > 4 else f"\\u{code.rjust(4, '0')}"
