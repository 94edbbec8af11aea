"""Any bytes at all in answer to a request: nothing but an outcome comes of them.

A few hundred answers in every run; WIREWATCH_FUZZ sets how many.
"""

import asyncio
import gzip
import os
import socket
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.browser import Browser
from tests.hostile.server import Pack
from tests.hostile.wire import MIB
from tests.rawsite import RawSite
from worker.errors import Reason
from worker.records import Failed, Fetched, NotModified

EXAMPLES = int(os.environ.get("WIREWATCH_FUZZ", "300"))
# What a site that answers at once, and hangs up, can bring about.
POSSIBLE = {
    Reason.BAD_URL, Reason.URL_TOO_LONG, Reason.FORBIDDEN_SCHEME, Reason.CREDENTIALS_IN_URL,
    Reason.FORBIDDEN_ADDRESS, Reason.CONNECTION_LOST, Reason.TOO_MANY_REDIRECTS, Reason.GONE,
    Reason.NOT_FOUND, Reason.ACCESS_DENIED, Reason.BOT_PROTECTION, Reason.RATE_LIMITED,
    Reason.CLIENT_ERROR, Reason.SERVER_ERROR, Reason.BAD_RESPONSE, Reason.HEADERS_TOO_LARGE,
    Reason.REDIRECTED, Reason.TOO_LARGE, Reason.EXPANDS_TOO_MUCH, Reason.BAD_COMPRESSION,
}  # fmt: skip


def rarely(what: st.SearchStrategy[bytes], else_: st.SearchStrategy[bytes]) -> Any:
    """One in eight of `what`: an answer that is wrong all over is only refused."""
    return st.integers(0, 7).flatmap(lambda drawn: what if drawn == 5 else else_)


OK, STATUSES = st.sampled_from([b"HTTP/1.1 200 OK", b"HTTP/1.1 304 No"]), st.integers(100, 599)
STATUS_LINES = rarely(
    st.one_of(
        st.integers(0, 1000).map(lambda status: b"HTTP/1.1 %d Some Words" % status),
        st.sampled_from([b"HTTP/1.0 200 OK", b"HTTP/1.1 200", b"HTTP/2 200 OK", b"ICY 200", b""]),
        st.binary(max_size=30),
    ),
    st.one_of(OK, STATUSES.map(lambda status: b"HTTP/1.1 %d Some Words" % status)),
)
VALUES = st.one_of(
    st.text("abcdefgh0123456789=;,\"'%/?#:@ -_.", max_size=40).map(str.encode),
    st.binary(max_size=40),
    st.integers(-(2**70), 2**70).map(lambda number: b"%d" % number),
    st.sampled_from(
        [
            b"gzip", b"deflate, gzip", b"br", b"zstd", b"chunked", b"identity", b"close", b"*",
            b"text/xml; charset=utf-8", b"text/html; charset=", b"max-age=60", b"no-store", b"0",
            b"Wed, 21 Oct 2026 07:28:00 GMT", b"Wed, 99 Oct 9999 99:99:99 XYZ", b'W/"x"',
            b"upgrade", b"/feed", b"//[::1", b"http://u:p@h/", b"\xe9\xff",
            b"bytes 0-1/2", b"h2c, websocket",
        ]
    ),
)  # fmt: skip
NAMES = st.sampled_from(
    [
        b"Content-Encoding", b"Content-Type", b"ETag", b"Last-Modified", b"Location", b"Age",
        b"Retry-After", b"Cache-Control", b"Expires", b"Date", b"Connection", b"Set-Cookie",
        b"Trailer", b"Refresh", b"Server", b"Upgrade", b"X-Other",
    ]
)  # fmt: skip
FRAMING = st.sampled_from([b"Content-Length", b"Transfer-Encoding"])
HEADERS = rarely(
    st.one_of(
        st.binary(max_size=20),
        st.tuples(FRAMING, VALUES).map(lambda header: header[0] + b": " + header[1]),
    ),
    st.tuples(NAMES, VALUES).map(lambda header: header[0] + b": " + header[1]),
)
PLAIN = st.one_of(st.binary(max_size=200), st.just(b"<rss><channel></channel></rss>"))
CODED: st.SearchStrategy[tuple[list[bytes], Pack]] = st.sampled_from(
    [
        ([], bytes), ([], bytes), ([b"Content-Encoding: gzip"], gzip.compress),
        ([b"Content-Encoding: deflate"], zlib.compress), ([], gzip.compress),
    ]
)  # fmt: skip


def in_chunks(body: bytes) -> bytes:
    parts = [body[start : start + 7] for start in range(0, len(body), 7)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"


@st.composite
def answers(draw: st.DrawFn) -> list[bytes]:
    """The bytes of an answer, nearly well-formed or not at all, in the pieces they are sent in."""
    coding, pack = draw(CODED)
    body = pack(draw(PLAIN))
    framing = draw(st.sampled_from(["length", "length", "chunks", "none", "both"]))
    lines = [draw(STATUS_LINES), *draw(st.lists(HEADERS, max_size=4)), *coding]
    if framing in ("length", "both"):
        lines.append(b"Content-Length: %d" % (len(body) + draw(st.sampled_from([0, 0, 0, 1, -1]))))
    if framing in ("chunks", "both"):
        lines.append(b"Transfer-Encoding: chunked")
        body = in_chunks(body)
    line_end = draw(rarely(st.sampled_from([b"\n", b"\r"]), st.just(b"\r\n")))
    whole = line_end.join([*lines, b"", b""]) + body
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.integers(0, len(whole)))
        whole = whole[:at] + draw(st.binary(max_size=4)) + whole[at + draw(st.integers(0, 3)) :]
    cuts = sorted(draw(st.lists(st.integers(0, len(whole)), max_size=3)))
    starts, ends = [0, *cuts], [*cuts, len(whole)]
    return [whole[start:end] for start, end in zip(starts, ends, strict=True)]


class Said:
    """A site that says what it is told to, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.site = RawSite()
        self.site.at("*", self._talk)

    def _talk(self, connection: socket.socket, _head: bytes) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in self.pieces:
            connection.sendall(piece)


@pytest.fixture(scope="module")
def said() -> Iterator[Said]:
    said = Said()
    yield said
    said.site.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(timeout_s=5, max_redirects=2)
    yield browser
    browser.close()


@given(answers(), st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_answer_comes_to_an_outcome(
    said: Said, browser: Browser, pieces: list[bytes], conditional: bool
) -> None:
    said.pieces = pieces
    surprises: list[dict[str, Any]] = []

    def note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        surprises.append(context)

    browser.loop.loop.set_exception_handler(note)
    etag = '"1"' if conditional else None
    got = browser.fetch(said.site.url("/feed"), etag=etag, max_bytes=MIB)
    assert surprises == [], "an exception in a callback is nobody's outcome"
    match got:
        case Fetched():
            assert len(got.body) <= MIB
            assert got.status in (200, 203)
            assert got.content_type.isprintable()
            assert got.charset is None or got.charset.isascii()
        case NotModified():
            assert conditional
        case Failed():
            assert got.reason in POSSIBLE
            assert got.detail.isprintable()
            assert 0 < len(got.detail) <= 300
            assert got.retry_after_s is None or got.retry_after_s >= 0
    for validator in (got.etag, got.last_modified) if not isinstance(got, Failed) else ():
        assert validator is None or validator.isprintable()
