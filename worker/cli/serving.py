"""`wirewatch web`: the HTTP server as a process of its own."""

import http.client
import os
import sys
from typing import Annotated

import structlog
import typer

from worker import app as celery_app
from worker import runtime
from worker.cli.daemon import opened_door, stack_settings, stop_on_signals
from worker.errors import SetupError, WirewatchError
from worker.settings import Settings
from worker.tick_watch import TickWatch

log = structlog.get_logger(__name__)

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def web(
    check: Annotated[
        bool, typer.Option("--check", help="Only ask the server that runs here how it is.")
    ] = False,
) -> None:
    """Serve HTTP for hubs and programs, as a process of the stack."""
    knobs = stack_settings()
    if not knobs.listen:
        raise SetupError("WIREWATCH_LISTEN is not set. Set it to HOST:PORT, as 127.0.0.1:8484.")
    if check:
        _check(knobs)
        return
    celery_app.create_app(knobs)  # what is taken in nudges the workers
    stopped = stop_on_signals()
    door = opened_door(knobs)
    assert door is not None
    ticks = TickWatch(knobs)
    ticks.start()
    log.info("web.started", pid=os.getpid())
    stopped.wait()
    ticks.stop()
    door.close()
    runtime.close_process()
    log.info("web.stopped")
    sys.stderr.flush()
    os._exit(0)  # threads of libraries may still sit in a blocking call


def _check(knobs: Settings) -> None:
    host, port = knobs.listen_place
    asked = http.client.HTTPConnection(_EVERYWHERE.get(host, host), port, timeout=8)
    try:
        asked.request("GET", "/healthz")
        status = asked.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise WirewatchError(f"{knobs.listen} does not answer ({error}).") from None
    finally:
        asked.close()
    if status != http.client.OK:
        raise WirewatchError(f"{knobs.listen} answers {status}.")
    typer.echo("ok")
