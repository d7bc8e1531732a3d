"""Scripts of a release, and what they counted."""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Sequence

from .data_api import Row, Statement
from .events import empty_flow

_PLACE = re.compile(r"\{\{([\w.]+)\}\}")
_PIECE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*[\s\S]*?\*/")


def literal(text: str) -> str:
    """A text literal as Redshift reads it, where a backslash escapes what follows it."""
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def redshift_text(sql: str) -> str:
    """A statement of standard SQL as Redshift reads it: each backslash in its literals is written twice."""
    return _PIECE.sub(lambda piece: piece[0].replace("\\", "\\\\") if piece[0].startswith("'") else piece[0], sql)


def filled(step: Mapping[str, Any], places: Mapping[str, str]) -> Statement:
    """A step of a script as a statement, its `{{…}}` filled in. Raises KeyError for one without a value."""
    sql = _PLACE.sub(lambda place: places[place[1]], step["sql"])
    return Statement(step["name"], sql, bool(step.get("reads")), step.get("guard"))


def chosen(steps: Iterable[Mapping[str, Any]], modes: Mapping[str, str], rejects: bool) -> list[Mapping[str, Any]]:
    """The steps of the load for the mode of each table, and whether rejects come."""

    def is_done(when: Mapping[str, Any] | None) -> bool:
        if when is None:
            return True
        return rejects if "rejects" in when else modes[when["table"]] == when["mode"]

    return [step for step in steps if is_done(step.get("when"))]


def load_flow(table: str, raw: str, counts: Iterable[Row]) -> dict[str, Any]:
    """What a load did to one table, from the counts that it made."""
    flow = empty_flow(raw)
    for row in counts:
        if row["table_name"] != table:
            continue
        effect, detail, rows = row["effect"], row["detail"], int(row["n"])
        flow["superseded"] += int(row["superseded"])
        if effect in ("rows_in", "rejected"):
            flow["rows_in"] += rows
        elif effect == "quarantined":
            flow["quarantined"][detail or ""] = rows
        elif effect in ("deleted", "late"):
            flow[effect] += rows
        elif effect in ("inserted", "updated", "unchanged"):
            flow[effect] += rows
            for column in detail.split(",") if detail else []:
                flow["nullified"][column] = flow["nullified"].get(column, 0) + rows
    flow["rows_out"] = flow["inserted"] + flow["updated"] + flow["unchanged"]
    explained = flow["rows_out"] + flow["superseded"] + sum(flow["quarantined"].values())
    flow["unexplained"] = flow["rows_in"] - explained
    return flow


_OWN = ("inserted", "updated", "unchanged", "deleted", "rows_in")


def curated_flow(table: str, counts: Iterable[Row]) -> dict[str, Any]:
    """What a build did to one table, from the counts that it made."""
    flow = empty_flow(table)
    for row in counts:
        if row["table_name"] != table:
            continue
        effect = row["effect"]
        if effect in _OWN:
            flow[effect] = int(row["n"])
        elif not effect.startswith("beside:"):
            flow["filtered"][effect] = int(row["n"])
    flow["rows_out"] = flow["inserted"] + flow["updated"] + flow["unchanged"]
    flow["unexplained"] = flow["rows_in"] - flow["rows_out"] - sum(flow["filtered"].values())
    return flow


def guard(name: str, holds: str, message: str, source: str) -> Statement:
    """A query that fails where a condition does not hold, and takes the transaction with it (`guard` of script.ts)."""
    says = f"case when {holds} then '1' else '{message}' end"
    return Statement(name, f"select cast({says} as integer) as holds from {source}", guard=message)


def tables_in(statements: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the tables that a build counts, in their order."""
    names = [step["name"].split(":", 1)[0] for step in statements if step["name"].endswith(": count by the ledger")]
    return list(dict.fromkeys(names))
