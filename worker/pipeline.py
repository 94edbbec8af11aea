"""Poll, ingest, deliver: the only place where network, rules and store meet.

    feed ──poll──▶ entry ──new?──▶ article ──fetch, extract──▶ document ──dedupe──▶ story
                                                  ──tag──▶ match ──▶ alert ──deliver──▶ webhook

Every stage has one shape: claim what is due, work on it, decide what follows, settle it in one
small transaction, nudge the next stage. The shape is `conveyor.run`; here is what fills it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from random import random
from typing import Literal, assert_never
from uuid import uuid4

import structlog

from worker import alerts, channels, dedupe, schedule, store
from worker.conveyor import Stage, run
from worker.errors import Reason
from worker.extract import extract, from_feed
from worker.fetch import FEED_TYPES, PAGE_TYPES, fetch
from worker.parse import parse_feed
from worker.records import (
    Answer,
    ClaimedAlert,
    ClaimedArticle,
    ClaimedFeed,
    Delivery,
    Document,
    Failed,
    FeedVisit,
    Fetch,
    Fetched,
    FetchRequest,
    Ingested,
    NewArticle,
    NotModified,
    Page,
    ParsedFeed,
    Postponed,
)
from worker.store import Connection
from worker.tools import Tools

log = structlog.get_logger(__name__)

StageName = Literal["poll", "ingest", "deliver"]
STAGES: tuple[StageName, ...] = ("poll", "ingest", "deliver")
Nudge = Callable[[StageName], None]
# A row that was claimed so often without being settled has been ending its workers.
_MAX_CLAIMS = 4


# ---- poll: feeds become articles


def poll(tools: Tools, nudge: Nudge) -> bool:
    """Poll the feeds that are due; returns whether more are."""
    width = tools.settings.poll_width
    return run(
        tools,
        Stage(
            name="poll",
            queue=store.FEEDS,
            width=width,
            refill=max(1, width // 2),
            group=50,
            claim=store.claim_feeds,
            work=lambda feed: _fetch_feed(tools, feed),
            decide=lambda feed, got: _visit(tools, feed, got),
            give_up=lambda feed, failed: _failed_visit(tools, feed, failed),
            settle=lambda visits: _settle_visits(tools, nudge, visits),
        ),
    )


async def _fetch_feed(tools: Tools, feed: ClaimedFeed) -> Fetch:
    if feed.attempts > _MAX_CLAIMS:
        return Failed(Reason.WORKER_LOST, "Workers ended each time they polled this feed.")
    request = FetchRequest(
        url=feed.url,
        accept=FEED_TYPES,
        max_bytes=tools.settings.max_feed_bytes,
        etag=feed.etag,
        last_modified=feed.last_modified,
    )
    return await fetch(tools.fetching, request, max_redirects=tools.settings.max_redirects)


def _visit(tools: Tools, feed: ClaimedFeed, got: Fetch) -> FeedVisit:
    match got:
        case NotModified():
            # Some servers answer 304 without the validators they gave: keep the old ones.
            return _quiet_visit(
                tools, feed, 304, got.etag or feed.etag, got.last_modified or feed.last_modified
            )
        case Failed():
            return _failed_visit(tools, feed, got)
        case Fetched():
            body_hash = blake2b(got.body, digest_size=16).hexdigest()
            if body_hash == feed.body_hash:
                return _quiet_visit(tools, feed, got.status, got.etag, got.last_modified)
            parsed = parse_feed(got.body, url=got.url, content_type=got.content_type)
            if isinstance(parsed, Failed):
                return _failed_visit(tools, feed, parsed)
            return _read_visit(tools, feed, got, body_hash, parsed)
        case _:
            assert_never(got)


def _quiet_visit(
    tools: Tools, feed: ClaimedFeed, status: int, etag: str | None, last_modified: str | None
) -> FeedVisit:
    now = tools.clock()
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        polled_at=now,
        due_at=schedule.next_poll(now, tools.settings.poll_interval_s),
        failures=0,
        etag=etag,
        last_modified=last_modified,
        body_hash=feed.body_hash,
        status=status,
    )


def _failed_visit(tools: Tools, feed: ClaimedFeed, failed: Failed) -> FeedVisit:
    now, settings, failures = tools.clock(), tools.settings, feed.failures + 1
    stopped = schedule.is_final(failed)
    if failures == 1 or stopped:
        event = "feed.stopped" if stopped else "feed.failed"
        log.warning(event, url=feed.url, reason=failed.reason, detail=failed.detail)
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        polled_at=now,
        due_at=schedule.next_try(
            now, failed, failures, settings.poll_interval_s, settings.poll_backoff_max_s
        ),
        failures=failures,
        etag=feed.etag,
        last_modified=feed.last_modified,
        body_hash=feed.body_hash,
        status=failed.status,
        reason=failed.reason,
        detail=failed.detail,
        stopped=stopped,
    )


def _read_visit(
    tools: Tools, feed: ClaimedFeed, got: Fetched, body_hash: str, parsed: ParsedFeed
) -> FeedVisit:
    now = tools.clock()
    guids = [entry.guid for entry in parsed.entries]
    known = tools.db.read(lambda db: store.known_guids(db, feed.id, guids))
    return FeedVisit(
        feed_id=feed.id,
        token=feed.token,
        polled_at=now,
        due_at=schedule.next_poll(now, tools.settings.poll_interval_s),
        failures=0,
        etag=got.etag,
        last_modified=got.last_modified,
        body_hash=body_hash,
        status=got.status,
        changed=True,
        title=parsed.title,
        site_url=parsed.site_url,
        articles=tuple(
            NewArticle(dedupe.article_url(feed.url, entry), entry)
            for entry in parsed.entries
            if entry.guid not in known
        ),
    )


def _settle_visits(tools: Tools, nudge: Nudge, visits: Sequence[FeedVisit]) -> None:
    new = tools.db.write(lambda db: store.settle_visits(db, visits))
    tools.counts["polled"] += len(visits)
    tools.counts["articles"] += len(new)
    if new:
        log.info("articles.found", new=len(new), feeds=sum(1 for v in visits if v.articles))
        nudge("ingest")


# ---- ingest: articles become documents, stories, matches and alerts


def ingest(tools: Tools, nudge: Nudge) -> bool:
    """Read the articles that are due and judge them; returns whether more are due."""
    return run(
        tools,
        Stage(
            name="ingest",
            queue=store.ARTICLES,
            width=tools.settings.ingest_width,
            refill=1,
            group=8,
            claim=lambda db, limit, lease_s: _claim_articles(tools, db, limit, lease_s),
            work=lambda article: _fetch_page(tools, article),
            decide=lambda article, got: _read_page(tools, article, got),
            give_up=lambda article, failed: _without_page(tools, article, failed),
            settle=lambda judged: _settle_articles(tools, nudge, judged),
        ),
    )


def _claim_articles(
    tools: Tools, db: Connection, limit: int, lease_s: float
) -> list[ClaimedArticle]:
    tools.topics.refresh(db)
    return store.claim_articles(db, limit, lease_s)


async def _fetch_page(tools: Tools, article: ClaimedArticle) -> Fetch | None:
    """The article's page; None where the feed gave no link to one."""
    if article.attempts > _MAX_CLAIMS:
        return Failed(Reason.WORKER_LOST, "Workers ended each time they read this page.")
    if article.link is None:
        return None
    request = FetchRequest(article.link, PAGE_TYPES, tools.settings.max_page_bytes)
    return await fetch(tools.fetching, request, max_redirects=tools.settings.max_redirects)


