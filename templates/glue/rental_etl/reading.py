"""What an extract, and a look, read: the source, and the snapshot of raw beside it."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from pyspark.sql import DataFrame, SparkSession

from . import events
from .changes import raw_rows
from .columns import assert_columns
from .compare_table import TableInput
from .model import Table
from .rejects import open_rejects
from .snapshot_files import RawState, raw_folder, rejects_folder
from .storage import Storage


class Source(Protocol):
    """Where the rows come from."""

    def header(self, table: Table) -> Sequence[str]:
        """Names of the columns of a table. Raises SOURCE_SCHEMA, ACCESS for a table that is not there."""

    def name(self, table: Table) -> str:
        """What messages call it."""

    def count(self, table: Table) -> int:
        """The number of its rows."""

    def texts(self, table: Table, beyond: str | None) -> DataFrame:
        """
        Its rows as texts (`typed_rows`).

        beyond: a position of its bookmark: rows before it are not wanted, and may be left out; None or "" wants all.
        """

    def explained(self, error: Exception) -> Exception:
        """What went wrong while its rows were read, as an error that tells what to do; anything else as it is."""


def headers_of(source: Source, tables: Sequence[Table]) -> dict[str, Sequence[str]]:
    """Columns of the source's tables. What cannot be read is told before anything is written. Raises SOURCE_SCHEMA."""
    headers = {table.name: source.header(table) for table in tables}
    for table in tables:
        assert_columns(table, source.name(table), headers[table.name])
    return headers


class Known:
    """The snapshot's files as relations."""

    def __init__(self, spark: SparkSession, storage: Storage, run_id: str) -> None:
        self._spark, self._storage, self._run_id = spark, storage, run_id
        self._rejects = self._read(rejects_folder(run_id), _REJECT_TYPES)
        counts = open_rejects(self._rejects).groupBy("table_name").count().collect()
        self.reject_counts = {one["table_name"]: one["count"] for one in counts}

    def raw(self, table: Table) -> DataFrame:
        """Raw; empty where the snapshot has no file of it."""
        types = [f"`{column.name}` {_ddl_type(column.type)}" for column in table.columns]
        schema = ", ".join([*types, "_superseded bigint", "_nullified string"])
        return raw_rows(table, self._read(raw_folder(self._run_id, table.name), schema))

    def rejects(self, table: Table) -> DataFrame:
        """The open quarantine of a table."""
        rows = open_rejects(self._rejects)
        return rows.where(rows["table_name"] == table.name).drop("table_name")

    def _read(self, folder: str, empty: str) -> DataFrame:
        files = [key for key, size in self._storage.sizes(folder).items() if size > 0]
        if not files:
            return self._spark.createDataFrame([], empty)
        return self._spark.read.parquet(*(self._storage.url(key) for key in files))


_REJECT_TYPES = "table_name string, rule string, key_text string, row_text string, occurrence bigint"


def _ddl_type(type_: str) -> str:
    return "string" if type_ == "VARCHAR" else type_.lower()


def table_input(
    source: Source, request: Mapping[str, Any], table: Table, header: Sequence[str], state: RawState, known: Known
) -> TableInput:
    """All that a comparison looks at of one table."""
    events.table_progress("extract", table.name, 0, "reading")
    beyond = None if request["reconcile"] == "always" else state.beyond()
    return TableInput(
        table=table,
        name=source.name(table),
        header=header,
        texts=source.texts(table, beyond),
        state=state,
        raw=known.raw(table),
        known_rejects=known.rejects(table),
        known_count=known.reject_counts.get(table.name, 0),
    )
