"""The extract of one table: what differs from raw, in the lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from pyspark.sql import functions as F

from . import columns as names
from .changes import GONE, WRITTEN
from .compare_table import Compared, TableInput, compare_table
from .guards import TableCounts
from .lake import data_folder, in_order, rejects_folder, write_files
from .manifest import schema_hash
from .rejects import LAKE as REJECT_COLUMNS
from .rejects import RejectChanges
from .storage import Storage


# Bytes of a text that was cut, less those of the letter that did not fit.
_NEARLY_CUT = 65_535 - 4


@dataclass(frozen=True)
class TableDone:
    """What an extract made of it."""

    entry: dict[str, Any]
    counts: TableCounts
    flow: dict[str, Any]
    warnings: list[str]


def extract_table(storage: Storage, request: Mapping[str, Any], given: TableInput) -> TableDone:
    """Types a table, and writes what differs from raw. Raises SOURCE_CONTENT, UNBALANCED."""
    return compare_table(storage, request, given, lambda found: _written(storage, request["run_id"], found))


def _written(storage: Storage, run_id: str, found: Compared) -> TableDone:
    given, rejects, flow = found.given, found.rejects, found.flow
    table, state = given.table, given.state
    extracted, gone = found.marks.get(WRITTEN, 0), found.marks.get(GONE, 0)
    written = found.rows.where(F.col("_mark").isin(WRITTEN, GONE))
    lake = in_order(written, [column["name"] for column in table.lake], run_id)
    files = write_files(storage, lake, extracted + gone, data_folder(table.name, run_id))
    rejected = _write_rejects(storage, rejects, rejects_folder(table.name, run_id), run_id)
    # Told where something of them is new, and then of the whole source.
    cuts = found.seen.truncated if found.longest > _NEARLY_CUT else {}
    entry = {
        "table": table.name,
        "source_rows": found.seen.rows,
        "unchanged": flow["unchanged"],
        "extracted": extracted,
        "tombstones": gone,
        "copies": found.copies,
        # An empty table that stays empty is not rebuilt: nothing moves.
        "full": state.full and (state.asked or extracted > 0),
        "rejected": rejects.added,
        "rejected_by_rule": rejects.added_by_rule,
        "cleared": rejects.cleared,
        "truncated": cuts,
        "drift": names.drift_of(table, given.header),
        "absent": names.absent_of(table, given.header),
        "files": files,
        "rejected_files": rejected,
        "schema_hash": schema_hash(table.lake),
    }
    return TableDone(entry, found.counts, flow, _warnings(given, cuts, found.beyond))


def _write_rejects(storage: Storage, rejects: RejectChanges, folder: str, run_id: str) -> list[dict[str, Any]]:
    count = rejects.added + rejects.cleared
    if rejects.rows is None or count == 0:
        storage.remove(folder)
        return []
    return write_files(storage, in_order(rejects.rows, REJECT_COLUMNS, run_id), count, folder)


def _warnings(given: TableInput, cuts: Mapping[str, int], beyond: str | None) -> list[str]:
    table = given.table
    told = names.column_warnings(table, given.header)
    told += [f"{table.name}: {n} texts of {name} were cut to 65,535 bytes" for name, n in cuts.items()]
    if beyond is None:
        return told
    read = f"only rows beyond {table.bookmark} {beyond} were read" if beyond else "rows were read from the beginning"
    unseen = "changes before it, and deletions," if given.state.rewound else "changes and deletions"
    return [*told, f"{table.name}: {read}; {unseen} are not seen"]
