"""Arguments of a job."""

import argparse
from collections.abc import Sequence

BOOKMARK_OPTIONS = ("job-bookmark-enable", "job-bookmark-pause", "job-bookmark-disable")
RANGE = ("job_bookmark_from", "job_bookmark_to")
RESERVED = (
    "continuation-option",
    "job-bookmark-option",
    "job-bookmark-from",
    "job-bookmark-to",
    "JOB_ID",
    "JOB_RUN_ID",
    "SECURITY_CONFIGURATION",
    "encryption-type",
)
TEMPORARY = ("TempDir", "RedshiftTempDir")


class GlueArgumentError(Exception):
    """An argument that is missing, or has no value."""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, str]:
    """
    Every option that is asked for has to be there. As on Glue: hyphens become underscores; an unambiguous prefix of a
    name is accepted; a name without a value is an error; reserved names may not be asked for, and are there anyway.
    """
    for option in options:
        if option in RESERVED:
            raise RuntimeError("Using reserved arguments " + option)
    parser = _Parser()
    parser.add_argument("--job-bookmark-option", choices=BOOKMARK_OPTIONS)
    for option in (*RESERVED, *TEMPORARY):
        if option not in ("continuation-option", "job-bookmark-option"):
            parser.add_argument("--" + option)
    for option in options:
        if option not in TEMPORARY:
            parser.add_argument("--" + option, required=True)
    found = vars(parser.parse_known_args(list(args[1:]))[0])
    temporary = found["TempDir"] or found["RedshiftTempDir"]
    found.update(TempDir=temporary, RedshiftTempDir=temporary)
    found["job_bookmark_option"] = found["job_bookmark_option"] or "job-bookmark-disable"
    given = [name for name in RANGE if found[name] is not None]
    if found["job_bookmark_option"] == "job-bookmark-pause":
        if len(given) == 1:
            raise RuntimeError("Missing option or value for --job-bookmark-from or --job-bookmark-to")
    elif len(given) == 2:
        raise RuntimeError("Invalid option(s) --job-bookmark-from --job-bookmark-to")
    return found
