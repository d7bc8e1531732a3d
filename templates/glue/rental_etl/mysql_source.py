"""A MySQL database as a source of texts, read by JDBC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from pyspark.sql import DataFrame, SparkSession

from .errors import JobError
from .model import Table
from .mysql_columns import SourceColumn, fault_of, is_integer, is_moment, quoted, source_column, text_of
from .mysql_errors import mysql_error
from .texts import FAULT, text_column

DRIVER = "com.mysql.cj.jdbc.Driver"
# Moments in UTC, texts in UTF-8, all rows, and no word or quote of a mode that is set on the server.
SESSION = ", ".join(
    [
        "time_zone = '+00:00'",
        "sql_mode = 'NO_ENGINE_SUBSTITUTION'",
        "sql_select_limit = 18446744073709551615",
        "net_write_timeout = 3600",
    ]
)
PROPERTIES = {
    "driver": DRIVER,
    "connectionTimeZone": "UTC",
    "forceConnectionTimeZoneToSession": "true",
    "characterEncoding": "UTF-8",
    "tinyInt1isBit": "false",
    "zeroDateTimeBehavior": "CONVERT_TO_NULL",
    "sessionVariables": SESSION,
    # Without a cursor the driver holds all rows of an answer in memory.
    "useCursorFetch": "true",
    "fetchsize": "10000",
    "connectTimeout": "15000",
    "socketTimeout": "1800000",
    # The server may not ask for files of this machine.
    "allowLoadLocalInfile": "false",
}
ROWS_PER_PART = 200_000
MOST_PARTS = 16
# An unsigned key may be greater than a number of Spark's.
_MOST = (1 << 63) - 1


@dataclass(frozen=True)
class _Shape:
    columns: tuple[SourceColumn, ...]
    # About how many rows it has.
    rows: int


class MysqlSource:
    """The tables of one database. All that the server says goes through `mysql_error`."""

    def __init__(self, spark: SparkSession, url: str, credentials: Mapping[str, str], tables: Sequence[Table]) -> None:
        """url: jdbc:mysql://host:port/database, without user and password. Raises USAGE, ACCESS, IO, SOURCE_SCHEMA."""
        found = re.fullmatch(r"jdbc:mysql://([^/?#@]+)/([^/?#]+)(\?.*)?", url)
        # Arguments of a job are kept, and shown to whoever may see its runs.
        if not found or re.search(r"[?&](user|password)\d?=", found[3] or "", re.IGNORECASE):
            raise JobError("--source_url takes jdbc:mysql://HOST[:PORT]/DATABASE, without user and password", "USAGE")
        self._place = f"mysql://{found[1]}/{found[2]}"
        self.database = found[2]
        self._spark = spark
        login = {"user": credentials["username"], "password": credentials["password"]}
        self.options = {**PROPERTIES, "url": url, **login}
        self._shapes = self._read_shapes(tables)

    def header(self, table: Table) -> list[str]:
        return [column.name for column in self._shapes[table.name].columns]

    def name(self, table: Table) -> str:
        return f"{self.database}.{table.name}"

    def count(self, table: Table) -> int:
        [row] = self._collect(f"select count(*) as n from {self._from(table)}")
        return int(row["n"])

    def texts(self, table: Table, beyond: str | None) -> DataFrame:
        columns = self._shapes[table.name].columns
        cells = [f"`{text_column(place)}`" for place in range(len(columns))]
        selected = [f"{column.expression} as {text_column(place)}" for place, column in enumerate(columns)]
        rows = self._rows(table, selected, self._condition(table, beyond))
        texts = [f"{text_of(column, cell)} as {cell}" for column, cell in zip(columns, cells)]
        return rows.selectExpr(*texts, f"{fault_of(zip(columns, cells))} as {FAULT}")

    def explained(self, error: Exception) -> Exception:
        return mysql_error(error, self._place)

    def bookmark_query(self, table: Table) -> str:
        """Gives the column that a bookmark follows, alone."""
        return f"select {quoted(table.bookmark)} from {self._from(table)}"

    def _rows(self, table: Table, selected: Sequence[str], condition: str) -> DataFrame:
        """Read in parts of a key that is a number: each by a task and a connection of its own."""
        key = self._part_key(table)
        parts = min(MOST_PARTS, self._shapes[table.name].rows // ROWS_PER_PART + 1)
        bounds = self._bounds(table, key, condition) if key and parts > 1 else None
        if key is None or bounds is None:
            return self._query(f"select {', '.join(selected)} from {self._from(table)}{condition}")
        query = f"select {', '.join(selected)}, {quoted(key)} as _part from {self._from(table)}{condition}"
        low, high = bounds
        options = {"partitionColumn": "_part", "lowerBound": str(low), "upperBound": str(high + 1)}
        return self._query(query, {**options, "numPartitions": str(parts)})

    def _bounds(self, table: Table, key: str, condition: str) -> tuple[int, int] | None:
        ends = f"select min({quoted(key)}) as low, max({quoted(key)}) as high from {self._from(table)}{condition}"
        [row] = self._collect(ends)
        if row["low"] is None:
            return None
        # Only where the parts meet: what lies beyond belongs to the first or the last of them.
        return max(int(row["low"]), -_MOST), min(int(row["high"]), _MOST - 1)

    def _part_key(self, table: Table) -> str | None:
        columns = {column.name: column for column in self._shapes[table.name].columns}
        return next((name for name in table.key if name in columns and is_integer(columns[name])), None)

    def _condition(self, table: Table, beyond: str | None) -> str:
        """The server leaves out rows before the position, where it compares as the model does; the job does again."""
        column = next(one for one in self._shapes[table.name].columns if one.name == table.bookmark)
        if not beyond:
            return ""
        if is_integer(column) and re.fullmatch(r"-?[0-9]+", beyond):
            return f" where {quoted(table.bookmark)} >= {beyond}"
        if is_moment(column) and re.fullmatch(r"[0-9: .-]+", beyond):
            return f" where {quoted(table.bookmark)} >= '{beyond}'"
        return ""

    def _from(self, table: Table) -> str:
        return f"{quoted(self.database)}.{quoted(table.name)}"

    def _read_shapes(self, tables: Sequence[Table]) -> dict[str, _Shape]:
        names = ", ".join(f"'{table.name}'" for table in tables)
        schema = self.database.replace("\\", "\\\\").replace("'", "''")
        of_ours = f"table_schema = '{schema}' and table_name in ({names})"
        columns = self._collect(
            "select cast(table_name as char) as t, cast(column_name as char) as c, cast(data_type as char) as d, "
            f"cast(ordinal_position as signed) as p from information_schema.columns where {of_ours}"
        )
        sizes = self._collect(
            "select cast(table_name as char) as t, cast(coalesce(table_rows, 0) as signed) as n"
            f" from information_schema.tables where {of_ours}"
        )
        rows = {row["t"]: int(row["n"]) for row in sizes}
        shapes = {}
        for table in tables:
            own = sorted((row for row in columns if row["t"] == table.name), key=lambda row: row["p"])
            if not own:
                raise JobError(
                    f"{self._place} lacks the table {table.name}, or does not show it to the user of the job",
                    "SOURCE_SCHEMA",
                    [f"GRANT SELECT ON `{self.database}`.* TO …   # to be run by who may grant it"],
                )
            found = tuple(source_column(table, row["c"], row["d"]) for row in own)
            shapes[table.name] = _Shape(found, rows.get(table.name, 0))
        return shapes

    def _query(self, query: str, more: Mapping[str, str] | None = None) -> DataFrame:
        options: dict[str, Any] = {**self.options, **(more or {}), "dbtable": f"({query}) q"}
        try:
            return self._spark.read.format("jdbc").options(**options).load()
        except Exception as error:
            raise mysql_error(error, self._place) from None

    def _collect(self, query: str) -> list[Any]:
        rows = self._query(query)
        try:
            return rows.collect()
        except Exception as error:
            raise mysql_error(error, self._place) from None
