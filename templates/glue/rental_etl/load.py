"""Step `load`: loads a manifest into raw, all tables with quarantine, ledger and load log in one transaction."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Mapping

from . import events
from .data_api import GuardFailed, Row, Statement, Warehouse
from .errors import REBUILD, JobError
from .manifest import (
    REJECTS,
    assert_files,
    copy_key,
    entry_of,
    is_empty,
    manifest_hash,
    read_manifest,
    rejected_files,
)
from .scripts import chosen, filled, guard, literal, load_flow
from .snapshot import role
from .storage import Storage, write_json

RAW_MOVED_ON = "raw has moved on"
# The load that raw is at, what its manifest was, and whether a rewind waits to be done with.
_LOOK = """select l.seq, l.run_id, l.manifest_hash, l.reconciled,
    (select count(*) from raw_data.bookmark_rewinds) as rewinds
  from (select coalesce(max(seq), 0) as newest from raw_data.load_log) n
  left join raw_data.load_log l on l.seq = n.newest limit 1"""


def load_raw(
    warehouse: Warehouse, storage: Storage, release: Mapping[str, Any], request: Mapping[str, Any], copy_role: str
) -> None:
    """Raises STALE_EXTRACT, UNBALANCED, IO, NOT_FOUND."""
    manifest = read_manifest(storage, request["manifest_run"] or request["run_id"])
    last = _last_load(warehouse)
    if is_empty(manifest) and _is_settled(last, manifest):
        events.log("info", "nothing to load: raw is as the source")
        _tell(storage, release, request, manifest, [], last["seq"])
        return
    assert_files(storage, manifest)
    seq = _next_seq(last, manifest)
    _stage(warehouse, storage, release, manifest, copy_role)
    counts = _load(warehouse, release, manifest, seq)
    _tell(storage, release, request, manifest, counts, seq)


def _last_load(warehouse: Warehouse) -> dict[str, Any]:
    [row] = warehouse.batch("look at raw", [Statement("last load", _LOOK, reads=True)])["last load"]
    return {**row, "seq": int(row["seq"] or 0), "rewinds": int(row["rewinds"])}


def _is_settled(last: Mapping[str, Any], manifest: Mapping[str, Any]) -> bool:
    """A load that moves no row would leave the load log as it is."""
    return last["seq"] > 0 and last["reconciled"] is manifest["reconciled"] and last["rewinds"] == 0


def _next_seq(last: Mapping[str, Any], manifest: Mapping[str, Any]) -> int:
    """Raises STALE_EXTRACT when another load came between."""
    seq = last["seq"]
    # The last load was of this very manifest: loading it once more changes nothing.
    if seq == manifest["raw_seq"] or last["manifest_hash"] == manifest_hash(manifest):
        return seq + 1
    compared = f"the extract of run {manifest['run_id']} was compared with load {manifest['raw_seq']}"
    raise JobError(
        f"{compared}, but raw is at load {seq} (run {last['run_id']})",
        "STALE_EXTRACT",
        ["rental-etl run   # extracts again, against raw as it is"],
    )


def mode_of(entry: Mapping[str, Any]) -> str:
    """How a load treats a table."""
    if entry["full"]:
        return "full"
    return "changes" if entry["files"] else "none"


def _staged(release: Mapping[str, Any], manifest: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """What is copied: the name of its list of files, the relation, and its rows."""
    found = []
    for staging in release["staging"]:
        name = staging["table"]
        files = rejected_files(manifest) if name == REJECTS else entry_of(manifest, name)["files"]
        if files or (name != REJECTS and entry_of(manifest, name)["full"]):
            found.append((name, staging["relation"], sum(file["rows"] for file in files)))
    return found


def _stage(
    warehouse: Warehouse, storage: Storage, release: Mapping[str, Any], manifest: Mapping[str, Any], copy_role: str
) -> None:
    """Copies the files into relations that nobody else reads. Raises IO where they do not give all rows."""
    statements = []
    staged = _staged(release, manifest)
    for name, relation, rows in staged:
        statements.append(Statement(f"empty {relation}", f"delete from {relation}"))
        if rows > 0:
            url = literal(storage.url(copy_key(manifest["run_id"], name)))
            copy = f"copy {relation} from {url} iam_role {role(copy_role)} format as parquet manifest"
            statements.append(Statement(f"copy {relation}", copy))
        statements.append(Statement(relation, f"select count(*) as n from {relation}", reads=True))
    if not statements:
        return
    counts = warehouse.batch("copy", statements)
    for _, relation, rows in staged:
        found = int(counts[relation][0]["n"])
        if found != rows:
            run_id = manifest["run_id"]
            took = f"{relation} took {found} rows from the files of run {run_id}"
            message = f"{took}, which hold {rows}; nothing was loaded"
            raise JobError(message, "UNBALANCED", [f"rental-etl resume {run_id}"])


def _load(warehouse: Warehouse, release: Mapping[str, Any], manifest: Mapping[str, Any], seq: int) -> list[Row]:
    """The transaction that changes raw. Gives the counts."""
    for table in release["tables"]:
        events.table_progress("raw", table["raw"], entry_of(manifest, table["name"])["extracted"], "loading")
    modes = {entry["table"]: mode_of(entry) for entry in manifest["tables"]}
    steps = chosen(release["load"], modes, bool(rejected_files(manifest)))
    statements = [filled(step, places_of(manifest, seq)) for step in steps]
    staged = _staged(release, manifest)
    if staged:
        holds = " and ".join(f"(select count(*) from {relation}) = {rows}" for _, relation, rows in staged)
        statements.insert(0, guard("staging is as copied", holds, "staging is not as copied", "(select 1 as one) o"))
    try:
        found = warehouse.batch("load", statements)
    except GuardFailed as failed:
        if failed.statement.guard == RAW_MOVED_ON:
            # Another load has come between: what it was is said as it would have been before.
            _next_seq(_last_load(warehouse), manifest)
        raise JobError(f"{failed.statement.guard}; nothing was changed", "UNBALANCED", [REBUILD]) from failed
    return next(found[step["name"]] for step in steps if step.get("reads"))


def places_of(manifest: Mapping[str, Any], seq: int) -> dict[str, str]:
    """What stands for the places of the load script."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    places = {
        "seq": str(seq),
        "previous_seq": str(seq - 1),
        "run_id": manifest["run_id"],
        "bookmark_seq": str(manifest.get("bookmark_seq", 0)),
        "manifest_hash": manifest_hash(manifest),
        "reconciled": str(manifest["reconciled"]).lower(),
        "loaded_at": now,
    }
    for entry in manifest["tables"]:
        name = entry["table"]
        places[f"{name}.source_rows"] = str(entry["source_rows"])
        places[f"{name}.unchanged"] = str(entry["unchanged"])
        places[f"{name}.full"] = str(entry["full"]).lower()
    return places


def _tell(
    storage: Storage,
    release: Mapping[str, Any],
    request: Mapping[str, Any],
    manifest: Mapping[str, Any],
    counts: list[Row],
    seq: int,
) -> None:
    """Writes `runs/ID/raw.json`, and says what was done to each table."""
    flows = [load_flow(table["name"], table["raw"], counts) for table in release["tables"]]
    state = {"seq": seq, "manifest_run": manifest["run_id"], "manifest_hash": manifest_hash(manifest)}
    document = {"run_id": request["run_id"], "state": state, "counts": counts, "tables": flows}
    write_json(storage, f"runs/{request['run_id']}/raw.json", document)
    for flow in flows:
        events.table_done("raw", flow)
