"""Statements of the Data API: a submit runs in a thread of its own, on a connection of its own, in one transaction."""

import base64
import contextvars
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from . import dialect, lake, settings
from .faults import FAULTS

#: Values that the Data API gives as text.
TEXTS = ("numeric", "date", "timestamp", "timestamptz", "time", "interval", "json", "jsonb", "uuid")
TYPE_NAMES = {"text": "varchar", "unknown": "varchar", "bpchar": "bpchar"}
MAX_ROW = 64 * 1024
SERIALIZATION = "1023 DETAIL: Serializable isolation violation on a table in Redshift, transactions forming the cycle"
OPTIONS = (
    "-c search_path=public,rs,pg_catalog "
    "-c standard_conforming_strings=off -c escape_string_warning=off -c backslash_quote=on"
)
ENDED = ("FINISHED", "FAILED", "ABORTED")


def connect(user: str, database: str = settings.DATABASE, **more: Any) -> psycopg.Connection:
    return psycopg.connect(host="127.0.0.1", port=settings.POSTGRES_PORT, user=user, dbname=database, **more)


def field(value: Any) -> dict[str, Any]:
    """A value with its type. A bool is an int to Python, so it comes first."""
    match value:
        case None:
            return {"isNull": True}
        case bool():
            return {"booleanValue": value}
        case int():
            return {"longValue": value}
        case float():
            return {"doubleValue": value}
        case bytes():
            return {"blobValue": base64.b64encode(value).decode()}
    return {"stringValue": str(value)}


def column(described: psycopg.Column, values: list[Any]) -> dict[str, Any]:
    """A column of a result. A numeric of which PostgreSQL knows no digits has as many as Redshift gives a sum."""
    known = psycopg.adapters.types.get(described.type_code)
    name = known.name if known else "varchar"
    widest = name == "numeric" and described.precision is None
    scale = (
        max((len(str(value).partition(".")[2]) for value in values if value is not None), default=0) if widest else 0
    )
    return {
        "name": described.name,
        "label": described.name,
        "typeName": TYPE_NAMES.get(name, name),
        "nullable": 1,
        "precision": 38 if widest else described.precision or described.display_size or 0,
        "scale": scale or described.scale or 0,
        "length": 0,
        "isCaseSensitive": False,
        "isCurrency": False,
        "isSigned": name in ("int2", "int4", "int8", "numeric", "float4", "float8"),
        "schemaName": "",
        "tableName": "",
        "columnDefault": "",
    }


def size(value: Any) -> int:
    return len(value) if isinstance(value, bytes) else len(str(value).encode()) if value is not None else 0


