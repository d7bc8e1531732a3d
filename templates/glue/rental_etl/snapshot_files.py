"""What the warehouse told of raw before the extract, as job `s3_to_redshift_raw --step snapshot` left it on S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from .errors import JobError
from .storage import Storage, read_json


def snapshot_folder(run_id: str) -> str:
    """Where the snapshot for a run is; it is removed after some days."""
    return f"glue/temp/{run_id}/"


def state_key(run_id: str) -> str:
    """The state of raw: one object for each source table (`SnapshotState`)."""
    return f"{snapshot_folder(run_id)}state.json"


def raw_folder(run_id: str, table: str) -> str:
    """The rows of a raw table as Parquet files; none where the state says that it has no row."""
    return f"{snapshot_folder(run_id)}raw/{table}/"


def rejects_folder(run_id: str) -> str:
    """The open quarantine as Parquet files; none where it is empty."""
    return f"{snapshot_folder(run_id)}rejects/"


def typed_folder(run_id: str, table: str) -> str:
    """Where the extract keeps the rows of a table between reading and comparing them."""
    return f"{snapshot_folder(run_id)}typed/{table}/"


@dataclass(frozen=True)
class RawState:
    """What raw holds of one table, as the extract compares with it."""

    rows: int
    # It is read as if raw held nothing.
    full: bool
    # Somebody asked for that; otherwise it is because raw holds nothing.
    asked: bool
    # From where a run without reconciling reads; None is the beginning.
    bookmark: str | None
    # That is not where raw ends.
    rewound: bool
    # Versions of raw and of its bookmarks.
    seq: int
    bookmark_seq: int

    def beyond(self) -> str | None:
        """The position that a run without reconciling reads from; "" is the beginning, None reads the table whole."""
        if self.full:
            return None
        if self.bookmark is None:
            return "" if self.rewound else None
        return self.bookmark


def raw_state(row: Mapping[str, Any], full_refresh: bool) -> RawState:
    """Of one row of the state; before the first load all of a source is new."""
    rows, seq = int(row["rows"]), int(row["seq"])
    asked = full_refresh or row["reset"] is True or seq == 0
    rewound = row["rewound"] is True
    return RawState(
        rows=rows,
        full=asked or rows == 0,
        asked=asked,
        bookmark=row["rewind"] if rewound else row["position"],
        rewound=rewound,
        seq=seq,
        bookmark_seq=int(row["bookmark_seq"]),
    )


def read_states(storage: Storage, run_id: str, full_refresh: bool) -> dict[str, RawState]:
    """By source table. Raises IO where the snapshot is not there."""
    key = state_key(run_id)
    try:
        rows = read_json(storage, key)
    except (KeyError, ValueError):
        message = f"{storage.url(key)} is missing: what raw holds was not told"
        raise JobError(message, "IO", [f"rental-etl resume {run_id}"]) from None
    return {row["table_name"]: raw_state(row, full_refresh) for row in rows}
