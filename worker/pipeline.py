"""Poll, ingest, deliver: the only place where network, rules and store meet.

    feed ──poll──▶ entry ──new?──▶ article ──fetch, extract──▶ document ──dedupe──▶ story
                                                  ──tag──▶ match ──▶ alert ──deliver──▶ webhook

Every stage has one shape: claim what is due, work on it, decide what follows, settle it in one
small transaction, nudge the next stage. The shape is `conveyor.run`; here is what fills it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from random import random
from typing import Any, Literal, assert_never
from uuid import uuid4

import structlog

from worker import alerts, channels, dedupe, furniture, hosts, polling, schedule, store
from worker.conveyor import Stage, run
from worker.discover import news_sitemaps
from worker.errors import Reason
from worker.fetch import FEED_TYPES, PAGE_TYPES, fetch
from worker.parse import parse_fast
from worker.records import (
    Answer,
    ClaimedAlert,
    ClaimedArticle,
    ClaimedFeed,
    Delivery,
    Failed,
    FeedVisit,
    Fetched,
    FetchRequest,
    HostOutcome,
    Ingested,
    Known,
    NotModified,
    Page,
    ParsedFeed,
    Polled,
    Postponed,
)
from worker.sandbox import EXTRACT, PARSE
from worker.store import Connection
from worker.tools import Tools
from worker.urls import canonical_url, is_unresolved

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
            claim=lambda db, room, s: store.claim_feeds(db, room, s, tools.manners),
            work=lambda feed: _poll_feed(tools, feed),
            decide=lambda feed, polled: _visit(tools, feed, polled),
            give_up=lambda feed, failed: _failed_visit(tools, feed, failed),
            settle=lambda visits: _settle_visits(tools, nudge, visits),
        ),
    )


async def _poll_feed(tools: Tools, feed: ClaimedFeed) -> Polled:
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
    if request.url.endswith("/robots.txt"):
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


def _visit(tools: Tools, feed: ClaimedFeed, polled: Polled) -> FeedVisit:
    now, known = tools.clock(), Known()
    if isinstance(polled.feed, ParsedFeed):
        guids, urls = polling.identities(feed, polled.feed)
        known = tools.db.read(lambda db: store.known_of(db, feed.id, guids, urls))
    decide = polling.backfill_visit if feed.memory.backfill else polling.visit
    return decide(feed, polled, known, now, tools.settings)


def _failed_visit(tools: Tools, feed: ClaimedFeed, failed: Failed) -> FeedVisit:
    return polling.failed_visit(feed, failed, tools.clock(), tools.settings)


def _settle_visits(tools: Tools, nudge: Nudge, visits: Sequence[FeedVisit]) -> None:
    new = tools.db.write(lambda db: _write_visits(tools, db, visits))
    tools.counts["polled"] += len(visits)
    tools.counts["articles"] += len(new)
    for visit in visits:
        _log_visit(visit)
    if new:
        log.info("articles.found", new=len(new), feeds=sum(1 for v in visits if v.articles))
    if new or any(visit.changes for visit in visits):
        nudge("ingest")


def _write_visits(tools: Tools, db: Connection, visits: Sequence[FeedVisit]) -> list[int]:
    new = store.settle_visits(db, visits)
    _note_hosts(tools, db, [visit.host for visit in visits])
    return new


def _note_hosts(tools: Tools, db: Connection, outcomes: Sequence[HostOutcome | None]) -> None:
    now, manners = tools.clock(), tools.manners
    store.note_outcomes(db, outcomes, lambda host, told: hosts.after(host, told, now, manners))


def _log_visit(visit: FeedVisit) -> None:
    """Say what an operator may want to know of: a first failure, an end, a move, a gap."""
    if visit.reason is not None and (visit.failures == 1 or visit.stopped):
        event = "feed.stopped" if visit.stopped else "feed.failed"
        log.warning(event, url=visit.url, reason=visit.reason, detail=visit.detail)
    if visit.move_to is not None:
        log.warning("feed.moved", url=visit.url, to=visit.move_to)
    if visit.gap:
        log.warning("feed.gap", url=visit.url, looking=visit.memory.backfill[0])


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
            work=lambda article: _read_page(tools, article),
            decide=lambda article, got: _judge(tools, article, got),
            give_up=lambda article, failed: _without_page(tools, article, failed),
            settle=lambda judged: _settle_articles(tools, nudge, judged),
        ),
    )


def _claim_articles(
    tools: Tools, db: Connection, limit: int, lease_s: float
) -> list[ClaimedArticle]:
    tools.topics.refresh(db)
    return store.claim_articles(db, limit, lease_s, tools.manners, tools.settings.page_wait_s)


async def _read_page(tools: Tools, article: ClaimedArticle) -> Page | Failed | None:
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


def _judge(
    tools: Tools, article: ClaimedArticle, got: Page | Failed | None
) -> Ingested | Postponed:
    match got:
        case Page():
            return _verdict(tools, article, got)
        case Failed():
            return _without_page(tools, article, got)
        case None:
            return _verdict(tools, article, None, due_at=article.page_at)
        case _:
            assert_never(got)


def _without_page(tools: Tools, article: ClaimedArticle, failed: Failed) -> Ingested | Postponed:
    """The feed's own text is tagged and alerted on at once; the page is tried again later."""
    settings = tools.settings
    due_at = schedule.next_page_try(
        tools.clock(), failed, article.page_tries + 1, settings.page_tries, settings.page_retry_s
    )
    if article.story_id is not None:
        told = hosts.outcome_of(article.host, article.host_failures, failed)
        return Postponed(article, due_at, failed.reason, failed.detail, told)
    log.info("page.failed", url=article.url, reason=failed.reason, detail=failed.detail)
    return _verdict(tools, article, None, failed=failed, due_at=due_at)


def _verdict(
    tools: Tools,
    article: ClaimedArticle,
    page: Page | None,
    *,
    failed: Failed | None = None,
    due_at: datetime | None = None,
) -> Ingested:
    given = dedupe.from_feed(article.title, article.html, article.authors)
    document = dedupe.fuller(given, page.document) if page else given
    return Ingested(
        claim=article,
        document=document,
        text_key=dedupe.text_key(document.title, document.text),
        title_key=dedupe.title_key(document.title),
        page_url=canonical_url(document.canonical) if document.canonical else None,
        matches=tools.topics.current.match(document.title, document.text),
        fetched_at=tools.clock() if page else None,
        due_at=due_at,
        reason=failed.reason if failed else None,
        detail=failed.detail if failed else "",
        line_keys=page.line_keys if page else (),
        tried=article.page_at is None,
        host=hosts.outcome_of(article.host, article.host_failures, failed)
        if page or failed
        else None,
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
    ingested = [one for one in judged if isinstance(one, Ingested)]
    store.lock_identities(db, ingested)
    new = 0
    for one in sorted(judged, key=lambda one: one.claim.id):
        if isinstance(one, Postponed):
            store.postpone_article(db, one)
            continue
        told = store.told_before(db, one) if one.claim.story_id is None else []
        story_id = store.settle_article(db, one, dedupe.same_story(one, told), now)
        if story_id is not None:
            owed = alerts.owed(one, story_id, topics, now, lambda: uuid4().hex)
            new += len(store.owe_alerts(db, owed, now))
    lines = [(one.claim.host, one.line_keys) for one in ingested if one.line_keys]
    learnt = [(host, keys) for host, keys in lines if host]
    store.hold_hosts(db, {one.host.host for one in judged if one.host} | {h for h, _ in learnt})
    _note_hosts(tools, db, [one.host for one in judged])
    store.learn_lines(db, learnt, furniture.learn)
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
