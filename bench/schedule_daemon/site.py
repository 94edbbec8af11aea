"""The feeds' sites, in a process of their own: each feed has a host, and shows what is out by now.

Until it counts, a feed shows what the simulation had read of it by its last poll.
"""

import asyncio
import multiprocessing
import socket
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from multiprocessing.connection import Connection

from aiohttp import web

from bench.schedule_daemon.clock import Clock
from tests.site import page, rss

_HOSTS = 250
MIME = "application/rss+xml"
_TALKS = "resume on Monday, said the envoy, after weeks of silence there."


@dataclass(frozen=True, slots=True)
class Shown:
    """What the sites show: feeds' entries by the times at which they are out, `window` at once.

    `read_at` are the simulation's last polls before `opens_at`; `hubs` push the feeds that they are
    given by number.
    """

    times: Sequence[Sequence[float]]
    read_at: Sequence[float]
    opens_at: float
    window: int
    hubs: dict[int, str]

    def upto(self, feed: int, now: float) -> int:
        """How many entries a feed has published, as far as it is shown."""
        return bisect_right(self.times[feed], now if now >= self.opens_at else self.read_at[feed])


def host_of(feed: int) -> str:
    return f"127.1.{feed // _HOSTS}.{feed % _HOSTS + 1}"


def base_of(feed: int, port: int) -> str:
    return f"http://{host_of(feed)}:{port}"


def guid_of(feed: int, number: int) -> str:
    return f"urn:feed:{feed}:{number}"


def title_of(feed: int, number: int, *, pushed: bool) -> str:
    """A title of its own; topics are looked for in what is pushed alone."""
    what = "Talks on Syria" if pushed else "Report"
    return f"{what} number {number} in the city of {(feed * 10_007 + number) * 7_919}"


def text_of(feed: int, number: int, *, pushed: bool) -> str:
    """A text of its own, so that no two entries are one story."""
    own = " ".join(f"word{feed}x{number}x{n}" for n in range(60))
    return f"{title_of(feed, number, pushed=pushed)} {_TALKS} {own}"


def document(shown: Shown, feed: int, numbers: Sequence[int], base: str) -> str:
    """A feed's document of these entries, the newest first."""
    pushed = feed in shown.hubs
    items = [
        {
            "title": title_of(feed, number, pushed=pushed),
            "link": f"{base}/page/{feed}/{number}",
            "guid": guid_of(feed, number),
            "description": text_of(feed, number, pushed=pushed)[:200],
            "pubDate": formatdate(shown.times[feed][number]),
        }
        for number in reversed(numbers)
    ]
    body = rss(items, f"Feed {feed}")
    if not pushed:
        return body
    links = "".join(
        f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{rel}" href="{href}"/>'
        for rel, href in (("hub", shown.hubs[feed]), ("self", f"{base}/feed/{feed}"))
    )
    return body.replace("<item>", f"{links}<item>", 1)


@contextmanager
def serving(shown: Shown, clock: Clock) -> Iterator[int]:
    """Serve `/feed/N` and `/page/N/M` on every address of loopback; yields the port."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, shown, clock), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join(5)


def _serve(pipe: Connection, shown: Shown, clock: Clock) -> None:
    async def feed(request: web.Request) -> web.Response:
        number = int(request.match_info["feed"])
        upto = shown.upto(number, clock.time())
        headers = {"ETag": f'"{upto}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        entries = range(max(0, upto - shown.window), upto)
        body = document(shown, number, entries, f"http://{request.host}")
        return web.Response(text=body, content_type=MIME, headers=headers)

    async def article(request: web.Request) -> web.Response:
        told = int(request.match_info["feed"]), int(request.match_info["number"])
        pushed = told[0] in shown.hubs
        body = page(title_of(*told, pushed=pushed), text_of(*told, pushed=pushed))
        return web.Response(text=body, content_type="text/html")

    app = web.Application()
    app.router.add_get("/feed/{feed}", feed)
    app.router.add_get("/page/{feed}/{number}", article)
    asyncio.run(_listen(app, pipe))


async def _listen(app: web.Application, pipe: Connection) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    with socket.create_server(("0.0.0.0", 0), backlog=1024) as listening:
        await web.SockSite(runner, listening).start()
        pipe.send(listening.getsockname()[1])
        await asyncio.Event().wait()
