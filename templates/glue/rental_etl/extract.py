"""Job `extract_raw` without Glue: reads a source, types it, and writes to the lake what differs from raw."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from pyspark.sql import DataFrame, SparkSession

from . import events
from .changes import raw_rows
from .columns import assert_columns
from .extract_table import TableDone, TableInput, extract_table
from .guards import check_guards
from .lake import lake_error
from .manifest import manifest_key, write_manifest
from .model import Table, tables_of
from .rejects import open_rejects
from .snapshot_files import RawState, raw_folder, read_states, rejects_folder
from .storage import Storage


class Source(Protocol):
    """Where the rows come from."""

    def header(self, table: Table) -> Sequence[str]:
        """Names of the columns of a table. Raises SOURCE_SCHEMA, ACCESS for a table that is not there."""

    def name(self, table: Table) -> str:
        """What messages call it."""

    def texts(self, table: Table, beyond: str | None) -> DataFrame:
        """
        Its rows as texts (`typed_rows`).

        beyond: a position of its bookmark: rows before it are not wanted, and may be left out; None or "" wants all.
        """

    def explained(self, error: Exception) -> Exception:
        """What went wrong while its rows were read, as an error that tells what to do; anything else as it is."""


def extract(
    spark: SparkSession, storage: Storage, source: Source, release: Mapping[str, Any], request: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Reads the four tables; the manifest is written last and makes the extract visible. Raises SOURCE_*, GUARD_*, IO,
    UNBALANCED. Gives the manifest.
    """
    run_id = request["run_id"]
    tables = tables_of(release)
    states = read_states(storage, run_id, request["full_refresh"])
    headers = {table.name: source.header(table) for table in tables}
    for table in tables:
        # What cannot be read is told before anything is written.
        assert_columns(table, source.name(table), headers[table.name])
    storage.remove(manifest_key(run_id))
    try:
        known = _Known(spark, storage, run_id)
        done = [_extract_one(storage, source, request, table, headers[table.name], states, known) for table in tables]
    except Exception as error:
        raise source.explained(lake_error(error)) from error
    check_guards([one.counts for one in done], request)
    first = states[tables[0].name]
    manifest = {
        "version": 1,
        "run_id": run_id,
        "as_of": request["as_of"],
        "reconciled": request["reconcile"] == "always",
        "raw_seq": first.seq,
        **({"bookmark_seq": first.bookmark_seq} if first.bookmark_seq > 0 else {}),
        "tables": [one.entry for one in done],
    }
    write_manifest(storage, manifest)
    return manifest


class _Known:
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


def _extract_one(
    storage: Storage,
    source: Source,
    request: Mapping[str, Any],
    table: Table,
    header: Sequence[str],
    states: Mapping[str, RawState],
    known: _Known,
) -> TableDone:
    events.table_progress("extract", table.name, 0, "reading")
    state = states[table.name]
    beyond = None if request["reconcile"] == "always" else state.beyond()
    given = TableInput(
        table=table,
        name=source.name(table),
        header=header,
        texts=source.texts(table, beyond),
        state=state,
        raw=known.raw(table),
        known_rejects=known.rejects(table),
        known_count=known.reject_counts.get(table.name, 0),
    )
    done = extract_table(storage, request, given)
    for message in done.warnings:
        events.log("warn", message)
    events.table_done("extract", done.flow)
    return done
