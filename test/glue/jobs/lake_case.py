"""Writes rows of which one task has none, into a FOLDER, and tells what is described and what is there."""

import json
import sys

from folder_storage import Folder
from small_spark import small_spark

from rental_etl import lake

lake.ROWS_PER_FILE = 1
storage = Folder(sys.argv[1])
rows = small_spark(compiled=False).range(0, 4, 1, 4).where("id > 1")
described = lake.write_files(storage, rows, 2, "data/")
print(json.dumps({"described": [file["path"] for file in described], "there": sorted(storage.sizes("data/"))}))
