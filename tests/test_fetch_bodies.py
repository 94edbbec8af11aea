"""Bodies of every size and coding: what is over the limit is left, what is broken is named."""

import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest
from aiohttp import web
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from tests.browser import Browser
from tests.rawsite import pours, raw_site, says, streams
from tests.site import Site, rss
from worker.errors import Reason
from worker.http.body import BodyError, BodyLimits, BodyReader
from worker.records import Failed, Fetched

FEED = rss([{"title": f"Headline number {n}", "guid": str(n)} for n in range(500)]).encode()
LIMIT = 1024**2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser(timeout_s=20)
    yield browser
    browser.close()


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "brotli": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}
every_packer = pytest.mark.parametrize("packer", PACKERS)


@every_packer
def test_a_compressed_body_is_unpacked(site: Site, browser: Browser, packer: str) -> None:
    coding, pack = PACKERS[packer]
    got = browser.fetch(site.put("/feed", pack(FEED), content_encoding=coding))
    assert isinstance(got, Fetched), got
    assert got.body == FEED


@every_packer
def test_a_bomb_is_left_before_it_fills_the_memory(
    site: Site, browser: Browser, packer: str
) -> None:
    coding, pack = PACKERS[packer]
    bomb = pack(b"\0" * 30 * LIMIT)
    assert len(bomb) < LIMIT
    url = site.put("/feed", bomb, content_encoding=coding)
    tracemalloc.start()
    try:
        got = browser.fetch(url, max_bytes=LIMIT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(got, Failed), "a bomb went through"
    assert got.reason in (Reason.TOO_LARGE, Reason.EXPANDS_TOO_MUCH)
    assert peak < 5 * LIMIT


@pytest.mark.parametrize("packer", ["deflate", "raw deflate", "brotli"])
def test_what_was_never_compressed_as_it_says(site: Site, browser: Browser, packer: str) -> None:
    coding, _ = PACKERS[packer]
    got = browser.fetch(site.put("/feed", b"<rss>not packed</rss>", content_encoding=coding))
    assert isinstance(got, Failed), got
    assert got.reason is Reason.BAD_COMPRESSION


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_plain_body_under_a_coding_that_it_plainly_is_not_is_taken_as_it_is(
    site: Site, browser: Browser, packer: str
) -> None:
    coding, _ = PACKERS[packer]
    got = browser.fetch(site.put("/feed", FEED, content_encoding=coding))
    assert isinstance(got, Fetched), got
    assert got.body == FEED


@pytest.mark.parametrize("coding", ["gzip, br", "deflate, gzip", "gzip, zstd, gzip"])
def test_codings_upon_codings_are_undone_in_turn(site: Site, browser: Browser, coding: str) -> None:
    by_name = dict(PACKERS.values()) | {"deflate": zlib.compress}
    packed = FEED
    for name in coding.split(", "):
        packed = by_name[name](packed)
    got = browser.fetch(site.put("/feed", packed, content_encoding=coding))
    assert isinstance(got, Fetched), got
    assert got.body == FEED


def test_a_gzip_file_that_nobody_calls_so_is_unpacked(site: Site, browser: Browser) -> None:
    url = site.put("/feed.xml.gz", gzip.compress(FEED), kind="application/octet-stream")
    got = browser.fetch(url)
    assert isinstance(got, Fetched), got
    assert got.body == FEED


@pytest.mark.parametrize("tail", [b"", b"\0" * 512, b"<!-- cached -->"])
def test_members_of_gzip_follow_each_other_and_rubbish_after_them_is_left(
    site: Site, browser: Browser, tail: bytes
) -> None:
    packed = gzip.compress(FEED[:1_000]) + gzip.compress(FEED[1_000:]) + tail
    got = browser.fetch(site.put("/feed", packed, content_encoding="gzip"))
    assert isinstance(got, Fetched), got
    assert got.body == FEED


def test_a_body_may_grow_so_many_times_and_no_more(site: Site) -> None:
    browser = Browser(max_expansion=50)
    packed = gzip.compress(b"<!-- -->" * 500_000)
    try:
        got = browser.fetch(
            site.put("/feed", packed, content_encoding="gzip"), max_bytes=100 * LIMIT
        )
        small = browser.fetch(
            site.put("/small", gzip.compress(b" " * 500_000), content_encoding="gzip")
        )
    finally:
        browser.close()
    assert isinstance(got, Failed), "it grew without end"
    assert got.reason is Reason.EXPANDS_TOO_MUCH
    assert "50 times" in got.detail
    assert isinstance(small, Fetched), "a small body may grow as it likes"


def test_a_compressed_body_that_is_spoilt_half_way(site: Site, browser: Browser) -> None:
    packed = bytearray(gzip.compress(FEED))
    half = len(packed) // 2
    packed[half : half + 20] = (byte ^ 0xFF for byte in packed[half : half + 20])
    got = browser.fetch(site.put("/feed", bytes(packed), content_encoding="gzip"))
    assert isinstance(got, Failed), got
    assert got.reason is Reason.BAD_COMPRESSION


@every_packer
def test_a_compressed_body_that_was_cut_off_gives_what_there_was_and_will_be_asked_for_again(
    site: Site, browser: Browser, packer: str
) -> None:
    coding, pack = PACKERS[packer]
    packed = pack(FEED)
    half = packed[: -len(packed) // 4]
    got = browser.fetch(site.put("/feed", half, content_encoding=coding, etag='"1"'))
    assert isinstance(got, Fetched), got
    assert not got.whole
    assert got.etag is None, "its validators would hide the rest of it for ever"
    assert FEED.startswith(got.body)
    assert len(got.body) < len(FEED)


@given(st.sampled_from(sorted(PACKERS)), st.lists(st.integers(0, 400), max_size=6), st.booleans())
def test_a_body_is_the_same_however_it_is_cut_into_pieces(
    packer: str, cuts: list[int], plain: bool
) -> None:
    coding, pack = PACKERS[packer]
    # What is plain under a coding's name must at least not look like it.
    coding = coding if not plain else "gzip"
    packed = FEED[:2_000] if plain else pack(FEED[:2_000])
    edges = sorted({0, *(min(cut, len(packed)) for cut in cuts), len(packed)})
    reader = BodyReader(coding, BodyLimits(LIMIT, 100, 1, 1))
    for start, end in itertools.pairwise(edges):
        reader.feed(packed[start:end])
    assert reader.body() == FEED[:2_000]
    assert reader.whole


@given(
    st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd"]), max_size=4),
    st.lists(st.binary(min_size=1, max_size=60), max_size=4),
)
def test_any_bytes_under_any_codings_are_a_body_or_a_named_error(
    codings: list[str], pieces: list[bytes]
) -> None:
    reader = BodyReader(", ".join(codings), BodyLimits(LIMIT, 100, 1, 1))
    reasons = set()
    try:
        for piece in pieces:
            reader.feed(piece)
    except BodyError as error:
        reasons.add(error.failed.reason)
    assert reasons <= {Reason.BAD_COMPRESSION, Reason.TOO_LARGE, Reason.EXPANDS_TOO_MUCH}
    assert len(reader.body()) <= LIMIT


def test_a_slow_body_is_read_as_long_as_it_keeps_to_the_rate_or_to_the_grace() -> None:
    """What is too slow for both is in the table of misbehaviours."""
    browser = Browser(timeout_s=5, min_rate_bytes_s=2_000, rate_grace_s=0.4)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    steady = pours(head % 10_000, [b"x" * 500] * 20, every_s=0.05)
    brief = pours(head % 40, [b"x" * 10] * 4, every_s=0.05)
    try:
        for talk, size in ((steady, 10_000), (brief, 40)):
            with raw_site(talk) as url:
                got = browser.fetch(url)
            assert isinstance(got, Fetched), got
            assert len(got.body) == size
    finally:
        browser.close()


def test_a_coding_that_nobody_knows_is_left_as_it_is(site: Site, browser: Browser) -> None:
    got = browser.fetch(site.put("/feed", FEED, content_encoding="x-none"))
    assert isinstance(got, Fetched)
    assert got.body == FEED


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_limit_is_exact(site: Site, browser: Browser, over: int) -> None:
    got = browser.fetch(site.put("/feed", b"x" * (LIMIT + over)), max_bytes=LIMIT)
    if over > 0:
        assert isinstance(got, Failed)
        assert got.reason is Reason.TOO_LARGE
        assert got.status == 200
        assert "1,048,576" in got.detail
    else:
        assert isinstance(got, Fetched)
        assert len(got.body) == LIMIT + over


CHUNK = b"x" * LIMIT
HEADS = {
    "with a length": (b"Content-Length: %d\r\n\r\n" % (60 * LIMIT), CHUNK),
    "chunked": (b"Transfer-Encoding: chunked\r\n\r\n", b"100000\r\n" + CHUNK + b"\r\n"),
    "until it closes": (b"\r\n", CHUNK),
}


@pytest.mark.parametrize("form", HEADS)
def test_sixty_megabytes_are_not_read_to_their_end(browser: Browser, form: str) -> None:
    head, chunk = HEADS[form]
    with raw_site(streams(b"HTTP/1.1 200 OK\r\n" + head, chunk, 60)) as url:
        tracemalloc.start()
        try:
            got = browser.fetch(url, max_bytes=LIMIT)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert isinstance(got, Failed), "all of it was read"
    assert got.reason is Reason.TOO_LARGE
    assert peak < 20 * LIMIT


def test_a_body_that_only_ends_with_its_connection_is_whole(browser: Browser) -> None:
    with raw_site(says(b"HTTP/1.1 200 OK\r\n\r\n", FEED)) as url:
        got = browser.fetch(url)
    assert isinstance(got, Fetched)
    assert got.body == FEED


def test_after_a_body_that_was_left_the_session_goes_on(site: Site, browser: Browser) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while request.transport is not None:
            await answer.write(b"x" * 65_536)
        return answer

    big = site.at("/big", endless)
    small = site.put("/feed", FEED)
    for _ in range(2 * browser.settings.connections_per_host):
        assert isinstance(browser.fetch(big, max_bytes=LIMIT), Failed)
    assert isinstance(browser.fetch(small), Fetched)
