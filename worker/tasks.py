"""The Celery tasks: one for each stage. A message carries nothing; it only says «look»."""

from collections.abc import Callable

import structlog
from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from worker import pipeline, runtime, subscribing, taking_in, upkeep
from worker.pipeline import Nudge, StageName
from worker.tools import Tools

log = structlog.get_logger(__name__)

# A nudge that nobody took within this many seconds is stale: beat has sent others since.
NUDGE_EXPIRES_S = 30


@shared_task(name="wirewatch.poll")
def poll() -> None:
    """Poll the feeds that are due."""
    _run("poll", pipeline.poll)


@shared_task(name="wirewatch.ingest")
def ingest() -> None:
    """Read and judge the articles that are due."""
    _run("ingest", pipeline.ingest)


@shared_task(name="wirewatch.deliver")
def deliver() -> None:
    """Send the alerts that are due."""
    _run("deliver", pipeline.deliver)


@shared_task(name="wirewatch.push")
def push() -> None:
    """Read what was pushed."""
    _run("push", taking_in.take_in)


@shared_task(name="wirewatch.upkeep")
def tend() -> None:
    """Do what is to be done in the background."""
    if not runtime.stopping():
        upkeep.upkeep(runtime.tools())
    if not runtime.stopping():
        subscribing.look_after(runtime.tools())


@shared_task(name="wirewatch.subscribe")
def subscribe() -> None:
    """Ask hubs for subscriptions, and tell them of ends."""
    _run("subscribe", lambda tools, _nudge: subscribing.subscribe(tools))


_TASKS = {
    "poll": poll, "ingest": ingest, "deliver": deliver, "push": push, "subscribe": subscribe,
}  # fmt: skip


def nudge(stage: StageName) -> None:
    """Tell some worker that a stage has work. A nudge that is lost costs one tick, no work."""
    try:
        _TASKS[stage].apply_async(expires=NUDGE_EXPIRES_S, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("broker.away", stage=stage, error=str(error))


def _run(stage: StageName, work: Callable[[Tools, Nudge], bool]) -> None:
    if not runtime.stopping() and work(runtime.tools(), nudge):
        nudge(stage)
