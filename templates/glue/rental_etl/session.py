"""The Spark session that the extract rests on, whatever the job's own settings are."""

from __future__ import annotations

from pyspark.sql import SparkSession

# What the typing, the files and COPY mean; see docs/decisions.
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    # Names of MySQL's columns may differ from the model's in case.
    "spark.sql.caseSensitive": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    # COPY reads TIMESTAMP from INT64 with the annotation that it is adjusted to UTC, and decimals by their own type.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.writeLegacyFormat": "false",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    # A folder of the lake is named by its run; that is no column.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


def settle(spark: SparkSession) -> SparkSession:
    """Makes a session mean what the typing means."""
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    return spark
