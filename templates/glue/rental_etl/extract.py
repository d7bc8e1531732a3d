"""Job `extract_raw` without Glue: reads a source, types it, and writes to the lake what differs from raw."""

from __future__ import annotations

from typing import Any, Mapping

from pyspark.sql import SparkSession

from . import events
from .compare_table import TableInput
from .extract_table import TableDone, extract_table
from .guards import check_guards
from .lake import lake_error
from .manifest import manifest_key, write_manifest
from .model import tables_of
from .reading import Known, Source, headers_of, table_input
from .snapshot_files import read_states
from .storage import Storage


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
    headers = headers_of(source, tables)
    storage.remove(manifest_key(run_id))
    try:
        known = Known(spark, storage, run_id)
        done = [
            _extract_one(
                storage, request, table_input(source, request, table, headers[table.name], states[table.name], known)
            )
            for table in tables
        ]
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


def _extract_one(storage: Storage, request: Mapping[str, Any], given: TableInput) -> TableDone:
    done = extract_table(storage, request, given)
    for message in done.warnings:
        events.log("warn", message)
    events.table_done("extract", done.flow)
    return done
