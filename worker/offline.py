"""What follows when our own network goes down, and when it comes back: nobody is blamed for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import structlog

from worker import store
from worker.outage import Turn
from worker.tools import Tools

log = structlog.get_logger(__name__)


@contextmanager
def forgiven(tools: Tools, nudge: Callable[[Literal["poll", "ingest"]], None]) -> Iterator[None]:
    """Take back what an outage has done, before and after results are settled.

    Before, once it is known: what is settled then stays as it was. After, once it is over: what was
    put off because of it is asked at once.
    """
    turns = tools.web.outage.take_turns(tools.web.clock())
    for turn in turns:
        since = turn.since.isoformat(timespec="seconds")
        log.warning("network.down" if turn.down else "network.back", since=since)
        if turn.down:
            _forgive(tools, turn)
    yield
    for turn in turns:
        if not turn.down:
            _forgive(tools, turn)
            nudge("poll")
            nudge("ingest")


def _forgive(tools: Tools, turn: Turn) -> None:
    tools.db.write(lambda db: store.forgive_outage(db, turn.since, tools.clock()))
    tools.loop.loop.call_soon_threadsafe(tools.robots.forget_failing, turn.since)
