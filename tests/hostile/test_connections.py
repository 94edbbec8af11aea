"""What one answer may do to the requests after it, and to those beside it."""

import asyncio
import contextlib
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.browser import Browser
from tests.hostile.misbehaviours import CASES, LIMITS, MOST
from tests.hostile.server import Case, Hostile
from tests.hostile.wire import CHUNKED, FOR_EVER, MIB, OK
from tests.rawsite import RawSite, Talk, pours, raw_site, says, streams
from worker.errors import Reason
from worker.fetch import FEED_TYPES, Web, fetch
from worker.records import Failed, Fetched, FetchRequest


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(**LIMITS)
    yield browser
    browser.close()


# ---- after it, on a connection that is kept


def answer(body: bytes) -> bytes:
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Unasked:
    """Answers with how many requests it has had, and once, when told to, says something unasked."""

    def __init__(self, words: bytes) -> None:
        self.words = words
        self.say, self.hung_up = threading.Event(), threading.Event()
        self._count = 0

    def talk(self, connection: socket.socket, head: bytes) -> None:
        while head:
            self._count += 1
            connection.sendall(answer(b"answer %d" % self._count))
            if self._count == 1:
                assert self.say.wait(10)
                connection.sendall(self.words)
            head = connection.recv(65_536)
        self.hung_up.set()


@pytest.mark.parametrize(
    "words",
    [
        answer(b"poison"),
        answer(b"poison") * 3,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npoison",
        b"HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </poison>\r\n\r\n",
        b"poison",
        b"\0\xff\n\n\n",
    ],
    ids=["answer", "answers", "half an answer", "redirect", "304", "103", "rubbish", "bytes"],
)
def test_what_is_said_unasked_on_a_kept_connection_is_no_answer_to_the_next_request(
    browser: Browser, words: bytes
) -> None:
    unasked = Unasked(words)
    with raw_site(unasked.talk) as url:
        first = browser.fetch(url)
        unasked.say.set()
        assert unasked.hung_up.wait(10), "the connection was kept"
        second = browser.fetch(url)
    assert isinstance(first, Fetched)
    assert isinstance(second, Fetched)
    assert (first.body, second.body) == (b"answer 1", b"answer 2")


def test_half_a_head_said_unasked_does_not_begin_the_next_answer(browser: Browser) -> None:
    """The connection cannot be told from a good one before the head is whole."""
    site = RawSite()
    said = threading.Event()

    def talk(connection: socket.socket, _head: bytes) -> None:
        connection.sendall(answer(b"first"))
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Poison: ")
        said.set()
        if connection.recv(65_536):
            connection.sendall(answer(b"second"))

    site.at("/feed", talk)
    try:
        assert isinstance(browser.fetch(site.url("/feed")), Fetched)
        assert said.wait(10)
        second = browser.fetch(site.url("/feed"))
    finally:
        site.close()
    # Either it came in time to be seen, and a new connection was made, or it was left behind.
    assert isinstance(second, Fetched), second
    assert second.body in (b"first", b"second")


def test_a_connection_is_kept_for_the_next_request(browser: Browser) -> None:
    connections = []

    def talk(connection: socket.socket, head: bytes) -> None:
        connections.append(connection)
        while head:
            connection.sendall(answer(b"hello"))
            head = connection.recv(65_536)

    with raw_site(talk) as url:
        for _ in range(3):
            assert isinstance(browser.fetch(url), Fetched)
    assert len(connections) == 1


def test_an_answer_that_is_there_before_the_question_counts(browser: Browser) -> None:
    """An overloaded server says so as soon as it is connected to."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
                connection.recv(65_536)

        thread = threading.Thread(target=greet)
        thread.start()
        got = browser.fetch(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join(10)
    assert isinstance(got, Failed)
    assert (got.reason, got.status) == (Reason.SERVER_ERROR, 503)


# ---- a body that breaks while it is waited for


@pytest.mark.parametrize("status", [b"200 OK", b"316 Some Words"])
def test_a_chunk_that_ends_together_with_the_framing_keeps_nobody_waiting(
    browser: Browser, status: bytes
) -> None:
    begun = CHUNKED.replace(b"200 OK", status) + b"4\r\nbody\r"
    with raw_site(pours(begun, [b"", b"\nno size", b""], 0.05)) as url:
        got = browser.fetch(url)
    assert isinstance(got, Failed)
    assert got.reason in (Reason.BAD_RESPONSE, Reason.REDIRECTED)


# ---- beside it


FLOODS: dict[str, Talk] = {
    "interim responses": streams(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000, FOR_EVER),
    "chunks of a byte": streams(CHUNKED, b"1\r\nx\r\n" * 10_000, FOR_EVER),
    "chunk extensions": streams(CHUNKED, b"1;a=" + b"x" * 60_000 + b"\r\ny\r\n", FOR_EVER),
    "blank lines": streams(b"", b"\r\n" * 30_000, FOR_EVER),
    "cookies": streams(OK, b"Set-Cookie: a=b\r\n" * 4_000, FOR_EVER),
}


@pytest.fixture(scope="module")
def hasty() -> Iterator[Browser]:
    browser = Browser(timeout_s=1.5)
    yield browser
    browser.close()


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_does_not_stop_what_else_is_under_way(hasty: Browser, flood: str) -> None:
    with raw_site(FLOODS[flood]) as url:
        got, longest_s = hasty.run(lambda web: _with_longest_wait(web, url))
    assert isinstance(got, Failed)
    assert longest_s < 0.5


async def _with_longest_wait(web: Web, url: str) -> tuple[object, float]:
    """What came of it, and the longest time for which nothing else had a turn."""
    loop = asyncio.get_running_loop()
    waits = [0.0]

    async def look_on() -> None:
        before = loop.time()
        while True:
            await asyncio.sleep(0.001)
            waits.append(loop.time() - before)
            before = loop.time()

    looker = asyncio.create_task(look_on())
    try:
        got = await fetch(web, FetchRequest(url, FEED_TYPES, MOST))
        await asyncio.sleep(0.002)  # if the loop stood still until now, it shows here
        return got, max(waits)
    finally:
        looker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looker


HEAVY = [
    case
    for case in CASES
    if case.name.startswith(("endless", "bomb", "thirty", "packed", "zstd", "nothing", "long"))
]


@pytest.mark.parametrize("case", HEAVY, ids=lambda case: case.name)
def test_none_of_it_fills_the_memory(browser: Browser, hostile: Hostile, case: Case) -> None:
    url = case.url(hostile)
    browser.fetch(url, max_bytes=MOST)  # what the server itself makes, it makes once
    peak = _peak_bytes(lambda: browser.fetch(url, max_bytes=MOST))
    assert peak < 3 * MOST


def _peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_many_bodies_at_once_take_no_more_than_their_bytes(browser: Browser) -> None:
    body, many = b"x" * (MIB // 2), 20

    async def all_at_once(web: Web) -> list[object]:
        request = FetchRequest(url, FEED_TYPES, MOST)
        return [*await asyncio.gather(*(fetch(web, request) for _ in range(many)))]

    with raw_site(says(answer(body))) as url:
        peak = _peak_bytes(lambda: browser.run(all_at_once))
    # In pieces, and then as a whole: twice for those that end just then.
    assert peak < 3 * many * len(body)
