"""Step `curated`: brings curated up to raw and to the as-of date, in one transaction."""

from __future__ import annotations

from typing import Any, Mapping

from . import events
from .data_api import GuardFailed, Row, Statement, Warehouse
from .errors import REBUILD, JobError
from .scripts import curated_flow, filled, guard, tables_in
from .storage import Storage, write_json

_ATTEMPTS = 3
_MOVED_ON = "curated has moved on"


def build_curated(
    warehouse: Warehouse, storage: Storage, release: Mapping[str, Any], request: Mapping[str, Any]
) -> None:
    """Raises UNBALANCED, LOCKED."""
    for _ in range(_ATTEMPTS):
        state = _look(warehouse, release)
        mode = mode_of(state, request["rebuild_curated"])
        try:
            counts = _build(warehouse, release, request, mode, state)
        except GuardFailed as failed:
            if failed.statement.guard == _MOVED_ON:
                continue
            raise JobError(f"{failed.statement.guard}; nothing was changed", "UNBALANCED", [REBUILD]) from failed
        _tell(storage, release, request, mode, counts)
        return
    run_id = request["run_id"]
    raise JobError("others kept changing curated while it was built", "LOCKED", [f"rental-etl resume {run_id}"])


def mode_of(state: Mapping[str, bool], rebuild: bool) -> str:
    """From the whole of raw into empty tables, from the whole of raw, or from the keys that changed."""
    if rebuild or state["must_rebuild"]:
        return "first" if state["empty"] else "full"
    return "incremental"


def _look(warehouse: Warehouse, release: Mapping[str, Any]) -> dict[str, bool]:
    look = Statement("state of curated", release["build_state"], reads=True)
    [row] = warehouse.batch("look at curated", [look])["state of curated"]
    return {name: row[name] is True for name in ("must_rebuild", "changed", "empty")}


def _build(
    warehouse: Warehouse,
    release: Mapping[str, Any],
    request: Mapping[str, Any],
    mode: str,
    state: Mapping[str, bool],
) -> list[Row]:
    steps = release["curated"][mode]
    for name in tables_in(steps):
        events.table_progress("curated", name, 0, "updating" if mode == "incremental" else "rebuilding")
    places = {"run_id": request["run_id"], "as_of": request["as_of"]}
    # The mode was chosen before the transaction, and has to be right in it.
    same = " and ".join(f"s.{name} = {str(state[name]).lower()}" for name in ("must_rebuild", "empty"))
    current = guard("curated is current", same, _MOVED_ON, f"({release['build_state']}) s")
    found = warehouse.batch("curated", [current, *(filled(step, places) for step in steps)])
    return next(found[step["name"]] for step in steps if step.get("reads"))


def _tell(
    storage: Storage, release: Mapping[str, Any], request: Mapping[str, Any], mode: str, counts: list[Row]
) -> None:
    """Writes `runs/ID/curated.json`, and says what was done to each table."""
    flows = [curated_flow(name, counts) for name in tables_in(release["curated"][mode])]
    state = {"mode": mode, "as_of": request["as_of"]}
    document = {"run_id": request["run_id"], "state": state, "counts": counts, "tables": flows}
    write_json(storage, f"runs/{request['run_id']}/curated.json", document)
    for flow in flows:
        events.table_done("curated", flow)
