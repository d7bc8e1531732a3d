"""COPY and UNLOAD of Parquet, with the rights of the role that the statement names."""

import io
import json
import re
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet
from botocore.exceptions import ClientError

from . import sessions
from .dialect import OPAQUE, unquoted

COPY = re.compile(r"^\s*copy\s+([\w.\"]+)\s*(\([^)]*\))?\s*from\s+('[^']+')(.*)$", re.I | re.S)
UNLOAD = re.compile(r"^\s*unload\s*\(\s*(" + OPAQUE.pattern + r")\s*\)\s*to\s+('[^']+')(.*)$", re.I | re.S)
COPY_OPTIONS = r"iam_role|format|as|parquet|manifest|fillrecord|acceptinvchars|statupdate|on|off"
UNLOAD_OPTIONS = (
    r"iam_role|format|as|parquet|manifest|verbose|allowoverwrite|cleanpath|parallel|on|off|maxfilesize|mb|gb|extension"
)
#: Rows of a column by its PostgreSQL type: what Parquet may have for it in COPY, and what UNLOAD writes.
ARROW: dict[str, tuple[pa.DataType, ...]] = {
    "bool": (pa.bool_(),),
    "int2": (pa.int16(), pa.int32()),
    "int4": (pa.int32(),),
    "int8": (pa.int64(),),
    "float4": (pa.float32(),),
    "float8": (pa.float64(),),
    "date": (pa.date32(),),
    "timestamp": (pa.timestamp("us", "UTC"), pa.timestamp("us"), pa.timestamp("ns"), pa.timestamp("ms")),
    "timestamptz": (pa.timestamp("us", "UTC"),),
    "varchar": (pa.string(), pa.large_string()),
    "text": (pa.string(), pa.large_string()),
    "bpchar": (pa.string(), pa.large_string()),
}
SLICES = 2


class LakeError(Exception):
    """A COPY or UNLOAD that failed, in words like Redshift's."""


def options(text: str, known: str) -> dict[str, str]:
    """The words after the address, each of which has to be known."""
    role = re.search(r"\biam_role\s+'([^']*)'", text, re.I)
    if not role:
        raise LakeError("syntax error: IAM_ROLE with the ARN of a role is needed (the box knows no default role)")
    words = re.sub(r"'[^']*'", " ", text).lower().rstrip("; \n").split()
    for word in words:
        if not re.fullmatch(known + r"|\d+", word):
            raise LakeError(f"{word.upper()} argument is not supported for PARQUET based COPY or UNLOAD")
    if "parquet" not in words:
        raise LakeError("the box has FORMAT AS PARQUET alone")
    return {"role": role[1], **dict.fromkeys(words, "")}


def refused(error: ClientError) -> LakeError:
    """What S3 answered, as Redshift tells it."""
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return LakeError(f"S3ServiceException:{error.response['Error'].get('Message')},Status {status}")


def storage(role: str):
    try:
        return sessions.client("s3", role, "redshift.amazonaws.com", "RedshiftIamRoleSession")
    except sessions.NotAssumable as error:
        raise LakeError(f"User arn:aws:redshift:dbuser is not authorized to assume IAM Role {role}: {error}") from error


def read(s3, uri: str) -> bytes:
    bucket, key = sessions.split_uri(uri)
    try:
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        raise refused(error) from error


def listed(s3, uri: str) -> list[str]:
    bucket, prefix = sessions.split_uri(uri)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [f"s3://{bucket}/{found['Key']}" for page in pages for found in page.get("Contents", [])]
    except ClientError as error:
        raise refused(error) from error


def copy(cursor: psycopg.Cursor, match: re.Match[str]) -> int:
    """COPY … FROM Parquet. Columns go by position. @returns its rows"""
    table, columns, address, rest = match.groups()
    asked = options(rest, COPY_OPTIONS)
    s3 = storage(asked["role"])
    files = (
        manifest_files(s3, unquoted(address))
        if "manifest" in asked
        else [(uri, None) for uri in listed(s3, unquoted(address))]
    )
    if not files:
        raise LakeError(f"The specified S3 prefix '{sessions.split_uri(unquoted(address))[1]}' does not exist")
    wanted = table_columns(cursor, table, columns)
    rows = 0
    for uri, length in files:
        data = read(s3, uri)
        if length is not None and length != len(data):
            raise LakeError(f"the manifest says {length} bytes for {uri}, which has {len(data)}")
        try:
            frame = parquet.read_table(io.BytesIO(data), use_threads=False)
        except pa.ArrowInvalid as error:
            raise LakeError(
                f"Spectrum Scan Error: File '{uri}' has an invalid version number or is no Parquet: {error}"
            ) from error
        check_schema(frame, wanted, uri, "fillrecord" in asked)
        text = io.BytesIO()
        csv.write_csv(frame, text, csv.WriteOptions(include_header=False, quoting_style="needed"))
        names = ", ".join(f'"{name}"' for name, *_ in wanted[: frame.num_columns])
        with cursor.copy(f"copy {table} ({names}) from stdin (format csv, null '')") as sink:
            sink.write(text.getbuffer())
        rows += frame.num_rows
    return rows


