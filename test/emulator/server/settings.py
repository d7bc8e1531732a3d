"""What the starter of the box says, by environment variables; and the few constants."""

import os
from pathlib import Path

ACCOUNT = "123456789012"
REGION = os.environ.get("BOX_REGION", "eu-west-1")
PORT = os.environ.get("BOX_PORT", "0")
ENDPOINT = f"http://127.0.0.1:{PORT}"
FOLDER = Path(os.environ.get("BOX_FOLDER", "."))
AUTH = os.environ.get("BOX_AUTH") == "true"
POSTGRES_PORT = os.environ.get("BOX_POSTGRES_PORT", "")
GLUE_PYTHON = os.environ.get("BOX_GLUE_PYTHON", "python3")
JARS = os.environ.get("BOX_JARS", "")
CLASS_ARCHIVE = os.environ.get("BOX_CLASS_ARCHIVE", "")
#: Write the archive of classes instead of reading it.
TRAINING = os.environ.get("BOX_TRAINING") == "true"
#: Seconds that stand for a minute of a job's Timeout.
MINUTE = float(os.environ.get("BOX_MINUTE", "60"))
DATABASE = "dev"
#: The database's superuser, and the user of a secret that names no other one.
ADMIN = "admin"
STUB = Path(__file__).parent.parent / "stub"
