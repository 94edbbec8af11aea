"""The Celery app, its queues and its beat, and how worker and beat processes start and stop.

Beat nudges every stage once a tick whether work is due or not: the claim is itself the question,
cheaper than asking first, and each message that a worker takes also tells its watchdog that it
still hears.
"""

import threading
from collections.abc import Sequence
from typing import Any

import structlog
from celery import Celery, signals
from celery.beat import Scheduler, Service
from celery.worker import WorkController, state
from kombu import Queue

from worker import early, redis_qos, runtime, store, upkeep, warming
from worker.pipeline import STAGES
from worker.settings import Settings, settings
from worker.tasks import NUDGE_EXPIRES_S, nudge
from worker.tick_watch import TickWatch
from worker.watchdog import Watchdog

log = structlog.get_logger(__name__)

# A thread waits most of its time for the network; two tasks of each stage may run at once.
EMBEDDED_THREADS = 12
# Readers that are started before there is anything to read; each is some 100 MB. A page that comes
# while one reads another then finds the second.
_WARMED = 2
# What waits on networks as polls do, and is little.
_BESIDE_POLLS = ("push", "subscribe")


def create_app(knobs: Settings | None = None) -> Celery:
    """The Celery app for these settings, with the three queues and the beat that nudges them."""
    knobs = knobs or settings()
    redis_qos.install()
    app = Celery("wirewatch", include=["worker.tasks"])
    # The current app is each thread's own; the default is what tasks in pool threads nudge with.
    app.set_default()
    app.conf.update(
        broker_url=knobs.broker_url,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(knobs),
        task_queues=[Queue(stage) for stage in STAGES],
        task_routes={f"wirewatch.{stage}": {"queue": stage} for stage in STAGES}
        | {"wirewatch.upkeep": {"queue": "ingest"}}
        | {f"wirewatch.{beside}": {"queue": "poll"} for beside in _BESIDE_POLLS},
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        beat_enable_remote_control=False,
        beat_max_loop_interval=knobs.tick_s,
        beat_schedule={
            f"tick-{stage}": {
                "task": f"wirewatch.{stage}",
                "schedule": knobs.tick_s,
                "options": {"queue": stage, "expires": NUDGE_EXPIRES_S},
            }
            for stage in STAGES
        }
        | {
            f"tick-{beside}": {
                "task": f"wirewatch.{beside}",
                "schedule": knobs.tick_s,
                "options": {"queue": "poll", "expires": NUDGE_EXPIRES_S},
            }
            for beside in _BESIDE_POLLS
        }
        | {
            "upkeep": {
                "task": "wirewatch.upkeep",
                "schedule": upkeep.EVERY_S,
                "options": {"queue": "ingest", "expires": NUDGE_EXPIRES_S},
            },
        },
        timezone="UTC",
    )
    return app


def _transport_options(knobs: Settings) -> dict[str, Any]:
    if knobs.embedded:
        return {"polling_interval": 0.02}
    # Longer than kombu's own blocking read, short enough that a silent Redis is noticed.
    return {
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "visibility_timeout": 3600,
    }


@signals.setup_logging.connect
def _leave_logging_alone(**_: Any) -> None:
    """Celery sets up no logging once somebody listens to this signal: `logs` has done so."""


@signals.worker_shutting_down.connect
def _finish_up(**_: Any) -> None:
    runtime.stop()


@signals.worker_process_shutdown.connect
def _close_child(**_: Any) -> None:
    runtime.close_process()


def run_worker(
    queues: Sequence[str], *, pool: str, concurrency: int, max_tasks_per_child: int | None = None
) -> int:
    """Run a worker for these queues until SIGTERM or SIGINT; returns its exit code."""
    knobs = settings()
    if "ingest" in queues:
        _warm(knobs, pool)
    app = create_app(knobs)
    ticks = TickWatch(knobs)
    watchdog = _watchdog(knobs, queues, ticks)

    @signals.task_received.connect(weak=False)
    def _heard(**_: Any) -> None:
        watchdog.heard()
        _show_pulse(knobs)

    @signals.worker_ready.connect(weak=False)
    def _ready(**_: Any) -> None:
        watchdog.heard()
        log.info("worker.ready", queues=",".join(queues), pool=pool, concurrency=concurrency)
        for stage in STAGES:
            if stage in queues:
                nudge(stage)

    worker = app.Worker(
        queues=list(queues),
        pool=pool,
        concurrency=concurrency,
        max_tasks_per_child=max_tasks_per_child if pool == "prefork" else None,
        loglevel=knobs.log_level.upper(),
        quiet=True,
        **_QUIET_CONSUMER,
    )
    watchdog.start()
    ticks.start()
    worker.start()
    watchdog.stop()
    ticks.stop()
    runtime.close_process()
    log.info("worker.stopped")
    return int(worker.exitcode or 0)


def _warm(knobs: Settings, pool: str) -> None:
    if pool == "threads":
        warming.warm(runtime.tools(), min(early.readers(knobs), _WARMED))
        return

    @signals.worker_process_init.connect(weak=False)
    def _forked(**_: Any) -> None:
        # One reader in each child is as many as there are children, and they are many.
        warming.warm(runtime.tools(), 1)


# With gossip, mingle and heartbeats on, workers crashed when Redis was killed; nobody reads them.
_QUIET_CONSUMER: dict[str, Any] = {
    "without_gossip": True,
    "without_mingle": True,
    "without_heartbeat": True,
}


def _watchdog(knobs: Settings, queues: Sequence[str], ticks: TickWatch) -> Watchdog:
    db = store.Database(knobs.database_url, patience_s=5)
    return Watchdog(
        overdue_s=lambda: db.read(lambda c: store.overdue_s(c, set(queues) & set(STAGES))),
        busy=lambda: bool(state.active_requests),
        patience_s=knobs.deaf_after_s,
        before_end=ticks.look_now,
    )


def make_beat(app: Celery, knobs: Settings) -> Service:
    """Beat's service: it keeps its schedule in memory, for a nudge has nothing to remember."""

    @signals.after_task_publish.connect(weak=False)
    def _sent(**_: Any) -> None:
        _show_pulse(knobs)

    return Service(app, scheduler_cls=Scheduler)


def _show_pulse(knobs: Settings) -> None:
    if knobs.pulse_file is not None:
        knobs.pulse_file.touch()


class Embedded:
    """Worker and beat in threads of this process, over Celery's in-memory transport."""

    def __init__(self, knobs: Settings) -> None:
        app = create_app(knobs)
        self._knobs = knobs
        self._worker = WorkController(
            app=app,
            queues=list(STAGES),
            pool_cls="threads",
            concurrency=EMBEDDED_THREADS,
            loglevel=knobs.log_level.upper(),
            **_QUIET_CONSUMER,
        )
        self._beat = make_beat(app, knobs)
        self._ticks = TickWatch(knobs)
        self._threads = [
            threading.Thread(target=self._worker.start, name="wirewatch-worker", daemon=True),
            threading.Thread(target=self._beat.start, name="wirewatch-beat", daemon=True),
        ]

    def start(self) -> None:
        warming.warm(runtime.tools(), min(early.readers(self._knobs), _WARMED))
        for thread in self._threads:
            thread.start()
        self._ticks.start()

    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Finish or give back what is in flight, end both threads, and close the tools."""
        runtime.stop()
        self._ticks.stop()
        self._beat.stop()
        self._worker.stop()
        for thread in self._threads:
            thread.join(timeout=2)
        runtime.close_process()
