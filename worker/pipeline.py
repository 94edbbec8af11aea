"""Poll, ingest, deliver: the only place where network, rules and store meet.

    feed ──poll──▶ entry ──new?──▶ article ──fetch, extract──▶ document ──dedupe──▶ story
                                                  ──tag──▶ match ──▶ alert ──deliver──▶ webhook

Every stage has one shape: claim what is due, work on it, decide what follows, settle it in one
small transaction, nudge the next stage. The shape is `conveyor.run`; here is what fills it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import random
from typing import Literal, assert_never

import structlog

from worker import (
    asking,
    channels,
    dedupe,
    delivering,
    folding,
    furniture,
    hosts,
    offline,
    polling,
    retries,
    schedule,
    store,
)
from worker.conveyor import Stage, run
from worker.errors import Reason
from worker.owing import Owing
from worker.records import (
    About,
    Answer,
    ClaimedAlert,
    ClaimedArticle,
    ClaimedFeed,
    Delivery,
    Document,
    Failed,
    FeedVisit,
    HostOutcome,
    Ingested,
    Known,
    Page,
    ParsedFeed,
    Polled,
    Postponed,
)
from worker.store import Connection
from worker.tools import Tools
from worker.topics import words_of
from worker.urls import host_of

log = structlog.get_logger(__name__)

StageName = Literal["poll", "ingest", "deliver", "push", "subscribe"]
STAGES: tuple[StageName, ...] = ("poll", "ingest", "deliver")
Nudge = Callable[[StageName], None]


# ---- poll: feeds become articles


def poll(tools: Tools, nudge: Nudge) -> bool:
    """Poll the feeds that are due; returns whether more are."""
    with offline.forgiven(tools, nudge):  # it may be known only now
        width = tools.settings.poll_width
        stage = Stage(
            name="poll",
            queue=store.FEEDS,
            width=width,
            refill=max(1, width // 2),
            group=50,
            claim=lambda db, room, s: _claim_feeds(tools, db, room, s),
            work=lambda feed: asking.poll_feed(tools, feed),
            decide=lambda feed, polled: _visit(tools, feed, polled),
            give_up=lambda feed, failed: _failed_visit(tools, feed, failed),
            settle=lambda visits: _settle_visits(tools, nudge, visits),
        )
    return run(tools, stage)


def _claim_feeds(tools: Tools, db: Connection, limit: int, lease_s: float) -> list[ClaimedFeed]:
    spending = tools.pace.refresh(db, tools.clock())
    return store.claim_feeds(db, limit, lease_s, tools.manners, spending)


def _visit(tools: Tools, feed: ClaimedFeed, polled: Polled) -> FeedVisit:
    now, known, pacing = tools.clock(), Known(), tools.pace.current
    if isinstance(polled.fetch, Failed) and tools.web.outage.is_blamed(polled.fetch.reason):
        return polling.offline_visit(feed, polled.fetch, now, tools.settings, random())
    if isinstance(polled.feed, ParsedFeed):
        guids, urls = polling.identities(feed, polled.feed)
        known = tools.db.read(lambda db: store.known_of(db, feed.id, guids, urls))
    if feed.memory.backfill:
        return polling.backfill_visit(feed, polled, known, now, tools.settings, pacing)
    return polling.visit(feed, polled, known, now, tools.settings, random(), pacing)


def _failed_visit(tools: Tools, feed: ClaimedFeed, failed: Failed) -> FeedVisit:
    now, pacing = tools.clock(), tools.pace.current
    return polling.failed_visit(feed, failed, now, tools.settings, random(), pacing)


def _settle_visits(tools: Tools, nudge: Nudge, visits: Sequence[FeedVisit]) -> None:
    with offline.forgiven(tools, nudge):
        new = tools.db.write(lambda db: _write_visits(tools, db, visits))
    tools.counts["polled"] += sum(not visit.aside for visit in visits)
    tools.counts["articles"] += len(new)
    for visit in visits:
        _log_visit(visit)
    if new:
        log.info("articles.found", new=len(new), feeds=sum(1 for v in visits if v.articles))
    if new or any(visit.changes for visit in visits):
        nudge("ingest")
    offered = tools.settings.pushes and any(visit.offer for visit in visits)
    if offered and tools.db.read(store.pushes_due):
        nudge("subscribe")


def _write_visits(tools: Tools, db: Connection, visits: Sequence[FeedVisit]) -> list[int]:
    new = store.settle_visits(db, visits)
    _note_hosts(tools, db, [visit.host for visit in visits])
    return new


def _note_hosts(tools: Tools, db: Connection, outcomes: Sequence[HostOutcome | None]) -> None:
    now, manners = tools.clock(), tools.manners
    store.note_outcomes(db, outcomes, lambda host, told: hosts.after(host, told, now, manners))


def _log_visit(visit: FeedVisit) -> None:
    """Say what an operator may want to know of: a first failure, an end, a move, a gap, a lie."""
    if visit.aside:
        return
    if visit.reason is not None and (visit.failures == 1 or visit.stopped):
        event = "feed.stopped" if visit.stopped else "feed.failed"
        log.warning(event, url=visit.url, reason=visit.reason, detail=visit.detail)
    if visit.move_to is not None:
        log.warning("feed.moved", url=visit.url, to=visit.move_to)
    if visit.lied and visit.memory.false_304s == 1:
        log.warning("feed.false_304", url=visit.url, full_every=visit.memory.full_every)
    if visit.gap:
        looking = next(iter(visit.memory.backfill), None)
        log.warning("feed.gap", url=visit.url, gaps=visit.memory.gaps, looking=looking)


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
            work=lambda article: asking.read_page(tools, article),
            decide=lambda article, got: _judge(tools, article, got),
            give_up=lambda article, failed: _without_page(tools, article, failed),
            settle=lambda judged: _settle_articles(tools, nudge, judged),
        ),
    )


def _claim_articles(
    tools: Tools, db: Connection, limit: int, lease_s: float
) -> list[ClaimedArticle]:
    if not tools.topics.refresh(db):
        return []
    return store.claim_articles(db, limit, lease_s, tools.manners, tools.settings.page_wait_s)


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
    blamed = tools.web.outage.is_blamed(failed.reason)
    due_at = _page_again_at(tools, article, failed, blamed=blamed)
    if blamed:
        failed = replace(failed, reason=Reason.OFFLINE)
    verdict = _verdict(tools, article, None, failed=failed, due_at=due_at)
    stored, told = article.stored, verdict.document
    if stored is not None and (stored.title, stored.text) == (told.title, told.text):
        return Postponed(article, due_at, failed.reason, failed.detail, verdict.host, verdict.tried)
    log.info("page.failed", url=article.url, reason=failed.reason, detail=failed.detail)
    return verdict


def _page_again_at(
    tools: Tools, article: ClaimedArticle, failed: Failed, *, blamed: bool
) -> datetime | None:
    settings, now = tools.settings, tools.clock()
    if blamed:
        asked = failed.reason is not Reason.OFFLINE
        return schedule.next_look(now, settings.offline_retry_s, random(), asked=asked)
    return schedule.next_page_try(
        now, failed, article.page_tries + 1, settings.page_tries, settings.page_retry_s
    )


def _verdict(
    tools: Tools,
    article: ClaimedArticle,
    page: Page | None,
    *,
    failed: Failed | None = None,
    due_at: datetime | None = None,
) -> Ingested:
    given = dedupe.from_feed(article.title, article.html, article.authors)
    read_before = article.stored if article.fetched else None
    document = (
        dedupe.fuller(given, page.document, read_before)
        if page
        else dedupe.without_page(given, read_before)
    )
    about = _about(article, document)
    matches = tools.topics.current.match(document.title, document.text, about)
    if page and matches:
        due_at = schedule.recheck_at(article.first_seen, tools.clock(), tools.settings.recheck_s)
    return dedupe.ingested(
        article,
        document,
        matches=matches,
        fetched_at=tools.clock() if page else None,
        due_at=due_at,
        reason=failed.reason if failed else None,
        detail=failed.detail if failed else "",
        line_keys=page.line_keys if page else (),
        tried=article.page_at is None and not (failed and failed.reason is Reason.OFFLINE),
        host=_host_outcome(article, failed) if page or failed else None,
    )


def _about(article: ClaimedArticle, document: Document) -> About:
    """What topics may ask of an article beside its text."""
    address = article.link or article.url
    source = (document.site_name, article.host or host_of(address))
    return About(
        document.language,
        tuple(name for name in source if name),
        document.authors,
        document.section,
    )


def _host_outcome(article: ClaimedArticle, failed: Failed | None) -> HostOutcome | None:
    return hosts.outcome_of(article.host, article.host_failures, failed)


def _settle_articles(tools: Tools, nudge: Nudge, judged: Sequence[Ingested | Postponed]) -> None:
    ingested = [one for one in judged if isinstance(one, Ingested)]
    # Folding takes time that other writers need not wait for.
    words = {one.claim.id: words_of(one.document.title, one.document.text) for one in ingested}
    with offline.forgiven(tools, nudge):
        owed = tools.db.write(lambda db: _write_verdicts(tools, db, judged, words))
    tools.counts["ingested"] += len(ingested)
    tools.counts["matches"] += sum(len(one.matches) for one in ingested)
    tools.counts["alerts"] += owed
    for one in ingested:
        if one.matches:
            log.info("article.matched", title=one.document.title, url=one.claim.url)
    if owed:
        nudge("deliver")


def _write_verdicts(
    tools: Tools,
    db: Connection,
    judged: Sequence[Ingested | Postponed],
    words: Mapping[int, set[str]],
) -> int:
    """In one transaction: documents, stories, matches, and the alerts that they make owed."""
    now, topics = tools.clock(), tools.topics.current.topics
    ingested = [one for one in judged if isinstance(one, Ingested)]
    owing = Owing(db, ingested, topics, tools.settings.alert_max_age_s, now)
    alike = store.Alike(db, ingested)
    for one in sorted(judged, key=lambda one: one.claim.id):
        if isinstance(one, Postponed):
            store.postpone_article(db, one)
            continue
        told, nearby = alike.of(one)
        verdict = dedupe.verdict(one, told, nearby)
        owing.before(one, verdict)
        story_id = store.settle_article(db, one, verdict, nearby, now)
        if story_id is not None:
            store.settle_matches(db, one, topics, now)
            store.index_words(db, one.claim.id, words[one.claim.id])
            owing.owe(one, story_id)
    new = owing.done()
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
    folding.fold(tools)
    settings = tools.settings
    # What a killed worker held of a channel keeps others from it: for no longer than need be.
    longest_lease_s = 2 * settings.deliver_timeout_s + 15
    return run(
        tools,
        Stage(
            name="deliver",
            queue=store.ALERTS,
            width=settings.deliver_width,
            refill=1,
            group=128,
            claim=lambda db, room, lease_s: store.claim_alerts(
                db, room, min(lease_s, longest_lease_s), settings.deliver_per_channel
            ),
            work=lambda alert: _send(tools, alert),
            decide=lambda alert, answer: retries.after(alert, answer, tools.clock(), random()),
            give_up=lambda alert, failed: _undelivered(tools, alert, failed),
            settle=lambda deliveries: _settle_deliveries(tools, deliveries),
            # What is not settled yet is sent twice if the worker is killed.
            linger_s=0.005,
            patience_s=1,
        ),
    )


async def _send(tools: Tools, alert: ClaimedAlert) -> Answer:
    return await channels.send(tools.delivering, alert, tools.clock())


def _undelivered(tools: Tools, alert: ClaimedAlert, failed: Failed) -> Delivery:
    answer = Answer(accepted=False, reason=failed.reason, detail=failed.detail)
    return retries.after(alert, answer, tools.clock(), random())


def _settle_deliveries(tools: Tools, deliveries: Sequence[Delivery]) -> None:
    changed = tools.db.write(lambda db: delivering.write(tools, db, deliveries))
    tools.counts["delivered"] += sum(one.answer.accepted for one in deliveries)
    delivering.tell(deliveries, changed)