def manifest_files(s3, uri: str) -> list[tuple[str, int]]:
    try:
        entries = json.loads(read(s3, uri))["entries"]
    except (ValueError, KeyError) as error:
        raise LakeError(f"Invalid JSON in the manifest {uri}: {error}") from error
    there = []
    for entry in entries:
        length = entry.get("meta", {}).get("content_length")
        if length is None:
            raise LakeError("Manifest file is missing meta.content_length, which columnar formats need")
        if not entry.get("mandatory", False) and not listed(s3, entry["url"]):
            continue
        there.append((entry["url"], int(length)))
    return there


def table_columns(cursor: psycopg.Cursor, table: str, columns: str | None) -> list[tuple[str, str, int, int]]:
    """Name, base type, precision and scale of the columns that COPY fills, in the order of the file."""
    cursor.execute(
        """select a.attname, coalesce(b.typname, t.typname),
          case when t.typname = 'numeric' then ((a.atttypmod - 4) >> 16) & 65535 else 0 end,
          case when t.typname = 'numeric' then (a.atttypmod - 4) & 65535 else 0 end
        from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype
        where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum""",
        [table],
    )
    found = cursor.fetchall()
    if not columns:
        return found
    by_name = {row[0]: row for row in found}
    return [by_name[name.strip().strip('"')] for name in columns.strip("()").split(",")]


def check_schema(frame: pa.Table, wanted: list[tuple[str, str, int, int]], uri: str, fill: bool) -> None:
    short = frame.num_columns < len(wanted)
    if frame.num_columns != len(wanted) and not (short and fill):
        raise LakeError(
            "Spectrum Scan Error: Unmatched number of columns between table and file. "
            f"Table columns: {len(wanted)}, Data columns: {frame.num_columns}, File name: {uri}"
        )
    for (name, kind, precision, scale), column in zip(wanted, frame.schema, strict=False):
        fits = (
            column.type == pa.decimal128(precision, scale) if kind == "numeric" else column.type in ARROW.get(kind, ())
        )
        if not fits:
            of = f"{kind}({precision},{scale})" if kind == "numeric" else kind
            raise LakeError(
                f"Spectrum Scan Error: File '{uri}' has an incompatible Parquet schema for column '{name}'. "
                f"Column type: {of.upper()}, Parquet schema: {column.type}"
            )


def unload(connection: psycopg.Connection, match: re.Match[str], run: Any) -> int:
    """UNLOAD … TO Parquet, a file for each slice. @param run runs the inner statement on a cursor. @returns its rows"""
    query, address, rest = match.groups()
    asked = options(rest, UNLOAD_OPTIONS)
    s3, prefix = storage(asked["role"]), unquoted(address)
    bucket, key = sessions.split_uri(prefix)
    there = listed(s3, prefix)
    if there and not {"allowoverwrite", "cleanpath"} & asked.keys():
        raise LakeError(
            "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, "
            "manually removing the target files in S3, or using the ALLOWOVERWRITE option."
        )
    try:
        for uri in there if "cleanpath" in asked else []:
            s3.delete_object(Bucket=bucket, Key=sessions.split_uri(uri)[1])
        # Values as Python has them: those of results are text.
        with connection.cursor() as cursor:
            for kind in ("numeric", "date", "timestamp", "timestamptz"):
                cursor.adapters.register_loader(
                    kind, psycopg.adapters.get_loader(psycopg.adapters.types[kind].oid, psycopg.pq.Format.TEXT)
                )
            run(cursor, unquoted(query))
            frame = arrow_table(cursor)
        slices = 1 if "off" in asked or not frame.num_rows else SLICES
        entries = []
        for at in range(slices):
            part = frame.slice(at * -(-frame.num_rows // slices), -(-frame.num_rows // slices))
            if not part.num_rows:
                continue
            data = io.BytesIO()
            parquet.write_table(part, data)
            name = f"{key}{at:04}_part_00.parquet"
            s3.put_object(Bucket=bucket, Key=name, Body=data.getvalue())
            entries.append(
                {
                    "url": f"s3://{bucket}/{name}",
                    "meta": {"content_length": len(data.getvalue()), "record_count": part.num_rows},
                }
            )
        if "manifest" in asked:
            s3.put_object(Bucket=bucket, Key=f"{key}manifest", Body=json.dumps({"entries": entries}).encode())
    except ClientError as error:
        raise refused(error) from error
    return frame.num_rows


def arrow_table(cursor: psycopg.Cursor) -> pa.Table:
    rows = cursor.fetchall()
    fields, arrays = [], []
    for at, column in enumerate(cursor.description):
        values = [row[at] for row in rows]
        kind = arrow_type(column, values)
        fields.append(pa.field(column.name, kind))
        arrays.append(pa.array(values, type=kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def arrow_type(column: psycopg.Column, values: list[Any]) -> pa.DataType:
    """What a column becomes. A numeric of which PostgreSQL knows no digits (a sum) has the scale of its values."""
    name = psycopg.adapters.types[column.type_code].name
    if name != "numeric":
        return ARROW.get(name, ARROW["text"])[0]
    if column.precision is not None:
        return pa.decimal128(column.precision, column.scale or 0)
    return pa.decimal128(38, max((-value.as_tuple().exponent for value in values if value is not None), default=0))
