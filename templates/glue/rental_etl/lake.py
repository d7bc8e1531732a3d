"""Files of the lake."""

from __future__ import annotations

import re
from typing import Any, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from .errors import JobError
from .storage import Storage

# The words of S3, and those of the file system above it.
_REFUSED = re.compile(r"is not authorized to perform: (s3:\w+)(?: on resource: \"?([^\s\"]+))?")
_ABOUT = re.compile(r"AccessDeniedException: ((?:\w+://)?[^\s:]+)")
# Some 20 to 100 MB, by the length of the rows.
ROWS_PER_FILE = 400_000


def data_folder(table: str, run_id: str) -> str:
    """Where a run writes the rows of a table."""
    return f"data/raw/{table}/run_id={run_id}/"


def rejects_folder(table: str, run_id: str) -> str:
    """Where a run writes the bad rows of a table."""
    return f"data/rejected/{table}/run_id={run_id}/"


def lake_error(error: Exception) -> Exception:
    """An error of Spark that rests on a refusal of S3, with the action and what it was about; any other one as it is."""
    said = str(error)
    named, about = _REFUSED.search(said), _ABOUT.search(said)
    if named is None and "Status Code: 403" not in said:
        return error
    # A question for the head of an object has no words in its answer.
    action, resource = named.groups() if named else ("s3:GetObject", None)
    where = resource or (about and about[1]) or "the lake"
    return JobError(f"the role of the job may not {action} on {where}", "ACCESS", ["rental-etl doctor"])


def write_files(storage: Storage, rows: DataFrame, count: int, folder: str) -> list[dict[str, Any]]:
    """
    Writes rows as Parquet files into a folder of their own, in place of what an earlier attempt left there, and
    describes them as they were read back. Raises UNBALANCED where they do not hold `count` rows.
    """
    storage.remove(folder)
    if count == 0:
        return []
    files = -(-count // ROWS_PER_FILE)
    # By as many tasks as read it, files would be small.
    rows.coalesce(files).write.mode("append").option("compression", "snappy").parquet(storage.url(folder))
    described = describe_files(storage, rows, folder)
    written = sum(file["rows"] for file in described)
    if written != count:
        raise JobError(f"{storage.url(folder)} holds {written} rows of {count}; nothing was loaded", "UNBALANCED")
    # A task without rows leaves a file, too, which the manifest would not name.
    for key in storage.sizes(folder).keys() - {file["path"] for file in described}:
        storage.remove(key)
    return described


def describe_files(storage: Storage, like: DataFrame, folder: str) -> list[dict[str, Any]]:
    """Path, bytes, rows, hash and ETag of each file that has rows; the files have the columns of `like`."""
    name = F.element_at(F.split(F.input_file_name(), "/"), -1).alias("name")
    files = like.sparkSession.read.schema(like.schema).parquet(storage.url(folder))
    found = files.groupBy(name).count().collect()
    rows = {one["name"]: one["count"] for one in found}
    etags = storage.etags(folder)
    return [
        {
            **{"path": key, "bytes": size, "rows": rows[base], "sha256": storage.sha256(key)},
            **({"etag": etags[key]} if key in etags else {}),
        }
        for key, size in sorted(storage.sizes(folder).items())
        if (base := key.rsplit("/", 1)[1]) in rows
    ]


def in_order(rows: DataFrame, columns: Sequence[str], run_id: str) -> DataFrame:
    """COPY takes the columns of a file by their place; `_run_id` is among them, and of each row the run that writes it."""
    return rows.withColumn("_run_id", F.lit(run_id)).select(*columns)
