"""Runs run_script on a JSON file of {arguments, objects, rules}. Says at the end what the clients were asked."""

import json
import sys
import time
from pathlib import Path

import run_script
from fake_aws import FakeDataApi, FakeS3

from rental_etl.arguments import parse_arguments
from rental_etl.errors import end_well_or_tell

scenario = json.loads(Path(sys.argv[1]).read_text())
s3 = FakeS3(scenario["objects"])
api = FakeDataApi(scenario.get("rules", []), s3)
slept = []
time.sleep = slept.append
run_script.Warehouse.__init__.__kwdefaults__["sleep"] = slept.append


def tell():
    objects = {key: body.decode() for key, body in s3.objects.items()}
    print("ASKED " + json.dumps({"batches": api.batches, "objects": objects, "slept": slept}))


try:
    clients = {"s3": s3, "redshift-data": api}
    end_well_or_tell(lambda: run_script.run(parse_arguments(["job", *scenario["arguments"]]), clients.get))
finally:
    tell()
    assert "pyspark" not in sys.modules