class Submit:
    """One submit, of one statement or a batch, and what came of it."""

    def __init__(self, request: dict[str, Any], sqls: list[str], *, batch: bool, owner: str, user: str):
        self.id = str(uuid.uuid4())
        self.request, self.sqls, self.batch, self.owner, self.user = request, sqls, batch, owner, user
        self.parameters = {one["name"]: one["value"] for one in request.get("Parameters", [])}
        self.status, self.error, self.duration = "SUBMITTED", "", 0
        self.created = self.updated = time.time()
        self.connection: psycopg.Connection | None = None
        self.cancelled = False
        self.ended = threading.Event()
        self.results: dict[int, tuple[list[dict[str, Any]] | None, list[list[dict[str, Any]]]]] = {}
        self.subs = [
            {
                "Id": f"{self.id}:{at + 1}",
                "QueryString": sql,
                "Status": "SUBMITTED",
                "HasResultSet": False,
                "ResultRows": -1,
                "ResultSize": -1,
                "Duration": -1,
                "CreatedAt": self.created,
                "UpdatedAt": self.created,
                "RedshiftQueryId": -1,
            }
            for at, sql in enumerate(sqls)
        ]
        self.fault = FAULTS.take_statement()

    def start(self) -> None:
        threading.Thread(target=contextvars.copy_context().run, args=(self.work,), daemon=True).start()

    def work(self) -> None:
        began = time.perf_counter_ns()
        status = "FINISHED"
        try:
            self.connection = connect(self.user, self.request["Database"], options=OPTIONS)
            self.connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
            for kind in TEXTS:
                self.connection.adapters.register_loader(kind, TextLoader)
            self.status = "STARTED"
            with self.connection:
                for at, sql in enumerate(self.sqls):
                    self.one(at, sql)
        except Exception as error:
            status = "ABORTED" if self.cancelled else "FAILED"
            self.error = "Query cancelled on user's request" if self.cancelled else f"ERROR: {message(error)}"
        for sub in self.subs:
            if sub["Status"] == "STARTED":
                sub.update(Status=status, Error=self.error, UpdatedAt=time.time())
            elif sub["Status"] == "SUBMITTED":
                sub.update(Status="ABORTED", UpdatedAt=time.time())
        self.duration, self.updated = time.perf_counter_ns() - began, time.time()
        self.status = status
        self.ended.set()

    def one(self, at: int, sql: str) -> None:
        began, sub = time.perf_counter_ns(), self.subs[at]
        sub["Status"] = "STARTED"
        if self.cancelled:
            raise InterruptedError
        if self.fault and self.fault.get("at", 1) == at + 1:
            fault = self.fault.get("error", "serialization")
            raise lake.LakeError(SERIALIZATION if fault == "serialization" else fault)
        with self.connection.cursor() as cursor:
            count, described, rows = self.execute(cursor, sql)
        over = next((row for row in rows if sum(map(size, row)) > MAX_ROW), None)
        if over:
            raise lake.LakeError("The size of a row in the result exceeds 64 KB")
        self.results[at] = (
            described and [column(one, [row[n] for row in rows]) for n, one in enumerate(described)],
            [[field(value) for value in row] for row in rows],
        )
        bytes_ = sum(size(value) for row in rows for value in row)
        sub.update(
            Status="FINISHED",
            HasResultSet=described is not None,
            ResultRows=count,
            ResultSize=bytes_,
            Duration=time.perf_counter_ns() - began,
            UpdatedAt=time.time(),
        )

    def execute(self, cursor: psycopg.Cursor, sql: str):
        """Runs one statement. @returns its rows or those it changed, its columns, and the rows"""
        bound, _ = dialect.bind(sql, self.parameters)
        if found := lake.COPY.match(bound):
            return lake.copy(cursor, found), None, []
        if found := lake.UNLOAD.match(bound):
            return lake.unload(self.connection, found, run), None, []
        run(cursor, bound)
        if bound.lstrip().lower().startswith("truncate"):
            # It commits what the transaction did so far, and cannot be rolled back.
            self.connection.commit()
        rows = cursor.fetchall() if cursor.description else []
        return (len(rows) if cursor.description else cursor.rowcount), cursor.description, rows

    def cancel(self) -> bool:
        if self.status in ENDED:
            return False
        self.cancelled = True
        if self.connection:
            self.connection.cancel_safe()
        self.ended.wait(5)
        return True


def run(cursor: psycopg.Cursor, sql: str) -> None:
    """One statement in PostgreSQL's words, with the domains that it needs."""
    lengths: set[int] = set()
    translated = dialect.translate(sql, lengths)
    for length in lengths:
        with connect(settings.ADMIN, cursor.connection.info.dbname, autocommit=True) as admin:
            admin.execute(dialect.domain_statement(length))
    cursor.execute(translated.encode())


def message(error: Exception) -> str:
    """The error in Redshift's words, where ours differ."""
    match error:
        case psycopg.errors.SerializationFailure() | psycopg.errors.DeadlockDetected():
            return SERIALIZATION
        case psycopg.errors.CheckViolation() if error.diag.datatype_name or "varchar_" in str(error):
            return "Value too long for character type"
        case psycopg.errors.CheckViolation() if "_check" in (error.diag.constraint_name or ""):
            return f"Cannot insert a NULL value into column of {error.diag.table_name}"
        case psycopg.errors.CardinalityViolation():
            return "Found multiple matches to update the same tuple."
    return str(error).split("\n", 1)[0]


def prepare() -> None:
    """The database, with the functions and views that Redshift has and PostgreSQL lacks."""
    with connect(settings.ADMIN, "postgres", autocommit=True) as admin:
        admin.execute(f"create database {settings.DATABASE}")
    with connect(settings.ADMIN, autocommit=True) as admin:
        admin.execute(Path(__file__).with_name("shim.sql").read_text(encoding="utf8"))
