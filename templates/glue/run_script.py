"""
Jobs `s3_to_redshift_raw` (with `--step snapshot`, too) and `redshift_raw_to_curated`: run the scripts of a release by
the Data API. Nothing of Spark is needed.

    --request JSON --bucket NAME --release KEY --workgroup NAME | --cluster NAME --database NAME [--db_secret ARN]
    --copy_role ARN|default [--step snapshot|load|curated]
"""

from __future__ import annotations

import sys
from typing import Any, Mapping, Sequence

from rental_etl.arguments import json_argument, parse_arguments, required
from rental_etl.curated import build_curated
from rental_etl.data_api import Warehouse
from rental_etl.errors import JobError, end_well_or_tell
from rental_etl.load import load_raw
from rental_etl.request import parse_request
from rental_etl.snapshot import take_snapshot
from rental_etl.storage import Bucket, read_release

_STEPS = {"s3_to_redshift_raw": "load", "redshift_raw_to_curated": "curated"}


def step_of(arguments: Mapping[str, str]) -> str:
    """The step that is asked for, or that of the job by its name. Raises USAGE."""
    job = arguments.get("JOB_NAME", "")
    step = arguments.get("step") or next((step for name, step in _STEPS.items() if job.endswith(name)), "")
    if step in ("snapshot", "load", "curated"):
        return step
    raise JobError(f"--step takes snapshot, load or curated; it is {step!r}, of job {job!r}", "USAGE")


def target_of(arguments: Mapping[str, str]) -> dict[str, str]:
    """The database, as the Data API is told it. Raises USAGE."""
    [database] = required(arguments, "database")
    workgroup, cluster = arguments.get("workgroup"), arguments.get("cluster")
    if bool(workgroup) == bool(cluster):
        raise JobError("the job takes one of --workgroup and --cluster", "USAGE", ["rental-etl bootstrap"])
    where = {"WorkgroupName": workgroup} if workgroup else {"ClusterIdentifier": str(cluster)}
    secret = {"SecretArn": arguments["db_secret"]} if arguments.get("db_secret") else {}
    return {**where, "Database": database, **secret}


def run(arguments: Mapping[str, str], clients: Any) -> None:
    """Does one step. clients: gives a client of AWS by the name of its service."""
    step = step_of(arguments)
    bucket, release_key = required(arguments, "bucket", "release")
    request = parse_request(json_argument(arguments, "request"))
    target = target_of(arguments)
    copy_role = "" if step == "curated" else required(arguments, "copy_role")[0]
    storage = Bucket(clients("s3"), bucket)
    release = read_release(storage, release_key)
    job_run = arguments.get("JOB_RUN_ID", "")
    warehouse = Warehouse(clients("redshift-data"), target, request["run_id"], job_run=job_run)
    if step == "snapshot":
        take_snapshot(warehouse, storage, release, request, copy_role)
    elif step == "load":
        load_raw(warehouse, storage, release, request, copy_role)
    else:
        build_curated(warehouse, storage, release, request)


def main(argv: Sequence[str]) -> None:
    """The job."""

    def clients(service: str) -> Any:
        import boto3

        return boto3.client(service)

    end_well_or_tell(lambda: run(parse_arguments(argv), clients))


if __name__ == "__main__":
    main(sys.argv)
