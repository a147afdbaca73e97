"""The bot with its clock put ahead, so that an hour which is far away comes in seconds; to be run with `python -m`."""

import os
from datetime import timedelta

from bot import app, cli

ahead = timedelta(seconds=float(os.environ["CLOCK_AHEAD_SECONDS"]))
app.open_app.__wrapped__.__kwdefaults__["now"] = lambda: app.utc_now() + ahead  # type: ignore[attr-defined]
cli.main()
