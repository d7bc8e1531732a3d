"""A Spark of one process that starts soon."""

import os

from pyspark.sql import SparkSession

from rental_etl.session import settle


def small_spark(jars: str = "", compiled: bool = True) -> SparkSession:
    """
    Two tasks at once, and one partition behind each shuffle.

    compiled: as on Glue; where many plans see few rows, each takes longer to compile than to be read.
    """
    builder = SparkSession.builder.master("local[2]").appName("test")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        # Of few rows nothing is learned on the way.
        "spark.sql.adaptive.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": os.environ.get("GLUE_TEST_JVM", ""),
    }
    if not compiled:
        settings.update({"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"})
    if jars:
        settings["spark.driver.extraClassPath"] = jars
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return settle(spark)
