"""Starts the emulator: `python -m server`, with the environment that test/emulator/box.ts gives it."""

import os
import sys

from .settings import ACCOUNT, AUTH, PORT, REGION

# MiniStack reads its settings as it is imported. A key of 12 digits would be an account.
os.environ.update(
    GATEWAY_PORT=PORT,
    BIND_HOST="127.0.0.1",
    MINISTACK_ACCOUNT_ID=ACCOUNT,
    MINISTACK_REGION=REGION,
    AUTH="true" if AUTH else "false",
    LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
)


def main() -> None:
    from ministack import app

    from . import gate, glue, hooks, redshift, schedule, workflow

    if gone := hooks.missing():
        sys.exit(f"this MiniStack has no {', '.join(gone)}")
    gate.install()
    glue.install()
    workflow.install()
    redshift.install()
    schedule.install()
    sys.argv = ["ministack"]
    app.main()


main()