def _read_page(tools: Tools, article: ClaimedArticle, got: Fetch | None) -> Ingested | Postponed:
    match got:
        case Fetched():
            page = extract(
                got.body, url=got.url, content_type=got.content_type, charset=got.charset
            )
            if isinstance(page, Page):
                return _judged(tools, article, page.document, fetched_at=tools.clock())
            return _without_page(tools, article, page)
        case Failed():
            return _without_page(tools, article, got)
        case NotModified():
            answered = Failed(Reason.BAD_RESPONSE, "A 304 to a request without validators.", 304)
            return _without_page(tools, article, answered)
        case None:
            return _judged(tools, article, None)
        case _:
            assert_never(got)


def _without_page(tools: Tools, article: ClaimedArticle, failed: Failed) -> Ingested | Postponed:
    """The feed's own text is tagged and alerted on at once; the page is tried again later."""
    settings = tools.settings
    due_at = schedule.next_page_try(
        tools.clock(), failed, article.page_tries + 1, settings.page_tries, settings.page_retry_s
    )
    if article.story_id is not None:
        return Postponed(article, due_at, failed.reason, failed.detail)
    log.info("page.failed", url=article.url, reason=failed.reason, detail=failed.detail)
    return _judged(tools, article, None, failed=failed, due_at=due_at)


