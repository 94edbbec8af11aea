"""What a claim asks of the web: a feed's document, an article's page. Read, and not yet judged."""

import asyncio
from functools import partial
from hashlib import blake2b
from typing import Any, assert_never

from worker import furniture, hosts, polling, store
from worker.discover import news_sitemaps
from worker.errors import Reason
from worker.fetch import FEED_TYPES, PAGE_TYPES, fetch
from worker.parse import parse_fast
from worker.records import (
    ClaimedArticle,
    ClaimedFeed,
    Failed,
    Fetched,
    FetchRequest,
    NotModified,
    Page,
    ParsedFeed,
    Polled,
)
from worker.sandbox import EXTRACT, PARSE
from worker.tools import Tools
from worker.urls import is_unresolved

# A row that was claimed so often without being settled has been ending its workers.
_MAX_CLAIMS = 4


async def poll_feed(tools: Tools, feed: ClaimedFeed) -> Polled:
    """Ask for the feed, or for a page that may hold what it has swallowed, and read the answer."""
    if feed.attempts > _MAX_CLAIMS:
        return Polled(Failed(Reason.WORKER_LOST, "Workers ended each time they polled this feed."))
    whole = polling.wants_full(feed) or bool(feed.memory.backfill)
    request = FetchRequest(
        url=feed.memory.backfill[0] if feed.memory.backfill else feed.url,
        accept=FEED_TYPES,
        max_bytes=tools.settings.max_feed_bytes,
        etag=None if whole else feed.memory.etag,
        last_modified=None if whole else feed.memory.last_modified,
        options=feed.options,
        home=feed.url,
    )
    answer = await fetch(tools.web, request)
    if feed.memory.backfill and request.url.endswith("/robots.txt"):
        told = answer.body.decode("utf-8", "replace") if isinstance(answer, Fetched) else ""
        return Polled(answer, links=tuple(news_sitemaps(told, request.url)))
    if not isinstance(answer, Fetched):
        return Polled(answer)
    body_hash, parsed = await asyncio.to_thread(_read_body, feed, answer)
    if parsed is None and body_hash != feed.memory.body_hash:
        parsed = await tools.sandbox.run(PARSE, answer.body, **_reading(feed, answer))
    return Polled(answer, body_hash, parsed)


def _read_body(feed: ClaimedFeed, answer: Fetched) -> tuple[str, ParsedFeed | Failed | None]:
    """The body's hash, and what stands in it: nothing new, or nothing that the fast parser reads.

    In a thread of its own: reading a large feed must not stop the event loop.
    """
    body_hash = blake2b(answer.body, digest_size=16).hexdigest()
    if body_hash == feed.memory.body_hash:
        return body_hash, None
    return body_hash, parse_fast(answer.body, **_reading(feed, answer))


def _reading(feed: ClaimedFeed, answer: Fetched) -> dict[str, Any]:
    return {
        "url": answer.url,
        "content_type": answer.content_type,
        "encoding": feed.options.encoding,
    }


async def read_document(
    tools: Tools, body: bytes, url: str, content_type: str, encoding: str | None
) -> ParsedFeed | Failed:
    """Read a feed's document that nobody was asked for; relative links are resolved by `url`."""
    reading: dict[str, Any] = {"url": url, "content_type": content_type, "encoding": encoding}
    parsed = await asyncio.to_thread(partial(parse_fast, body, **reading))
    if parsed is None:
        parsed = await tools.sandbox.run(PARSE, body, **reading)
    return parsed


async def read_page(tools: Tools, article: ClaimedArticle) -> Page | Failed | None:
    """The article's page as it was read; None where none is to be asked for, at least not now."""
    if article.attempts > _MAX_CLAIMS:
        return Failed(Reason.WORKER_LOST, "Workers ended each time they read this page.")
    if article.link is None or not article.options.full_text:
        return None
    if is_unresolved(article.link):
        told = "This link hides the publisher's own; the feed's text is all that there is."
        return Failed(Reason.UNRESOLVED_LINK, told)
    if article.host is None or article.page_at is not None:
        return None
    request = FetchRequest(
        url=article.link,
        accept=PAGE_TYPES,
        max_bytes=tools.settings.max_page_bytes,
        options=article.options,
        home=article.home,
    )
    if article.options.robots and (refused := await tools.robots.refusal(request)):
        return refused
    await _its_turn(tools, article.host)
    got = await fetch(tools.web, request)
    match got:
        case Fetched():
            page: Page | Failed = await tools.sandbox.run(
                EXTRACT,
                got.body,
                url=got.url,
                content_type=got.content_type,
                charset=got.charset,
                furniture=furniture.known(article.lines),
            )
            return page
        case NotModified():
            return Failed(Reason.BAD_RESPONSE, "A 304 to a request without validators.", 304)
        case Failed():
            return got
        case _:
            assert_never(got)


async def _its_turn(tools: Tools, host: str) -> None:
    """Wait until the request for a page, which is ready to leave, is far enough from the last."""
    decide = partial(hosts.leave, manners=tools.manners)
    wait_s = await asyncio.to_thread(
        tools.db.write, lambda db: store.take_page_turn(db, host, decide)
    )
    await asyncio.sleep(wait_s)
