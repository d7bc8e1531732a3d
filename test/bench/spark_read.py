"""
Reads and types a table of a MySQL source as `extract_raw` does, and writes it nowhere: {url, user, password, jars, release,
table, parts} as JSON on the input. Prints the seconds that each number of parts took, the first one after a reading for nothing.
"""

import json
import sys
import time
from pathlib import Path

from small_spark import small_spark

from rental_etl import mysql_source
from rental_etl.model import tables_of
from rental_etl.texts import typed_rows

asked = json.load(sys.stdin)
spark = small_spark(asked["jars"])
tables = tables_of(json.loads(Path(asked["release"]).read_text()))
table = next(one for one in tables if one.name == asked["table"])
# As many parts as are asked for, of however few rows.
mysql_source.ROWS_PER_PART = 1


def seconds(parts: int) -> float:
    mysql_source.MOST_PARTS = parts
    credentials = {"username": asked["user"], "password": asked["password"]}
    source = mysql_source.MysqlSource(spark, asked["url"], credentials, [table])
    begin = time.monotonic()
    rows = typed_rows(table, source.header(table), source.texts(table, None))
    if rows.rdd.getNumPartitions() != parts:
        raise SystemExit(f"{rows.rdd.getNumPartitions()} parts, not {parts}")
    rows.write.format("noop").mode("overwrite").save()
    return time.monotonic() - begin


seconds(asked["parts"][0])
print(json.dumps([seconds(parts) for parts in asked["parts"]]))
