"""Loads the classes that Spark jobs of this project load."""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as f

args = getResolvedOptions(sys.argv, ["JOB_NAME", "url", "user", "password", "to"])
context = GlueContext(SparkContext.getOrCreate())
spark = context.spark_session
Job(context).init(args["JOB_NAME"], args)
options = {"url": args["url"], "user": args["user"], "password": args["password"], "dbtable": "t"}
rows = context.create_dynamic_frame.from_options("mysql", options).toDF()
rows = rows.withColumn("h", f.xxhash64("id", "s")).withColumn("u", f.expr("try_cast(s as bigint)"))
rows.persist()
print(rows.count(), rows.where("h is not null").groupBy("s").count().collect())
rows.createOrReplaceTempView("t")
spark.sql("select *, row_number() over (partition by s order by id) r from t").coalesce(1).write.mode(
    "overwrite"
).parquet(args["to"])
back = spark.read.parquet(args["to"])
print(back.join(rows.select("id"), "id", "left_anti").count(), back.join(rows.select("id", "h"), ["id", "h"]).collect())
