"""Types texts: RELEASE, and a folder with `TABLE.parquet` and `TABLE.json`, the header; writes `TABLE.typed`."""

import json
import sys
from pathlib import Path

from small_spark import small_spark

from rental_etl.model import tables_of
from rental_etl.texts import typed_rows

release = json.loads(Path(sys.argv[1]).read_text())
folder = Path(sys.argv[2])
spark = small_spark()
for table in tables_of(release):
    header = json.loads((folder / f"{table.name}.json").read_text())
    texts = spark.read.parquet(str(folder / f"{table.name}.parquet"))
    typed_rows(table, header, texts).write.mode("overwrite").parquet(str(folder / f"{table.name}.typed"))
spark.stop()
