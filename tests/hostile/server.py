"""A server on which each misbehaviour is a URL, and what comes of fetching it.

Where an answer has a body, it is a feed for who asks for feeds and an article's page for others.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.rawsite import RawSite, Talk, unused_port
from tests.site import page, rss
from worker.errors import Reason

_CERTIFICATE = Path(__file__).with_name("self_signed.pem")
PARAGRAPHS = (
    "The harbour of the old town was closed for three days after the storm, said its master.",
    "Boats from four villages lay in the bay and waited for the wind to turn once more.",
    "On Thursday morning the pilots went out again and brought the first ships to the quay.",
)
Pack = Callable[[bytes], bytes]


def self_signed() -> ssl.SSLContext:
    """What a server needs to be a self-signed one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_CERTIFICATE)
    return context


class Hostile:
    """A plain and a self-signed site, a port whose queue is full, and one where nobody is."""

    def __init__(self) -> None:
        self.plain, self.secure = RawSite(), RawSite(self_signed())
        self._full, self._queue = _full_backlog()
        self.full_port: int = self._full.getsockname()[1]
        self.closed_port = unused_port()

    def close(self) -> None:
        self.plain.close()
        self.secure.close()
        for sock in (self._full, *self._queue):
            sock.close()


def _full_backlog() -> tuple[socket.socket, list[socket.socket]]:
    """A socket that listens and never accepts: who comes later gets no answer at all."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    queue = []
    for _ in range(4):
        waiting = socket.socket()
        waiting.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            waiting.connect(server.getsockname())
        queue.append(waiting)
    return server, queue


@contextlib.contextmanager
def hostile_site() -> Iterator[Hostile]:
    for prepare in _to_prepare:
        prepare()
    site = Hostile()
    try:
        yield site
    finally:
        site.close()


# ---- what is served

# Else the next request might be sent just as this one's connection is closed.
_LAST = "Connection: close"


def content(head: bytes) -> bytes:
    """A feed of one item or an article's page, as the request asks; its title is in the URL."""
    target, _, _ = head.partition(b" HTTP/")
    title = title_of(target.decode("latin-1"))
    if b"application/rss+xml" in head:
        link = f"http://stories.test/{title}"
        return rss([{"title": title, "link": link, "guid": title}]).encode()
    return page(title, *PARAGRAPHS).encode()


def title_of(url: str) -> str:
    """The name in a URL: its query, or else the end of its path."""
    path, _, query = url.partition("?")
    return query or path.rpartition("/")[2]


# What takes its time to be made, and is to be there when the clock runs.
_to_prepare: list[Callable[[], bytes]] = []


def answers(
    *headers: str,
    status: str = "200 OK",
    body: bytes | None = None,
    pack: Pack = bytes,
    version: str = "HTTP/1.1",
    length: int = 0,
    tail: bytes = b"",
) -> Talk:
    """One answer with a Content-Length, which is wrong by `length`; then `tail`, then no more."""

    @cache
    def packed() -> bytes:
        return pack(body or b"")

    _to_prepare.append(packed)

    def talk(connection: socket.socket, head: bytes) -> None:
        told = pack(content(head)) if body is None else packed()
        lines = [f"{version} {status}", *headers, _LAST, f"Content-Length: {len(told) + length}"]
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + told + tail)

    return talk


def chunked(*headers: str, size: int = 100, pack: Pack = bytes, end: bytes = b"0\r\n\r\n") -> Talk:
    """The content in chunks of `size` bytes, and then `end`."""

    def talk(connection: socket.socket, head: bytes) -> None:
        told = pack(content(head))
        lines = ["HTTP/1.1 200 OK", *headers, _LAST, "Transfer-Encoding: chunked", "", ""]
        parts = [told[start : start + size] for start in range(0, len(told), size)]
        framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        connection.sendall("\r\n".join(lines).encode() + framed + end)

    return talk


# ---- the table


@dataclass(frozen=True)
class Case:
    """One misbehaviour, and what comes of it: `reason`, or None where it is fetched all the same.

    `status` and `detail`, a part of it, belong to the reason. `lands` is the headline of what is
    fetched, `whole` whether all of it is. `feed` and `page` are what may become of it then.
    """

    name: str
    talk: Talk | None = None
    reason: Reason | None = None
    detail: str = ""
    status: int | None = None
    whole: bool = True
    lands: str = ""
    feed: tuple[Reason | None, ...] = (None,)
    page: tuple[Reason | None, ...] = (None,)
    place: Callable[[Hostile], str] | None = None

    @property
    def title(self) -> str:
        return self.lands or self.name

    def url(self, site: Hostile) -> str:
        """Where it is; from here on the site misbehaves so there."""
        if self.talk is not None:
            site.plain.at(f"/{self.name}", self.talk)
            site.secure.at(f"/{self.name}", self.talk)
        return self.place(site) if self.place else site.plain.url(f"/{self.name}")


@cache
def zeros(size: int) -> bytes:
    return bytes(size)
