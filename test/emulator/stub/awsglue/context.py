"""The context of a job."""

import json
import logging

from .dynamicframe import DynamicFrame, DynamicFrameReader


class GlueContext:
    def __init__(self, sparkContext, **_) -> None:
        from pyspark.sql import SparkSession

        self.spark_session = SparkSession(sparkContext)
        self.create_dynamic_frame = DynamicFrameReader(self)

    def get_logger(self) -> logging.Logger:
        return logging.getLogger("glue")

    def create_dynamic_frame_from_options(self, connection_type, connection_options=None, **more) -> DynamicFrame:
        return self.create_dynamic_frame.from_options(connection_type, connection_options, **more)

    def extract_jdbc_conf(self, connection_name: str, **_) -> dict[str, str]:
        """Address, user and password of a connection, its secret looked up with the job's own rights."""
        import boto3

        found = boto3.client("glue").get_connection(Name=connection_name, HidePassword=False)["Connection"][
            "ConnectionProperties"
        ]
        user, password = found.get("USERNAME"), found.get("PASSWORD")
        if secret := found.get("SECRET_ID"):
            login = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
            user, password = login["username"], login["password"]
        url = found["JDBC_CONNECTION_URL"]
        return {
            "url": url.rsplit("/", 1)[0],
            "fullUrl": url,
            "user": user,
            "password": password,
            "vendor": url.split(":")[1],
            "enforceSSL": found.get("JDBC_ENFORCE_SSL", "false"),
        }

    def jdbc_options(self, options: dict) -> dict:
        """Options of a read, those of its connection filled in."""
        if str(options.get("useConnectionProperties", "false")).lower() != "true":
            return options
        found = self.extract_jdbc_conf(options["connectionName"])
        return {"url": found["fullUrl"], "user": found["user"], "password": found["password"], **options}
