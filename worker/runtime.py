"""Where things are built: event loop, HTTP sessions, store, topics, in one `Tools` per process.

Nothing is built at import. A process builds its tools on first use and keeps them for life; after
a fork the child builds its own, for neither loops nor connections survive one.
"""

import mmap
import os
import threading
from datetime import UTC, datetime

import aiohttp

from worker.flights import LoopThread
from worker.netguard import guarded_sockets
from worker.settings import Settings, settings
from worker.store import Database
from worker.tools import Tools, TopicCache

# Tasks of one stage that may run at once in one process: one works, one takes up new nudges.
_SLOTS = 2
_STAGES = ("poll", "ingest", "deliver")

# One byte shared with forked children: the parent alone hears the signal to stop. It has no lock
# that a killed child could leave closed behind it.
_stop_flag = mmap.mmap(-1, 1)
_built: dict[int, Tools] = {}
_building = threading.Lock()


def stop() -> None:
    """Ask every stage in this process and its children to finish; returns at once."""
    _stop_flag[0] = 1


def stopping() -> bool:
    return _stop_flag[0] == 1


def clock() -> datetime:
    return datetime.now(UTC)


def tools() -> Tools:
    """This process's tools, built on first use."""
    with _building:
        pid = os.getpid()
        if pid not in _built:
            _built.clear()  # what a parent built is not ours to close
            _built[pid] = build(settings())
        return _built[pid]


def database(knobs: Settings) -> Database:
    return Database(knobs.database_url, patience_s=knobs.database_patience_s)


def build(knobs: Settings) -> Tools:
    """Make a set of tools; whoever makes one closes it with `close`."""
    db, loop = database(knobs), LoopThread()
    return Tools(
        settings=knobs,
        db=db,
        loop=loop,
        fetching=loop.run(http_session(knobs, knobs.fetch_timeout_s)),
        delivering=loop.run(http_session(knobs, knobs.deliver_timeout_s)),
        topics=TopicCache(),
        clock=clock,
        stopping=stopping,
        environ=os.environ,
        slots={stage: threading.BoundedSemaphore(_SLOTS) for stage in _STAGES},
    )


async def http_session(knobs: Settings, timeout_s: float) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        limit=0,  # a stage's width is the limit
        limit_per_host=knobs.connections_per_host,
        ttl_dns_cache=60,
        socket_factory=guarded_sockets(knobs.allow_networks),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s, sock_connect=knobs.connect_timeout_s),
        headers={"User-Agent": knobs.user_agent},
    )


def close(used: Tools) -> None:
    """Close sessions, loop and store of a set of tools."""
    used.loop.run(used.fetching.close(), timeout_s=3)
    used.loop.run(used.delivering.close(), timeout_s=3)
    used.loop.close()
    used.db.close()


def close_process() -> None:
    """Close this process's own tools, if it built any."""
    mine = _built.pop(os.getpid(), None)
    if mine is not None:
        close(mine)
