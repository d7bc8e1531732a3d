"""The source tables as the release document has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping


@dataclass(frozen=True)
class Column:
    """A column of a source table; its type is one of SQL."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True)
class Table:
    """A source table, and how its texts are typed."""

    name: str
    raw: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    bookmark: str
    # Several rows may share a position.
    inclusive: bool
    latest_by: str | None
    # A query over `{{texts}}`.
    typing: str
    # Names and types of the columns of its files in the lake.
    lake: tuple[Mapping[str, str], ...]

    def type_of(self, name: str) -> str:
        """The type of a column."""
        return next(column.type for column in self.columns if column.name == name)


def tables_of(release: Mapping[str, Any]) -> list[Table]:
    """All source tables, in the order of the model."""
    return [
        Table(
            name=table["name"],
            raw=table["raw"],
            key=tuple(table["key"]),
            columns=tuple(Column(one["name"], one["type"], one["required"]) for one in table["columns"]),
            bookmark=table["bookmark"]["column"],
            inclusive=table["bookmark"]["inclusive"],
            latest_by=table.get("latestBy"),
            typing=release["spark"][table["name"]]["sql"],
            lake=tuple(release["spark"][table["name"]]["lake"]),
        )
        for table in release["tables"]
    ]
