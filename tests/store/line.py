"""Feeds and pages that wait for their hosts, and time that passes as the test tells it to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, insert, select, update

from tests.store.making import LEASE_S, NOW, visit
from worker import store
from worker.errors import Reason
from worker.hosts import Manners
from worker.records import ClaimedArticle, ClaimedFeed, FeedSpec, Postponed
from worker.robots import RobotsCopy
from worker.store import Database, _tables
from worker.store.articles import add_articles

# Long enough for no turn to come by itself while a test runs.
GAP_S, WAIT_S = 600.0, 20.0
MANNERS = Manners(
    connections=2, page_gap_s=GAP_S, ahead_s=0, longest_gap_s=86_400, longest_pause_s=3_600
)
SOURCE = "https://source.example/rss"


def feeds(db: Database, *urls: str, due: datetime = NOW) -> None:
    """Watch feeds besides those that are watched already, due at `due`."""

    def unit(c: Connection) -> None:
        for url in urls:
            store.add_feed(c, FeedSpec(url), due)

    db.write(unit)


def polled_before(db: Database, *urls: str, due: datetime = NOW) -> None:
    """Watch feeds that have been polled before, the first a little longer due than the second."""
    for number, url in enumerate(urls):
        feeds(db, url, due=due + timedelta(milliseconds=number))
    feed = _tables.feed
    long_ago = NOW - timedelta(days=1)
    db.write(
        lambda c: c.execute(update(feed).where(feed.c.url.in_(urls)).values(polled_at=long_ago))
    )


def pages(db: Database, *links: str | None, told: bool = False) -> None:
    """Articles that came due a moment ago, the first a little before the second; or `told` ones."""
    if told:
        db.write(lambda c: _tell(c, _seen(c, links)))
    else:
        db.write(lambda c: _seen(c, links))


def _seen(c: Connection, links: Sequence[str | None]) -> list[int]:
    feed = _tables.feed
    if c.execute(select(feed.c.id).where(feed.c.url == SOURCE)).first() is None:
        store.add_feed(c, FeedSpec(SOURCE), NOW + timedelta(days=365))
    feed_id = c.execute(select(feed.c.id).where(feed.c.url == SOURCE)).scalar_one()
    source = ClaimedFeed(id=feed_id, token=0, url=SOURCE, host="", failures=0, attempts=0)
    now = store.database_time(c)
    visits = []
    for number, link in enumerate(links):
        at = now - timedelta(milliseconds=len(links) - number)
        found = visit(source, [link or f"urn:{number}"], at=at)
        if link is None:
            found = replace(found, articles=(replace(found.articles[0], link=None),))
        visits.append(found)
    return add_articles(c, visits)


def _tell(c: Connection, ids: Sequence[int]) -> None:
    story = {"title": "", "article_count": 1, "first_seen_at": NOW, "last_seen_at": NOW}
    story_id = c.execute(insert(_tables.story).values(story).returning(_tables.story.c.id)).scalar()
    article = _tables.article
    c.execute(update(article).where(article.c.id.in_(ids)).values(story_id=story_id))


def know_robots(db: Database, *hosts: str, delay_s: float | None = None) -> None:
    """As if each host's robots.txt had been had just now."""

    def unit(c: Connection) -> None:
        now = store.database_time(c)
        for host in hosts:
            store.keep_robots(c, host, RobotsCopy("", now, served_at=now), delay_s)

    db.write(unit)


# ---- claims, and what ends them


def polls(db: Database, limit: int = 100, manners: Manners = MANNERS) -> list[ClaimedFeed]:
    return db.write(lambda c: store.claim_feeds(c, limit, LEASE_S, manners))


def reads(db: Database, limit: int = 100, manners: Manners = MANNERS) -> list[ClaimedArticle]:
    return db.write(lambda c: store.claim_articles(c, limit, LEASE_S, manners, WAIT_S))


def polled(db: Database, *claims: ClaimedFeed) -> None:
    db.write(lambda c: store.settle_visits(c, [visit(claim) for claim in claims]))


def read(db: Database, *claims: ClaimedArticle) -> None:
    """Settle pages for good."""

    def unit(c: Connection) -> None:
        for claim in claims:
            store.postpone_article(c, Postponed(claim, None, Reason.NOT_FOUND, ""))

    db.write(unit)


# ---- time


_MOMENTS = {
    _tables.host: (
        "poll_free_at", "page_free_at", "page_asked_at", "page_tail_at", "paused_until",
        "robots_asked_at", "robots_served_at", "robots_failing_since",
    ),
    _tables.feed: ("due_at", "leased_until"),
    _tables.article: ("due_at", "leased_until", "page_at", "first_seen_at"),
}  # fmt: skip


def pass_time(db: Database, seconds: float) -> None:
    """Let so many seconds have passed, as far as hosts and their lines can tell."""

    def unit(c: Connection) -> None:
        for table in _MOMENTS:
            _shift(c, table, seconds)

    db.write(unit)


def _shift(c: Connection, table: Table, seconds: float) -> None:
    columns = [table.c[name] for name in _MOMENTS[table]]
    for row in c.execute(select(table.c.id, *columns)).all():
        earlier = {
            column.name: moment - timedelta(seconds=seconds)
            for column, moment in zip(columns, row[1:], strict=True)
            if moment is not None
        }
        if earlier:
            c.execute(update(table).where(table.c.id == row.id).values(earlier))


def hosts_state(db: Database) -> dict[str, dict[str, object]]:
    query = select(_tables.host)
    return db.read(lambda c: {row.name: dict(row._mapping) for row in c.execute(query)})


def set_host(db: Database, name: str, **values: object) -> None:
    """Make a host known as it is told."""
    know_robots(db, name)
    host = _tables.host
    db.write(lambda c: c.execute(update(host).where(host.c.name == name).values(values)))