def _judged(
    tools: Tools,
    article: ClaimedArticle,
    page: Document | None,
    *,
    fetched_at: datetime | None = None,
    failed: Failed | None = None,
    due_at: datetime | None = None,
) -> Ingested:
    given = from_feed(article.title, article.html, article.authors)
    document = dedupe.fuller(given, page) if page else given
    return Ingested(
        claim=article,
        document=document,
        text_key=dedupe.text_key(document.title, document.text),
        matches=tools.topics.current.match(document.title, document.text),
        fetched_at=fetched_at,
        due_at=due_at,
        reason=failed.reason if failed else None,
        detail=failed.detail if failed else "",
    )


def _settle_articles(tools: Tools, nudge: Nudge, judged: Sequence[Ingested | Postponed]) -> None:
    owed = tools.db.write(lambda db: _write_verdicts(tools, db, judged))
    ingested = [one for one in judged if isinstance(one, Ingested)]
    tools.counts["ingested"] += len(ingested)
    tools.counts["matches"] += sum(len(one.matches) for one in ingested)
    tools.counts["alerts"] += owed
    for one in ingested:
        if one.matches:
            log.info("article.matched", title=one.document.title, url=one.claim.url)
    if owed:
        nudge("deliver")


def _write_verdicts(tools: Tools, db: Connection, judged: Sequence[Ingested | Postponed]) -> int:
    """In one transaction: documents, stories, matches, and the alerts that they make owed."""
    now, topics = tools.clock(), tools.topics.current.topics
    store.lock_texts(db, [j.text_key for j in judged if isinstance(j, Ingested) and j.text_key])
    new = 0
    for one in sorted(judged, key=lambda one: one.claim.id):
        if isinstance(one, Postponed):
            store.postpone_article(db, one)
            continue
        told = store.told_before(db, one.text_key) if one.text_key else []
        joins = dedupe.same_story(one.published, told)
        story_id = store.settle_article(db, one, joins, now)
        if story_id is not None:
            owed = alerts.owed(one, story_id, topics, now, lambda: uuid4().hex)
            new += len(store.owe_alerts(db, owed, now))
    return new


# ---- deliver: alerts become messages


def deliver(tools: Tools, nudge: Nudge) -> bool:
    """Send the alerts that are due; returns whether more are."""
    del nudge  # nothing follows a delivery
    return run(
        tools,
        Stage(
            name="deliver",
            queue=store.ALERTS,
            width=tools.settings.deliver_width,
            refill=1,
            group=32,
            claim=store.claim_alerts,
            work=lambda alert: _send(tools, alert),
            decide=lambda alert, answer: alerts.after(alert, answer, tools.clock(), random()),
            give_up=lambda alert, failed: _undelivered(tools, alert, failed),
            settle=lambda deliveries: _settle_deliveries(tools, deliveries),
        ),
    )


async def _send(tools: Tools, alert: ClaimedAlert) -> Answer:
    return await channels.send(tools.delivering, alert, tools.environ, tools.clock())


def _undelivered(tools: Tools, alert: ClaimedAlert, failed: Failed) -> Delivery:
    answer = Answer(accepted=False, reason=failed.reason, detail=failed.detail)
    return alerts.after(alert, answer, tools.clock(), random())


def _settle_deliveries(tools: Tools, deliveries: Sequence[Delivery]) -> None:
    tools.db.write(lambda db: store.settle_deliveries(db, deliveries))
    for one in deliveries:
        topic, title = alerts.heading(one.claim.body)
        event = log.bind(channel=one.claim.channel_name, topic=topic, title=title)
        if one.answer.accepted:
            tools.counts["delivered"] += 1
            event.info("alert.delivered", tries=one.claim.attempts)
        else:
            event.warning(
                "channel.stopped" if one.stop_channel else "alert.failed",
                reason=one.answer.reason,
                detail=one.answer.detail,
                again_at=one.due_at.isoformat(timespec="seconds") if one.due_at else "never",
            )
