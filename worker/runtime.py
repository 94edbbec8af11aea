"""Where things are built: event loop, HTTP sessions, store, topics, in one `Tools` per process.

Nothing is built at import. A process builds its tools on first use and keeps them for life; after
a fork the child builds its own, for neither loops nor connections survive one.
"""

import mmap
import os
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver

from worker import __version__, early
from worker.channels import Means
from worker.fetch import Web
from worker.flights import LoopThread
from worker.hosts import Manners
from worker.http.connection import Connector, Response
from worker.links import links_in
from worker.netguard import guarded_sockets
from worker.outage import Outage
from worker.robots_book import RobotsBook
from worker.sandbox import TEMPLATE_LIMITS, Sandbox, SandboxLimits
from worker.settings import Settings, settings
from worker.store import Database
from worker.tools import PaceCache, Pulse, Tools, TopicCache

log = structlog.get_logger(__name__)

# Tasks of one stage that may run at once in one process: one works, one takes up new nudges.
_SLOTS = 2
_CLOSING_S = 3
_STAGES = ("poll", "ingest", "deliver", "push", "subscribe", "unsubscribe")
# Bytes of a body that wait to be taken: of a hundred bodies at once, that is memory.
_READ_BYTES = 64 * 1024
_MOST_HEADERS = 256
# Children that render templates, and that speak to chat and mail; bytes of an answer to these.
_RENDERERS, _NOTIFIERS, _LOOKED_AT_BYTES = 2, 4, 4 * 1024
_NOTIFYING = SandboxLimits(cpu_s=5, memory_bytes=500 * 1024**2)

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
            # What a parent built stays where it is: to drop it would close what the two share.
            _built[pid] = build(settings(), Pulse())
        return _built[pid]


def database(knobs: Settings) -> Database:
    return Database(knobs.database_url, patience_s=knobs.database_patience_s)


def build(knobs: Settings, pulse: Pulse | None = None) -> Tools:
    """Make a set of tools; whoever makes one closes it with `close`."""
    db, loop = database(knobs), LoopThread()
    web = loop.run(open_web(knobs))
    return Tools(
        settings=knobs,
        db=db,
        loop=loop,
        web=web,
        robots=RobotsBook(web, db, user_agent(knobs)),
        sandbox=open_sandbox(knobs),
        manners=manners(knobs),
        delivering=loop.run(open_means(knobs, os.environ, web.resolver)),
        topics=TopicCache(),
        pace=PaceCache(knobs),
        clock=clock,
        stopping=stopping,
        slots={stage: threading.BoundedSemaphore(_SLOTS) for stage in _STAGES},
        pulse=pulse,
    )


def manners(knobs: Settings) -> Manners:
    """How hosts are asked, as the settings say."""
    return Manners(
        connections=knobs.connections_per_host,
        page_gap_s=knobs.page_gap_s,
        ahead_s=knobs.tick_s,
        longest_gap_s=knobs.max_crawl_delay_s,
        longest_pause_s=knobs.host_pause_max_s,
        # Who sets an interval for every feed has the policy keep to nothing else.
        poll_gap_s=0 if knobs.poll_interval_s is not None else knobs.host_poll_gap_s,
    )


def open_sandbox(knobs: Settings) -> Sandbox:
    """The children that read hostile input; none is started before it is needed."""
    return Sandbox(early.readers(knobs), early.reading_limits(knobs))


async def open_web(
    knobs: Settings,
    resolver: AbstractResolver | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Web:
    """What fetching needs; whoever opens it closes it with `close_web`, on the same loop."""
    resolver = resolver or aiohttp.DefaultResolver()
    return Web(
        direct=await _fetching_session(knobs, resolver),
        proxied=await _fetching_session(knobs, resolver, guarded=False),
        resolver=resolver,
        settings=knobs,
        environ=environ,
        clock=clock,
        outage=Outage(knobs.offline_after_s),
    )


async def close_web(web: Web) -> None:
    """Close the sessions and the resolver."""
    await web.direct.close()
    await web.proxied.close()
    await web.resolver.close()


async def _fetching_session(
    knobs: Settings, resolver: AbstractResolver, *, guarded: bool = True
) -> aiohttp.ClientSession:
    """A session to fetch with; unless `guarded` it may go anywhere, for a proxy's own address."""
    return aiohttp.ClientSession(
        connector=Connector(
            limit=0,  # a stage's width is the limit
            # Turns see to that already, except where a redirect leads to.
            limit_per_host=knobs.connections_per_host,
            # Connections that several workers kept would be more than a host is to have.
            force_close=not knobs.embedded,
            ttl_dns_cache=60,
            resolver=resolver,
            socket_factory=guarded_sockets(knobs.allow_networks) if guarded else None,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None,  # `fetch` bounds the whole, redirects included
            sock_connect=knobs.connect_timeout_s,
            sock_read=knobs.first_byte_timeout_s,
        ),
        headers={"User-Agent": user_agent(knobs)},
        # Bodies are decompressed within limits of our own.
        auto_decompress=False,
        read_bufsize=_READ_BYTES,
        max_line_size=knobs.max_header_bytes,
        max_field_size=knobs.max_header_bytes,
        max_headers=_MOST_HEADERS,
    )


async def open_means(
    knobs: Settings,
    environ: Mapping[str, str] = os.environ,
    resolver: AbstractResolver | None = None,
) -> Means:
    """What delivering needs; whoever opens it closes it, on the same loop."""
    notifying = replace(_NOTIFYING, wall_extra_s=knobs.deliver_timeout_s)
    return Means(
        session=await _delivering_session(knobs, resolver),
        templates=Sandbox(_RENDERERS, TEMPLATE_LIMITS),
        notifiers=Sandbox(_NOTIFIERS, notifying),
        environ=environ,
        allowed=knobs.allow_networks,
        links=lambda alert, now: links_in(
            alert.body,
            alert.channel_name,
            knobs.public_url,
            knobs.link_key.get_secret_value(),
            now,
        ),
    )


async def _delivering_session(
    knobs: Settings, resolver: AbstractResolver | None
) -> aiohttp.ClientSession:
    """A session to deliver alerts with."""
    return aiohttp.ClientSession(
        connector=Connector(
            limit=0,
            # Many channels are at one host, and each has a bound of its own.
            limit_per_host=0,
            resolver=resolver,
            socket_factory=guarded_sockets(knobs.allow_networks),
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=knobs.deliver_timeout_s, sock_connect=knobs.connect_timeout_s
        ),
        headers={"User-Agent": user_agent(knobs)},
        # Answers are only looked at, and a small one could expand without end.
        auto_decompress=False,
        read_bufsize=_LOOKED_AT_BYTES,
        response_class=Response,
    )


def user_agent(knobs: Settings) -> str:
    """Who asks, in every request: honest about being a program, and whom to write to."""
    contact = f"; {knobs.contact}" if knobs.contact else ""
    return knobs.user_agent or f"wirewatch/{__version__} (news feed monitor{contact})"


def close(used: Tools) -> None:
    """Close sessions, children, loop and store of a set of tools, whatever is still under way."""
    for name, closing in (
        ("sandbox", used.sandbox.close()),
        ("delivering", used.delivering.close()),
        ("fetching", close_web(used.web)),
    ):
        try:
            used.loop.run(closing, timeout_s=_CLOSING_S)
        except TimeoutError:  # the process is about to end, and takes it along
            log.warning("close.late", what=name)
    used.loop.close()
    used.db.close()


def close_process() -> None:
    """Close this process's own tools, if it built any."""
    mine = _built.pop(os.getpid(), None)
    if mine is not None:
        close(mine)
