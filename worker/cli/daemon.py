"""`wirewatch run`, `worker` and `beat`: the processes that do the work."""

import os
import signal
import sys
import threading
import time
from typing import Annotated

import structlog
import typer
from rich.live import Live
from rich.text import Text

from worker import app as celery_app
from worker import logs, runtime, store
from worker.configure import ConfigWatcher
from worker.errors import SetupError
from worker.pipeline import STAGES
from worker.settings import Settings, settings
from worker.store import Database
from worker.tick_watch import TickWatch
from worker.web import Door

log = structlog.get_logger(__name__)


def run() -> None:
    """Run everything in this one process: poll, ingest, deliver, on the embedded store."""
    knobs = settings()
    logs.configure(knobs)
    if not knobs.embedded:
        raise SetupError(
            f"WIREWATCH_BROKER_URL is {knobs.broker_url.partition('://')[0]}://…, but `wirewatch "
            "run` is one process. Unset it, or start `wirewatch worker` and `wirewatch beat`."
        )
    db = Database(knobs.database_url, patience_s=knobs.database_patience_s)
    _before, revision = store.upgrade(db)
    watcher = ConfigWatcher(db, knobs.config_dir, os.environ, runtime.clock)
    watcher.apply_now()
    stopped = stop_on_signals()
    daemon = celery_app.Embedded(knobs)
    door = opened_door(knobs)
    daemon.start()
    watcher.start()
    log.info("daemon.started", store=db.url, revision=revision, pid=os.getpid())
    _stay(daemon, db, stopped)
    log.info("daemon.stopping")
    if door is not None:
        door.close()
    watcher.stop()
    daemon.stop()
    db.close()
    log.info("daemon.stopped")
    # Threads of libraries may still sit in a blocking call; nothing of ours is left to do.
    sys.stderr.flush()
    os._exit(0 if stopped.is_set() else 1)


def opened_door(knobs: Settings) -> Door | None:
    """The HTTP server, listening; None where none is wanted."""
    if not knobs.listen:
        return None
    door = Door(runtime.tools())
    try:
        door.open()
    except SetupError:
        runtime.close_process()
        raise
    return door


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; the second one ends the process at once."""
    stopped = threading.Event()

    def stop(signum: int, _frame: object) -> None:
        if stopped.is_set():
            os._exit(128 + signum)
        runtime.stop()
        stopped.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)
    return stopped


def _stay(daemon: celery_app.Embedded, db: Database, stopped: threading.Event) -> None:
    """Wait for the end, with a live status line where there is a terminal to show it on."""
    if not logs.console.is_terminal:
        while daemon.alive() and not stopped.wait(0.5):
            pass
        return
    rate = _Rate()
    with Live(console=logs.console, refresh_per_second=2, transient=True) as live:
        while daemon.alive() and not stopped.wait(1.0):
            live.update(_status_line(db.read(store.overview), rate))


class _Rate:
    """Polls per second since the last look."""

    def __init__(self) -> None:
        self._polls, self._at = 0, time.monotonic()

    def of(self, polls: int) -> float:
        now = time.monotonic()
        rate = (polls - self._polls) / max(now - self._at, 0.001) if self._polls else 0.0
        self._polls, self._at = polls, now
        return rate


def _status_line(seen: store.Overview, rate: _Rate) -> Text:
    parts = [
        f"feeds {seen.feeds} ({seen.queues['poll'].due} due, {seen.feeds_failing} failing)",
        f"{rate.of(seen.polls):.1f} polled/s",
        f"articles {seen.articles} ({seen.queues['ingest'].due} to read)",
        f"stories {seen.stories}",
        f"matches {seen.matches}",
        f"alerts {seen.delivered}/{seen.alerts}",
    ]
    return Text("  ·  ".join(parts), style="bold cyan")


Queues = Annotated[
    str, typer.Option("--queues", "-Q", help="Comma-separated: poll, ingest, deliver.")
]
Pool = Annotated[
    str, typer.Option(help="threads (waits for networks) or prefork (reads pages on every core).")
]


def worker(
    queues: Queues = "poll,ingest,deliver",
    pool: Pool = "threads",
    concurrency: Annotated[int, typer.Option("--concurrency", "-c", min=1)] = 4,
    max_tasks_per_child: Annotated[
        int, typer.Option(min=1, help="Tasks after which a prefork child is replaced.")
    ] = 500,
) -> None:
    """Run a worker of the stack for one or more queues."""
    stack_settings()
    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(STAGES))
    if unknown or not wanted:
        raise SetupError(
            f"--queues: there is no queue {', '.join(unknown) or 'given'}. "
            f"Choose from {', '.join(STAGES)}."
        )
    if pool not in ("threads", "prefork"):
        raise SetupError(f"--pool: {pool!r} is not supported. Choose threads or prefork.")
    code = celery_app.run_worker(
        wanted, pool=pool, concurrency=concurrency, max_tasks_per_child=max_tasks_per_child
    )
    raise typer.Exit(code)


def beat() -> None:
    """Run the stack's beat: it nudges every stage each tick, and applies configuration files."""
    knobs = stack_settings()
    db = Database(knobs.database_url, patience_s=knobs.database_patience_s)
    watcher = ConfigWatcher(db, knobs.config_dir, os.environ, runtime.clock)
    watcher.apply_now()
    watcher.start()
    service = celery_app.make_beat(celery_app.create_app(knobs), knobs)
    stopped = stop_on_signals()
    ticks = TickWatch(knobs)
    thread = threading.Thread(target=service.start, name="wirewatch-beat", daemon=True)
    thread.start()
    ticks.start()
    log.info("beat.started", tick_s=knobs.tick_s)
    while thread.is_alive() and not stopped.wait(0.5):
        pass
    ticks.stop()
    service.stop()
    watcher.stop()
    db.close()
    log.info("beat.stopped")
    os._exit(0 if stopped.is_set() else 1)


def stack_settings() -> Settings:
    knobs = settings()
    logs.configure(knobs)
    if knobs.embedded:
        raise SetupError(
            "WIREWATCH_BROKER_URL is memory://, which lives in one process only. Set it to "
            "redis://HOST:PORT/N, or use `wirewatch run`."
        )
    return knobs
