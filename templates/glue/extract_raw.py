"""
Job `extract_raw`: reads the source, types it, and writes to the lake what differs from raw. Spark 3.5 of Glue 5.0.
Job `look_at_source` is the same of a request that asks for a look: nothing is written but what was found.

    --request JSON --bucket NAME --release KEY --source_url jdbc:mysql://HOST:PORT/DATABASE --secret ID
    [--job-bookmark-option job-bookmark-enable]
"""

from __future__ import annotations

import json
import sys
from typing import Any, Callable, Mapping, Sequence

from rental_etl.arguments import json_argument, parse_arguments, required
from rental_etl.errors import JobError, end_well_or_tell
from rental_etl.request import parse_request
from rental_etl.storage import Bucket, read_release


def credentials_of(secret: str) -> dict[str, str]:
    """User and password from the text of a secret. Raises ACCESS."""
    try:
        found = json.loads(secret)
        return {"username": str(found["username"]), "password": str(found["password"])}
    except (ValueError, KeyError, TypeError):
        raise JobError("the secret of the source is no JSON object with username and password", "ACCESS") from None


def read_secret(clients: Callable[[str], Any], secret: str) -> str:
    """The text of a secret. Raises ACCESS."""
    try:
        return clients("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    except Exception as error:
        raise JobError(f"the secret of the source cannot be read: {error}", "ACCESS", ["rental-etl doctor"]) from error


def run(
    arguments: Mapping[str, str],
    clients: Callable[[str], Any],
    glue: Callable[[], Any],
    begin_bookmarks: Callable[[Any], Any],
) -> None:
    """
    Does the job.

    clients: gives a client of AWS by the name of its service; glue: gives a GlueContext; begin_bookmarks: gives the job
    of such a context, with its bookmarks, whose commit moves them.
    """
    bucket, release_key, url, secret = required(arguments, "bucket", "release", "source_url", "secret")
    request = parse_request(json_argument(arguments, "request"))
    storage = Bucket(clients("s3"), bucket)
    release = read_release(storage, release_key)
    credentials = credentials_of(read_secret(clients, secret))
    context = glue()
    from rental_etl.extract import extract
    from rental_etl.glue_bookmarks import is_enabled, move_bookmark
    from rental_etl.look import look
    from rental_etl.model import tables_of
    from rental_etl.mysql_source import MysqlSource
    from rental_etl.session import settle
    from rental_etl.snapshot_files import read_states

    tables = tables_of(release)
    spark = settle(context.spark_session)
    if request.get("look"):
        look(spark, storage, lambda: MysqlSource(spark, url, credentials, tables), release, request)
        return
    job = begin_bookmarks(context) if is_enabled(arguments) else None
    source = MysqlSource(spark, url, credentials, tables)
    extract(spark, storage, source, release, request)
    if job is not None:
        states = read_states(storage, request["run_id"], request["full_refresh"])
        for table in tables:
            move_bookmark(context, source, table, states[table.name])
        job.commit()


def main(argv: Sequence[str]) -> None:
    """The job, on Glue."""

    def clients(service: str) -> Any:
        import boto3

        return boto3.client(service)

    def glue() -> Any:
        from awsglue.context import GlueContext
        from pyspark.context import SparkContext

        return GlueContext(SparkContext.getOrCreate())

    def begin_bookmarks(context: Any) -> Any:
        from awsglue.job import Job
        from awsglue.utils import getResolvedOptions

        options = getResolvedOptions(list(argv), ["JOB_NAME"])
        job = Job(context)
        job.init(options["JOB_NAME"], options)
        return job

    end_well_or_tell(lambda: run(parse_arguments(argv), clients, glue, begin_bookmarks))


if __name__ == "__main__":
    main(sys.argv)
