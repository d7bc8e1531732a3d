"""The whole of extract_raw against a real server, on a JSON file of {jars, secrets, cases}; a folder is the bucket."""

import contextlib
import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import extract_raw
from folder_storage import Folder
from small_spark import small_spark

from rental_etl import mysql_source
from rental_etl.arguments import parse_arguments
from rental_etl.errors import end_well_or_tell

CASES = json.loads(Path(sys.argv[1]).read_text())
spark = small_spark(CASES["jars"])
# Every table is read in parts.
mysql_source.ROWS_PER_PART = 3


class Secrets:
    """A secret's text, by its name."""

    def get_secret_value(self, SecretId):
        return {"SecretString": json.dumps(CASES["secrets"][SecretId])}


class Frames:
    """What stands for a GlueContext: bookmarks that are asked for are kept."""

    def __init__(self):
        self.asked = []
        self.spark_session = spark
        self.create_dynamic_frame = self

    def from_options(self, connection_type, connection_options, transformation_ctx):
        self.asked.append({**connection_options, "ctx": transformation_ctx, "type": connection_type})
        options = {"url": connection_options["url"], "driver": "com.mysql.cj.jdbc.Driver"}
        options.update(user=connection_options["user"], password=connection_options["password"])
        rows = spark.read.format("jdbc").options(**options, dbtable=f"({connection_options['sampleQuery']}) q").load()
        return SimpleNamespace(toDF=lambda: rows)


for case in CASES["cases"]:
    folder = Path(case["folder"])
    extract_raw.Bucket = lambda client, name, folder=folder: Folder(folder)
    frames, commits, said = Frames(), [], io.StringIO()
    job = SimpleNamespace(commit=lambda commits=commits: commits.append(1))
    clients = {"s3": None, "secretsmanager": Secrets()}
    with contextlib.redirect_stdout(said), contextlib.suppress(Exception):
        end_well_or_tell(
            lambda: extract_raw.run(
                parse_arguments(["job", *case["arguments"]]), clients.get, lambda: frames, lambda context: job
            )
        )
    sys.tracebacklimit = None
    (folder / "events.jsonl").write_text(said.getvalue())
    bookmarks = {"asked": frames.asked, "commits": len(commits)}
    (folder / "bookmarks.json").write_text(json.dumps(bookmarks))
spark.stop()
