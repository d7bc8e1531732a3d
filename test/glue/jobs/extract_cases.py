"""
Runs the extract on cases: RELEASE, and a JSON file with [{folder, request}]. A case's folder holds the snapshot of raw
as the bucket would, the source as `source/TABLE.parquet` and `source/TABLE.json`, its header. Its events are kept in
`events.jsonl`.
"""

import contextlib
import io
import json
import sys
import time
from pathlib import Path

from folder_storage import Folder
from pyspark.sql import functions as F
from small_spark import small_spark

from rental_etl.errors import end_well_or_tell
from rental_etl.extract import extract
from rental_etl.look import look
from rental_etl.request import parse_request


class FileSource:
    """Texts in Parquet files."""

    def __init__(self, spark, folder):
        self.spark, self.folder = spark, folder

    def header(self, table):
        return json.loads((self.folder / f"{table.name}.json").read_text())

    def name(self, table):
        return f"rental_db.{table.name}"

    def count(self, table):
        return self.texts(table, None).count()

    def texts(self, table, beyond):
        rows = self.spark.read.parquet(str(self.folder / f"{table.name}.parquet"))
        return rows if "_fault" in rows.columns else rows.withColumn("_fault", F.lit(None).cast("string"))

    def explained(self, error):
        return error


spark = small_spark(compiled=False)
release = json.loads(Path(sys.argv[1]).read_text())
for case in json.loads(Path(sys.argv[2]).read_text()):
    folder = Path(case["folder"])
    said, begun = io.StringIO(), time.time()
    with contextlib.redirect_stdout(said):
        request = parse_request(case["request"])
        source = FileSource(spark, folder / "source")
        with contextlib.suppress(Exception):
            end_well_or_tell(
                lambda: look(spark, Folder(folder), lambda: source, release, request)
                if request.get("look")
                else extract(spark, Folder(folder), source, release, request)
            )
    sys.tracebacklimit = None
    (folder / "events.jsonl").write_text(said.getvalue())
    print(folder.name, round(time.time() - begun, 2), "s", flush=True)
spark.stop()
