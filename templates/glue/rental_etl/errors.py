"""Expected failures, with the codes of the command line, and how a job ends with one."""

from __future__ import annotations

import re
import sys
import traceback
from typing import Callable, NoReturn, Sequence

from . import events

AGAIN = "rental-etl run   # extracts again: what is missing in raw is found anew"
REBUILD = "rental-etl run --full-refresh"

_IN_URL = re.compile(r"([a-z][a-z0-9+.-]{0,30}://)([^:/?#\s]{0,200}):[^\n]*@", re.IGNORECASE)
_BY_KEY = re.compile(r"((?:password|passwd|pwd|secret|token)[\"']?\s*[=:]\s*)[\"']?[^&;,\n\"'} ]+", re.IGNORECASE)


class JobError(Exception):
    """Something that the user or the surroundings can mend; anything else that is raised is a bug of ours."""

    def __init__(self, message: str, code: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(mask_secrets(message))
        self.code = code
        self.suggestions = [mask_secrets(one) for one in suggestions]


def mask_secrets(text: str) -> str:
    """A text without the passwords that stand in a URL or behind their key."""
    return _BY_KEY.sub(r"\1***", _IN_URL.sub(r"\1\2:***@", text))


def end_well_or_tell(job: Callable[[], None]) -> None:
    """
    Does a job. Of a failure the last line of stderr is `CODE: message`: Glue takes that as the run's ErrorMessage,
    which the notice shows. It is raised under the name of its code, since Glue reads the exception and not the exit.
    """
    try:
        job()
    except JobError as error:
        _fail(error.code, str(error), error.suggestions)
    except Exception as error:  # noqa: BLE001: what nobody expected is told with its stack
        sys.stderr.write(mask_secrets(traceback.format_exc()))
        _fail("BUG", mask_secrets(f"{type(error).__name__}: {error}"), [])


def _fail(code: str, message: str, suggestions: Sequence[str]) -> NoReturn:
    line = " ".join(message.split())
    events.failed(code, line, suggestions)
    sys.stdout.flush()
    sys.tracebacklimit = 0
    raise type(code, (Exception,), {"__module__": "builtins"})(line) from None
