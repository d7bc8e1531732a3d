"""The manifest of an extract: written last, it makes the extract visible, whole."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Iterable, Mapping, Sequence

from .errors import AGAIN, JobError
from .storage import Storage, read_json, write_json

REJECTS = "rejects"


def manifest_key(run_id: str) -> str:
    """Where the manifest of a run is."""
    return f"runs/{run_id}/manifest.json"


def copy_key(run_id: str, staged: str) -> str:
    """Where the list of files is that COPY reads for a table, or for the rejects."""
    return f"runs/{run_id}/copy/{staged}.manifest"


def manifest_hash(manifest: Mapping[str, Any]) -> str:
    """Of the document as JSON without blanks, as the command line takes it too."""
    return _hash(json.dumps(manifest, separators=(",", ":"), ensure_ascii=False))


def schema_hash(columns: Sequence[Mapping[str, str]]) -> str:
    """Of the names and types of a file's columns."""
    return _hash("\n".join(f"{column['name']} {column['type']}" for column in columns))


def is_empty(manifest: Mapping[str, Any]) -> bool:
    """True when loading it would change nothing."""
    counts = ("extracted", "tombstones", "rejected", "cleared")
    return not any(table["full"] or any(table[name] for name in counts) for table in manifest["tables"])


def entry_of(manifest: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    """What it says of one table."""
    for entry in manifest["tables"]:
        if entry["table"] == table:
            return entry
    raise JobError(f"the manifest of {manifest['run_id']} lacks {table}", "IO", [AGAIN])


def rejected_files(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The files of rejects of all tables."""
    return [file for table in manifest["tables"] for file in table["rejected_files"]]


def write_manifest(storage: Storage, manifest: Mapping[str, Any]) -> None:
    """Writes the lists for COPY, and then the manifest."""
    run_id = manifest["run_id"]
    staged = {table["table"]: table["files"] for table in manifest["tables"]}
    for name, files in {**staged, REJECTS: rejected_files(manifest)}.items():
        if files:
            write_json(storage, copy_key(run_id, name), {"entries": _copied(storage, files)})
    write_json(storage, manifest_key(run_id), manifest)


def read_manifest(storage: Storage, run_id: str) -> dict[str, Any]:
    """Raises NOT_FOUND when the run left no extract, IO when its manifest is not one."""
    key = manifest_key(run_id)
    try:
        manifest = read_json(storage, key)
    except KeyError:
        message = f"run {run_id} has no manifest: its extract was not finished"
        raise JobError(message, "NOT_FOUND", ["rental-etl run"]) from None
    except ValueError:
        manifest = None
    if isinstance(manifest, dict) and isinstance(manifest.get("tables"), list):
        return manifest
    message = f"{storage.url(key)} is not a manifest; the extract of run {run_id} cannot be loaded"
    raise JobError(message, "IO", [AGAIN])


def assert_files(storage: Storage, manifest: Mapping[str, Any]) -> None:
    """Makes sure that the files of a manifest are there and of their size. Raises IO."""
    files = [file for table in manifest["tables"] for file in [*table["files"], *table["rejected_files"]]]
    for folder in sorted({_folder(file["path"]) for file in files}):
        sizes = storage.sizes(folder)
        for file in files:
            if _folder(file["path"]) != folder or sizes.get(file["path"]) == file["bytes"]:
                continue
            problem = "is not as it was written" if file["path"] in sizes else "is gone"
            url, run_id = storage.url(file["path"]), manifest["run_id"]
            raise JobError(f"{url} {problem}; the extract of run {run_id} cannot be loaded", "IO", [AGAIN])


def _copied(storage: Storage, files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"url": storage.url(file["path"]), "mandatory": True, "meta": {"content_length": file["bytes"]}}
        for file in files
    ]


def _folder(path: str) -> str:
    return path.rsplit("/", 1)[0] + "/"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
