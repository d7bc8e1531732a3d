"""What a MySQL server or its driver says, as an error that tells what to do."""

from __future__ import annotations

from .errors import JobError

_AGAIN = "rental-etl resume"
# What stands in the words of the driver or the server; the first that does.
_FAULTS = (
    ("command denied", "ACCESS", "denies the right to read"),
    ("Access denied", "ACCESS", "denies access"),
    ("Unknown database", "SOURCE_MISSING", "has no such database"),
    ("doesn't exist", "SOURCE_SCHEMA", "lacks a table"),
    ("Unknown column", "SOURCE_CHANGED", "changed a table while it was read"),
    ("Table definition has changed", "SOURCE_CHANGED", "changed a table while it was read"),
    ("SSL", "IO", "cannot be reached by TLS as asked for"),
    ("Communications link failure", "IO", "cannot be reached, or was lost while it was read"),
    ("Too many connections", "IO", "cannot be reached"),
    ("Lock wait timeout", "IO", "kept the reading waiting for a lock"),
)


def mysql_error(error: Exception, place: str) -> Exception:
    """
    An error of Spark that a database brought about; any other one as it is.

    place: mysql://host/database
    """
    if isinstance(error, JobError):
        return error
    said = str(error)
    if "com.mysql" not in said and "java.sql." not in said:
        return error
    code, what = next(((code, what) for sign, code, what in _FAULTS if sign in said), ("IO", "answers with an error"))
    return JobError(f"{place} {what}: {_words(said)}", code, ["rental-etl doctor", _AGAIN])


def _words(said: str) -> str:
    """The line with the words of the driver, without the names of its classes."""
    lines = [line.strip() for line in said.splitlines() if "Exception: " in line]
    line = next((line for line in lines if "com.mysql" in line or "java.sql." in line), said.splitlines()[0])
    words = line.rsplit("Exception: ", 1)[-1]
    return words.replace("'@'", "' at '").replace("(using password: YES)", "(with a password)")
