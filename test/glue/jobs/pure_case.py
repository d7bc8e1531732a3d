"""Calls functions of the library: a JSON file of [name, [arguments]]; says what each gives, or how it fails."""

import json
import sys
from pathlib import Path

from rental_etl.columns import column_text
from rental_etl.errors import JobError, mask_secrets
from rental_etl.guards import percent
from rental_etl.lake import lake_error
from rental_etl.manifest import manifest_hash, schema_hash
from rental_etl.request import as_of_date, parse_request
from rental_etl.scripts import redshift_text


def refusal(said):
    """What a job tells of an error of Spark with these words; None where it stays what it is."""
    error = lake_error(Exception(said))
    return {"code": error.code, "message": str(error)} if isinstance(error, JobError) else None


KNOWN = [column_text, refusal, mask_secrets, percent, manifest_hash, schema_hash, as_of_date, parse_request, redshift_text]
FUNCTIONS = {function.__name__: function for function in KNOWN}


def given(name, arguments):
    try:
        return FUNCTIONS[name](*arguments)
    except JobError as error:
        return {"code": error.code, "message": str(error)}


print(json.dumps([given(*call) for call in json.loads(Path(sys.argv[1]).read_text())]))
