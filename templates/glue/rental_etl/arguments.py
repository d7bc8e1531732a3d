"""The arguments of a Glue job."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from .errors import JobError


def parse_arguments(argv: Sequence[str]) -> dict[str, str]:
    """
    Every `--name value` or `--name=value`, with hyphens in names as underscores. Glue adds arguments of its own, some
    of which have no value; `getResolvedOptions` would take the name behind an empty one for its value.
    """
    found: dict[str, str] = {}
    rest = list(argv[1:])
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            continue
        name, equals, value = word[2:].partition("=")
        if not equals and rest and not rest[0].startswith("--"):
            value = rest.pop(0)
        found[name.replace("-", "_")] = value
    return found


def required(arguments: Mapping[str, str], *names: str) -> list[str]:
    """The values of arguments that have to be there. Raises USAGE."""
    lacking = [name for name in names if not arguments.get(name)]
    if lacking:
        raise JobError(f"the job lacks the argument --{' and --'.join(lacking)}", "USAGE", ["rental-etl bootstrap"])
    return [arguments[name] for name in names]


def json_argument(arguments: Mapping[str, str], name: str) -> dict[str, Any]:
    """An argument that is a JSON object. Raises USAGE."""
    [text] = required(arguments, name)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise JobError(f"--{name} is no JSON object: {text[:200]}", "USAGE")
    return value
