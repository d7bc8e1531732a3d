"""Spark as a job of the box gets it: small, on two cores, with S3 of the box and a class-data archive for its start."""

import os
from pathlib import Path

from . import settings

CONF = """
spark.master local[2]
spark.ui.enabled false
spark.ui.showConsoleProgress false
spark.sql.shuffle.partitions 2
spark.sql.session.timeZone UTC
spark.sql.parquet.outputTimestampType TIMESTAMP_MICROS
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.memory 1g
spark.driver.extraClassPath {jars}
spark.driver.extraJavaOptions {java} -Djava.io.tmpdir={temporary} {classes}
spark.local.dir {temporary}
spark.sql.warehouse.dir {temporary}/warehouse
spark.hadoop.fs.s3.impl org.apache.hadoop.fs.s3a.S3AFileSystem
spark.hadoop.fs.s3a.endpoint {endpoint}
spark.hadoop.fs.s3a.endpoint.region {region}
spark.hadoop.fs.s3a.path.style.access true
spark.hadoop.fs.s3a.connection.ssl.enabled false
spark.hadoop.fs.s3a.aws.credentials.provider com.amazonaws.auth.EnvironmentVariableCredentialsProvider
spark.hadoop.fs.s3a.change.detection.mode none
spark.hadoop.fs.s3a.attempts.maximum 2
spark.hadoop.fs.s3a.retry.limit 1
spark.hadoop.fs.s3a.fast.upload.buffer bytebuffer
spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version 2
"""
#: Quick to start, small, and of no time zone.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC"


def classes() -> str:
    if settings.TRAINING:
        return f"-XX:ArchiveClassesAtExit={settings.CLASS_ARCHIVE} -Xlog:cds=off -Xlog:cds+dynamic=off"
    if settings.CLASS_ARCHIVE and Path(settings.CLASS_ARCHIVE).exists():
        return f"-XX:SharedArchiveFile={settings.CLASS_ARCHIVE} -Xlog:cds=off -Xlog:cds+dynamic=off"
    return ""


def environment(temporary: Path) -> dict[str, str]:
    """Environment of a Spark job. SPARK_CONF_DIR, a folder on the class path, would switch the archive off."""
    conf = temporary / "spark.conf"
    text = CONF.format(
        java=JAVA,
        jars=settings.JARS,
        temporary=temporary,
        classes=classes(),
        endpoint=settings.ENDPOINT,
        region=settings.REGION,
    )
    conf.write_text(text)
    home = Path(settings.GLUE_PYTHON).parent.parent / "lib" / "python3.11" / "site-packages" / "pyspark"
    return {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": settings.GLUE_PYTHON,
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {conf} pyspark-shell",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
