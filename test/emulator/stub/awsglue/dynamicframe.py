"""A DynamicFrame as far as our jobs go: a source read over JDBC, and the way to a DataFrame and back."""

import re

from .job import Job

DRIVERS = {"mysql": "com.mysql.cj.jdbc.Driver"}


class DynamicFrame:
    def __init__(self, frame, glue_ctx, name: str = "") -> None:
        self._frame, self.glue_ctx, self.name = frame, glue_ctx, name

    @classmethod
    def fromDF(cls, dataframe, glue_ctx, name: str) -> "DynamicFrame":
        return cls(dataframe, glue_ctx, name)

    def toDF(self):
        return self._frame

    def count(self) -> int:
        return self._frame.count()


class DynamicFrameReader:
    def __init__(self, glue_context) -> None:
        self._context = glue_context

    def from_options(self, connection_type, connection_options=None, transformation_ctx="", **_):
        """
        A table, or what a `query` or `sampleQuery` gives. With a bookmark that is enabled, a transformation_ctx and
        jobBookmarkKeys, only rows whose key is above that of the last run that committed. The keys are one compound
        key.
        """
        if connection_type not in DRIVERS:
            raise NotImplementedError(f"the stand-in reads {', '.join(DRIVERS)}, not {connection_type}")
        options = {**self._context.jdbc_options(connection_options or {})}
        table = options.get("sampleQuery") or options.get("query")
        relation = f"({table}) source" if table else options["dbtable"]
        job = Job._current
        keys = list(options.get("jobBookmarkKeys") or [])
        if job and transformation_ctx and keys:
            relation = self._since(job, options, relation, keys, transformation_ctx)
        return DynamicFrame(self._read(options, relation), self._context, transformation_ctx)

    def _since(self, job, options, relation, keys, context) -> str:
        descending = options.get("jobBookmarkKeysSortOrder", "asc") == "desc"
        low, high = job.state(context)
        above = [self._beyond(keys, low, descending)] if low else []
        upto = [f"not ({self._beyond(keys, high, descending)})"] if high else []
        where = " and ".join([*above, *upto]) or "1 = 1"
        order = ", ".join(f"`{key}` {'asc' if descending else 'desc'}" for key in keys)
        columns = ", ".join(f"cast(`{key}` as char) as `{key}`" for key in keys)
        newest = f"(select {columns} from {relation} where {where} order by {order} limit 1) newest"
        last = self._read(options, newest).collect()
        reached = last[0].asDict() if last else low
        if not reached:
            return relation
        job.reached(context, reached)
        # What came while it is read is for the next run.
        bounds = " and ".join([where, f"not ({self._beyond(keys, reached, descending)})"])
        return f"(select * from {relation} where {bounds}) source"

    @staticmethod
    def _beyond(keys, values, descending) -> str:
        """The compound key is beyond the values."""
        sign = "<" if descending else ">"
        parts = []
        for at, key in enumerate(keys):
            equal = [f"`{before}` = {_literal(values[before])}" for before in keys[:at]]
            parts.append("(" + " and ".join([*equal, f"`{key}` {sign} {_literal(values[key])}"]) + ")")
        return "(" + " or ".join(parts) + ")"

    def _read(self, options, relation):
        reader = self._context.spark_session.read.format("jdbc").option("driver", DRIVERS["mysql"])
        for name in ("url", "user", "password", "fetchsize"):
            if name in options:
                reader = reader.option(name, options[name])
        return reader.option("dbtable", relation).load()


def _literal(value: str) -> str:
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
