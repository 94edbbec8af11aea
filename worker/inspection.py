"""What is at an address, looked at once and stored nowhere: for `feeds check` and `feeds add`.

The same fetching, reading and deciding as in the daemon, so that what is shown is what it would do.
"""

from dataclasses import dataclass, replace
from typing import Any

from worker import discover, polling, schedule
from worker.discover import FeedLink
from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions
from worker.fetch import FEED_TYPES, Web, fetch
from worker.parse import parse_fast
from worker.records import (
    ClaimedFeed,
    Failed,
    FeedVisit,
    Fetch,
    Fetched,
    FetchRequest,
    Known,
    NotModified,
    ParsedFeed,
    Polled,
)
from worker.sandbox import PARSE, Sandbox

# A site's own links are many at times; its usual addresses are only guesses.
_MOST_LINKS, _MOST_GUESSES = 20, 12


@dataclass(frozen=True, slots=True)
class Inspection:
    """One look at a URL.

    `conditional` is what the site answered when asked again with its own validators; `visit` what
    the daemon would write after such a first poll; `links` the feeds that a page leads to.
    """

    answer: Fetch
    feed: ParsedFeed | Failed | None = None
    conditional: Fetch | None = None
    moved_to: str | None = None
    visit: FeedVisit | None = None
    links: tuple[FeedLink, ...] = ()

    @property
    def failed(self) -> Failed | None:
        """Why there is no feed at this URL, if there is none."""
        for found in (self.answer, self.feed):
            if isinstance(found, Failed):
                return found
        return None


class Inspector:
    """Looks at URLs, with the means of a process."""

    def __init__(self, web: Web, sandbox: Sandbox) -> None:
        self._web, self._sandbox = web, sandbox

    async def look(self, url: str, options: FeedOptions = PLAIN) -> Inspection:
        """Fetch and read what is at `url`, ask again with its validators, and decide."""
        request = FetchRequest(url, FEED_TYPES, self._web.settings.max_feed_bytes, options=options)
        answer = await fetch(self._web, request)
        moved_to = schedule.moved_to(answer.hops)
        if not isinstance(answer, Fetched):
            return Inspection(answer, moved_to=moved_to)
        feed = await self._read(answer, options)
        if isinstance(feed, Failed):
            links = await self._links(answer) if feed.reason is Reason.NOT_A_FEED else ()
            return Inspection(answer, feed, moved_to=moved_to, links=links)
        again = replace(request, etag=answer.etag, last_modified=answer.last_modified)
        asks = bool(answer.etag or answer.last_modified)
        conditional = await fetch(self._web, again) if asks else None
        visit = polling.visit(
            _first_claim(url, options),
            Polled(answer, "", feed),
            Known(),
            self._web.clock(),
            self._web.settings,
            jitter=0,
        )
        return Inspection(answer, feed, conditional, moved_to, visit)

    async def _read(self, answer: Fetched, options: FeedOptions) -> ParsedFeed | Failed:
        how: dict[str, Any] = {
            "url": answer.url,
            "content_type": answer.content_type,
            "encoding": options.encoding,
        }
        found = parse_fast(answer.body, **how)
        if found is not None:
            return found
        told: ParsedFeed | Failed = await self._sandbox.run(PARSE, answer.body, **how)
        return told

    async def _links(self, page: Fetched) -> tuple[FeedLink, ...]:
        """The feeds that a page names or, where it names none, those at the usual addresses."""
        named = discover.feed_links(page.body, page.url)[:_MOST_LINKS]
        if named:
            return tuple(named)
        found: list[FeedLink] = []
        for guess in discover.well_known(page.url)[:_MOST_GUESSES]:
            request = FetchRequest(guess, FEED_TYPES, self._web.settings.max_feed_bytes)
            answer = await fetch(self._web, request)
            if isinstance(answer, Fetched):
                feed = await self._read(answer, PLAIN)
                if isinstance(feed, ParsedFeed) and answer.url not in {one.url for one in found}:
                    found.append(FeedLink(answer.url, feed.title, feed.form))
        return tuple(found)


def _first_claim(url: str, options: FeedOptions) -> ClaimedFeed:
    return ClaimedFeed(id=0, token=0, url=url, host="", failures=0, attempts=1, options=options)


def is_honoured(conditional: Fetch | None) -> bool | None:
    """Whether the site answers 304 to its own validators; None where it gives none."""
    return None if conditional is None else isinstance(conditional, NotModified)
