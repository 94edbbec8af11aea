"""Taking in what nobody had to be asked for: documents that hubs push and programs hand in.

They are parsed, told apart and stored by what a poll uses. What hubs push stands in the store
before it is acknowledged; here it is claimed as any work is, and settled under its own lease, so
that a poll of the same feed at the same time neither waits for it nor loses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from worker import asking, polling, store
from worker.conveyor import Stage, run
from worker.errors import Reason
from worker.pipeline import Nudge
from worker.records import (
    ClaimedBody,
    ClaimedFeed,
    Entry,
    Failed,
    FeedVisit,
    Known,
    ParsedFeed,
    PushedVisit,
)
from worker.tools import Tools

log = structlog.get_logger(__name__)

_WIDTH, _GROUP = 16, 32
# A document that was claimed so often without being settled has been ending its workers.
_MAX_CLAIMS = 4


# ---- what hubs push


def take_in(tools: Tools, nudge: Nudge) -> bool:
    """Read the documents that were pushed; returns whether more are due."""
    return run(
        tools,
        Stage(
            name="push",
            queue=store.BODIES,
            width=_WIDTH,
            refill=1,
            group=_GROUP,
            claim=store.claim_bodies,
            work=lambda claim: _read(tools, claim),
            decide=lambda claim, parsed: _visited(tools, claim, parsed),
            give_up=lambda claim, failed: _visited(tools, claim, failed),
            settle=lambda pushed: _settle(tools, nudge, pushed),
        ),
    )


async def _read(tools: Tools, claim: ClaimedBody) -> ParsedFeed | Failed | None:
    if claim.body is None:
        return None
    if claim.attempts > _MAX_CLAIMS:
        return Failed(Reason.WORKER_LOST, "Workers ended each time they read what was pushed.")
    feed = claim.feed
    return await asking.read_document(
        tools, claim.body, feed.url, claim.content_type, feed.options.encoding
    )


def _visited(tools: Tools, claim: ClaimedBody, read: ParsedFeed | Failed | None) -> PushedVisit:
    """What follows from a document; one that cannot be read still says that there is something."""
    feed = claim.feed
    if isinstance(read, ParsedFeed):
        return PushedVisit(claim.id, claim.token, feed.id, _visit(tools, feed, read))
    asked = PushedVisit(claim.id, claim.token, feed.id, poll=True)
    if read is None:
        return asked
    return replace(asked, reason=read.reason, detail=read.detail)


def _visit(tools: Tools, feed: ClaimedFeed, parsed: ParsedFeed) -> FeedVisit:
    known = _known(tools, feed, parsed)
    pace = tools.pace.current.pace if tools.pace.current else None
    return polling.pushed_visit(feed, parsed, known, tools.clock(), pace)


def _known(tools: Tools, feed: ClaimedFeed, parsed: ParsedFeed) -> Known:
    guids, urls = polling.identities(feed, parsed)
    return tools.db.read(lambda db: store.known_of(db, feed.id, guids, urls))


def _settle(tools: Tools, nudge: Nudge, pushed: Sequence[PushedVisit]) -> None:
    now = tools.clock()
    new = tools.db.write(lambda db: store.settle_pushed(db, pushed, now))
    tools.counts["pushed"] += len(pushed)
    tools.counts["articles"] += len(new)
    visits = [one.visit for one in pushed if one.visit is not None]
    if new:
        log.info("articles.pushed", new=len(new), feeds=len(visits))
    if new or any(visit.changes for visit in visits):
        nudge("ingest")
    if any(one.poll for one in pushed):
        nudge("poll")


# ---- what programs hand in


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of entries that were handed in: articles by URL with their ids; which are new."""

    ids: dict[str, int]
    new: frozenset[int]
    changed: frozenset[int]


def hand_in(tools: Tools, nudge: Nudge, url: str | None, parsed: ParsedFeed) -> TakenIn:
    """Store what is new of a document; of the watched feed at `url`, or of none (None).

    Twice is as once. Raises NotFoundError where `url` is not watched.
    """
    now = tools.clock()
    feed = tools.db.write(lambda db: store.feed_to_hand_in(db, url, now))
    if url is None:  # guids are their feed's own, and there is none: links are everybody's
        parsed = replace(parsed, entries=tuple(map(_named_by_link, parsed.entries)))
    visit = polling.pushed_visit(feed, parsed, _known(tools, feed, parsed), now)
    new = tools.db.write(lambda db: store.settle_handed_in(db, visit))
    if new or visit.changes:
        log.info("articles.handed_in", new=len(new), changed=len(visit.changes))
        nudge("ingest")
    _, urls = polling.identities(feed, parsed)
    return TakenIn(
        ids=tools.db.read(lambda db: store.ids_by_url(db, sorted(set(urls)))),
        new=frozenset(new),
        changed=frozenset(one.article_id for one in visit.changes if not one.only_noted),
    )


def _named_by_link(entry: Entry) -> Entry:
    return replace(entry, guid=entry.link) if entry.link else entry


def page_as_feed(url: str, title: str, published: datetime | None) -> ParsedFeed:
    """The document of one entry that says no more than that there is a page."""
    return ParsedFeed("", None, (Entry(url, url, title, published=published),))
