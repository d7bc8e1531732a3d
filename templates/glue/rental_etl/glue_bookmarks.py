"""
Glue's own job bookmarks. Nothing rests on them: which rows a run reads is said by the warehouse. They are kept because
the console shows them, and who operates Glue looks there (docs/decisions/0070).
"""

from __future__ import annotations

from typing import Any, Mapping

from . import events
from .model import Table
from .mysql_source import MysqlSource
from .snapshot_files import RawState

_PASSED_ON = ("url", "user", "password")


def is_enabled(arguments: Mapping[str, str]) -> bool:
    """Whether the run was started with bookmarks."""
    return arguments.get("job_bookmark_option") == "job-bookmark-enable"


def move_bookmark(glue_context: Any, source: MysqlSource, table: Table, state: RawState) -> None:
    """
    Reads what lies beyond Glue's bookmark of a table, so that the commit moves it, and says where that begins and where
    the warehouse's own position is.
    """
    options = {
        **{name: source.options[name] for name in _PASSED_ON},
        "dbtable": table.name,
        "sampleQuery": source.bookmark_query(table),
        "jobBookmarkKeys": [table.bookmark],
        "jobBookmarkKeysSortOrder": "asc",
    }
    try:
        frame = glue_context.create_dynamic_frame.from_options(
            connection_type="mysql", connection_options=options, transformation_ctx=table.name
        )
        ends = frame.toDF().selectExpr(f"cast(min(`{table.bookmark}`) as string) as low").collect()
    except Exception as error:  # noqa: BLE001: the rows themselves are read without it
        events.log("warn", f"{table.name}: Glue's bookmark was not moved: {type(error).__name__}")
        return
    low = ends[0]["low"] if ends else None
    position = state.bookmark or "the beginning"
    events.log("info", f"{table.name}: Glue's bookmark begins at {low or 'the end'}, the warehouse's at {position}")
