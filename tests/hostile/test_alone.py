"""Each misbehaviour, fetched alone: an outcome with its reason, and never an exception."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.browser import Browser
from tests.hostile.misbehaviours import CASES, LIMITS, MOST
from tests.hostile.server import Case, Hostile
from worker.errors import Reason
from worker.fetch import FEED_TYPES, Web, fetch
from worker.records import Failed, Fetch, Fetched, FetchRequest

# So many at once: what hangs is waited for together, and nobody is late for being one of many.
_AT_ONCE = 24


@pytest.fixture(scope="module")
def outcomes(hostile: Hostile) -> Iterator[dict[str, Fetch]]:
    browser = Browser(**LIMITS)
    urls = {case.name: case.url(hostile) for case in CASES}
    yield browser.run(lambda web: _all(web, urls))
    browser.close()


async def _all(web: Web, urls: dict[str, str]) -> dict[str, Fetch]:
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(url: str) -> Fetch:
        async with places:
            return await fetch(web, FetchRequest(url, FEED_TYPES, MOST))

    return dict(zip(urls, await asyncio.gather(*map(one, urls.values())), strict=True))


def test_there_are_enough_of_them_and_each_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 100


def test_every_reason_that_a_site_can_bring_about_is_among_them() -> None:
    """Names that no server knows, proxies and secrets have tests of their own."""
    assert {case.reason for case in CASES if case.reason} == {
        Reason.BAD_URL, Reason.URL_TOO_LONG, Reason.FORBIDDEN_SCHEME, Reason.CREDENTIALS_IN_URL,
        Reason.FORBIDDEN_ADDRESS, Reason.CONNECTION_REFUSED, Reason.CONNECTION_LOST,
        Reason.TLS_FAILED, Reason.CONNECT_TIMED_OUT, Reason.FIRST_BYTE_TIMED_OUT, Reason.TIMED_OUT,
        Reason.TOO_SLOW, Reason.TOO_MANY_REDIRECTS, Reason.GONE, Reason.NOT_FOUND,
        Reason.ACCESS_DENIED, Reason.BOT_PROTECTION, Reason.RATE_LIMITED, Reason.CLIENT_ERROR,
        Reason.SERVER_ERROR, Reason.BAD_RESPONSE, Reason.HEADERS_TOO_LARGE, Reason.REDIRECTED,
        Reason.TOO_LARGE, Reason.EXPANDS_TOO_MUCH, Reason.BAD_COMPRESSION,
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_comes_out_as_it_should(outcomes: dict[str, Fetch], case: Case) -> None:
    got = outcomes[case.name]
    if case.reason is None:
        assert isinstance(got, Fetched), got
        assert case.title.encode() in got.body or case.feed != (None,)
        assert got.whole is case.whole
        assert (got.etag, got.last_modified) == (None, None), "a part's validators hide the rest"
    else:
        assert isinstance(got, Failed), got
        assert got.reason is case.reason, got
        assert got.status == case.status or case.status is None
        assert case.detail in got.detail
        assert got.detail.isprintable()
        assert 10 < len(got.detail) <= 300
