"""Redshift by its Data API: one batch is one transaction, of at most 40 statements."""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Mapping, Sequence

from .errors import JobError

MOST_STATEMENTS = 40
_ATTEMPTS = 6
# Two transactions that cannot both have come first: the one that failed may be done again, whole.
_CONFLICTS = ("1023", "serializable isolation", "could not serialize", "deadlock detected")
_NO_NUMBER = ("invalid digit", "invalid input syntax")
_DENIED = ("permission denied", "must be owner", "not authorized")
# What a call is refused with that may be asked again.
_BUSY = (
    "ThrottlingException",
    "TooManyRequestsException",
    "ActiveStatementsExceededException",
    "ActiveSessionsExceededException",
    "InternalServerException",
    "ServiceUnavailableException",
    "DatabaseConnectionException",
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Statement:
    """A statement of a batch."""

    name: str
    sql: str
    # Its rows are wanted.
    reads: bool = False
    # It fails where something does not hold; what is said then.
    guard: str | None = None


class GuardFailed(Exception):
    """A statement that checks something has failed, and the transaction with it."""

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement.guard)
        self.statement = statement


class Warehouse:
    """A database of a workgroup or cluster."""

    def __init__(
        self,
        client: Any,
        target: Mapping[str, str],
        run_id: str,
        *,
        job_run: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        target: WorkgroupName or ClusterIdentifier, Database, and SecretArn where there is one.
        job_run: the run of the Glue job; a later one does its batches again.
        """
        self._client, self._target, self._sleep = client, dict(target), sleep
        self._token = f"{run_id}/{job_run or uuid.uuid4().hex}"
        self._attempts: dict[str, int] = {}

    def batch(
        self, step: str, statements: Sequence[Statement], prepare: Callable[[], None] = lambda: None
    ) -> dict[str, list[Row]]:
        """
        Runs statements in one transaction, again where another one came between. Gives the rows of those that read, by
        name. Raises GuardFailed, JobError.

        prepare: is done before each attempt; what statements leave on S3 no rollback takes back.
        """
        if len(statements) > MOST_STATEMENTS:
            raise ValueError(f"{step} has {len(statements)} statements, more than {MOST_STATEMENTS}")
        for attempt in range(1, _ATTEMPTS + 1):
            prepare()
            done = self._once(step, statements)
            if done["Status"] == "FINISHED":
                break
            if attempt == _ATTEMPTS or not _is_conflict(done):
                raise _failure(step, statements, done)
            self._sleep(min(30.0, 2.0**attempt) * random.uniform(0.5, 1))
        return {
            statement.name: self._rows(f"{done['Id']}:{at}")
            for at, statement in enumerate(statements, 1)
            if statement.reads
        }

    def _once(self, step: str, statements: Sequence[Statement]) -> dict[str, Any]:
        attempt = self._attempts[step] = self._attempts.get(step, 0) + 1
        # A submit that is sent twice, because its answer was lost, is done once.
        token = hashlib.sha256(f"{self._token}/{step}/{attempt}".encode()).hexdigest()
        answer = self._call(
            "batch_execute_statement",
            **self._target,
            Sqls=[statement.sql for statement in statements],
            StatementName=f"rental-etl {step}"[:500],
            ClientToken=token,
        )
        wait = 0.1
        while True:
            done = self._call("describe_statement", Id=answer["Id"])
            if done["Status"] in ("FINISHED", "FAILED", "ABORTED"):
                return {"Id": answer["Id"], **done}
            self._sleep(wait)
            wait = min(5.0, wait * 1.5)

    def _rows(self, statement: str) -> list[Row]:
        rows: list[Row] = []
        more: dict[str, str] = {}
        while True:
            page = self._call("get_statement_result", Id=statement, **more)
            names = [column["name"] for column in page["ColumnMetadata"]]
            rows += [dict(zip(names, map(_value, record))) for record in page["Records"]]
            if not page.get("NextToken"):
                return rows
            more = {"NextToken": page["NextToken"]}

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return getattr(self._client, operation)(**parameters)
            except Exception as error:
                code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
                if code in _BUSY and attempt < _ATTEMPTS:
                    self._sleep(min(20.0, 2.0**attempt) * random.uniform(0.5, 1))
                    continue
                raise _refused(operation, code, error) from error
        raise AssertionError("unreachable")


def _value(field: Mapping[str, Any]) -> Any:
    if field.get("isNull"):
        return None
    return next(iter(field.values()))


def _error_of(done: Mapping[str, Any]) -> tuple[int | None, str]:
    """The place of the statement that failed, and what the database said."""
    for at, sub in enumerate(done.get("SubStatements") or []):
        if sub.get("Status") == "FAILED":
            return at, str(sub.get("Error") or done.get("Error") or "")
    return None, str(done.get("Error") or "")


def _is_conflict(done: Mapping[str, Any]) -> bool:
    text = f"{_error_of(done)[1]} {done.get('Error') or ''}".lower()
    return done["Status"] == "FAILED" and any(sign in text for sign in _CONFLICTS)


def _failure(step: str, statements: Sequence[Statement], done: Mapping[str, Any]) -> Exception:
    place, said = _error_of(done)
    if done["Status"] == "ABORTED":
        return JobError(f"the statements of {step} were canceled; nothing was changed", "CANCELED")
    failed = statements[place] if place is not None else _guilty(statements, said)
    # What a guard says is no number; the nodes name the letter that is none, and not always the text.
    if failed and failed.guard and any(sign in said.lower() for sign in _NO_NUMBER):
        return GuardFailed(failed)
    where = f"step {failed.name!r} of {step}" if failed else step
    denied = any(sign in said.lower() for sign in _DENIED)
    code, hint = ("ACCESS", ["rental-etl doctor"]) if denied else ("JOB_FAILED", [])
    return JobError(f"{where} failed, nothing was changed: {said}", code, hint)


def _guilty(statements: Sequence[Statement], said: str) -> Statement | None:
    return next((one for one in statements if one.guard and one.guard in said), None)


def _refused(operation: str, code: str, error: Exception) -> JobError:
    what = "ACCESS" if code.startswith(("AccessDenied", "Unauthorized")) else "IO"
    return JobError(f"the Data API refuses {operation}: {error}", what, ["rental-etl doctor"])
