"""`wirewatch` as it is, but for the time: `python -m bench.schedule_daemon.process ARGUMENTS`.

The one clock that the program reads is replaced before anything else of it is imported, and what
beat does once a minute it does once a minute of that clock. Celery, asyncio and time-outs stay with
real time.
"""

import os
from unittest.mock import patch

from celery import Celery

from bench.schedule_daemon.clock import Clock
from worker import runtime
from worker.settings import Settings


def main() -> None:
    clock = Clock.from_environ(os.environ)
    with patch.object(runtime, "clock", clock.now):
        from worker import app, cli

        create_app = app.create_app

        def sped(*knobs: Settings) -> Celery:
            made = create_app(*knobs)
            made.conf.beat_schedule["upkeep"]["schedule"] /= clock.speed
            return made

        with patch.object(app, "create_app", sped):
            cli.main()


if __name__ == "__main__":
    main()
