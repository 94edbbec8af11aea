"""Small rows and records, so that a test names only what it is about."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeVar

from sqlalchemy import Connection, text

from worker import breaker, dedupe, store
from worker.hosts import Manners
from worker.records import (
    ChannelSpec,
    ChannelState,
    ClaimedAlert,
    ClaimedArticle,
    ClaimedFeed,
    Delivery,
    Document,
    Entry,
    Evidence,
    FeedMemory,
    FeedSpec,
    FeedVisit,
    Ingested,
    NewArticle,
    Owed,
    TopicMatch,
    TopicSpec,
)
from worker.store import Database

T = TypeVar("T")
A = TypeVar("A")

# In the past of the database's clock, so that whatever is due then is due now.
NOW = datetime.now(UTC).replace(microsecond=123_000) - timedelta(hours=1)
LATER = NOW + timedelta(days=1)
LEASE_S = 60.0
TEXT_KEY = "00f1" * 8
# Hosts that can be asked without end, for tests that are not about them.
MANNERS = Manners(1_000, 0, 0, 30, 3_600)


def at_once(work: Callable[[A], T], inputs: Sequence[A]) -> list[T]:
    """Run `work` for every input in a thread of its own, all starting in the same moment."""
    start = Barrier(len(inputs))

    def one(item: A) -> T:
        start.wait(10)
        return work(item)

    with ThreadPoolExecutor(len(inputs)) as pool:
        return list(pool.map(one, inputs))


def count(db: Database, table: str, where: str = "true") -> int:
    query = text(f"SELECT count(*) FROM {table} WHERE {where}")
    return int(db.read(lambda c: c.execute(query).scalar_one()))


def rows(db: Database, query: str) -> list[tuple[object, ...]]:
    return db.read(lambda c: [tuple(row) for row in c.execute(text(query))])


def run_out(db: Database, table: str) -> None:
    """Let every lease on `table` have run out a while ago."""
    past = datetime.now(UTC) - timedelta(minutes=5)
    rows_of = {"feed": store.FEEDS, "article": store.ARTICLES, "alert": store.ALERTS}[table].table
    leased = rows_of.update().where(rows_of.c.leased_until.is_not(None))
    db.write(lambda c: c.execute(leased.values(leased_until=past)))


# ---- feeds and what they bring


def add_feeds(db: Database, how_many: int = 1, *, due: datetime = NOW) -> list[str]:
    urls = [f"https://feed{i}.example/rss" for i in range(how_many)]
    db.write(lambda c: store.sync_feeds(c, [FeedSpec(url) for url in urls], due))
    return urls


def claim_feed(db: Database) -> ClaimedFeed:
    (claim,) = claim_feeds(db, 1)
    return claim


def claim_feeds(db: Database, limit: int, lease_s: float = LEASE_S) -> list[ClaimedFeed]:
    return db.write(lambda c: store.claim_feeds(c, limit, lease_s, MANNERS))


def entry(number: int | str = 1, **changes: object) -> Entry:
    made = Entry(guid=f"guid-{number}", link=None, title=f"Title {number}", summary="<p>Text</p>")
    return replace(made, **changes)  # type: ignore[arg-type]


def visit(
    claim: ClaimedFeed, urls: Iterable[str] = (), *, due: datetime = LATER, at: datetime = NOW
) -> FeedVisit:
    return FeedVisit(
        feed_id=claim.id,
        token=claim.token,
        polled_at=at,
        due_at=due,
        url=claim.url,
        failures=0,
        memory=FeedMemory(etag='"v1"', body_hash="aa"),
        status=200,
        changed=True,
        articles=tuple(NewArticle(url, entry(url), link=url) for url in urls),
    )


def add_articles(db: Database, urls: Sequence[str], *, at: datetime = NOW) -> list[int]:
    """Have the articles of `urls` come in through a feed that is due for nothing else."""
    add_feeds(db)
    db.write(lambda c: c.execute(text("UPDATE feed SET due_at = leased_until")))
    db.write(lambda c: c.execute(store.FEEDS.table.update().values(due_at=NOW)))
    claim = claim_feed(db)
    return db.write(lambda c: store.settle_visits(c, [visit(claim, urls, at=at)]))


def claim_article(db: Database) -> ClaimedArticle:
    (claim,) = claim_articles(db, 1)
    return claim


def claim_articles(db: Database, limit: int) -> list[ClaimedArticle]:
    return db.write(lambda c: store.claim_articles(c, limit, LEASE_S, MANNERS, 10))


# ---- verdicts


def ingested(
    claim: ClaimedArticle, *, text_key: str | None = TEXT_KEY, topics: Sequence[int] = ()
) -> Ingested:
    evidence = (Evidence("port", "title", 0, 4, "port"),)
    return Ingested(
        claim=claim,
        document=Document(title=f"Read: {claim.title}", text="All of the text", language="en"),
        text_key=text_key,
        matches=tuple(TopicMatch(topic_id, evidence) for topic_id in topics),
        fetched_at=NOW,
    )


def judge(c: Connection, read: Ingested, now: datetime = NOW) -> int | None:
    """A verdict as the ingest stage comes to it: lock, look for copies, settle."""
    told, nearby = store.Alike(c, [read]).of(read)
    story_id = store.settle_article(c, read, dedupe.verdict(read, told, nearby), nearby, now)
    if story_id is not None:
        store.settle_matches(c, read, {}, now)
    return story_id


# ---- topics, channels, alerts


def channel(name: str = "desk", **options: str) -> ChannelSpec:
    return ChannelSpec(name, "webhook", {"url": "https://desk.example/hook", **options})


def topic(
    name: str = "ports", query: str = "port", channels: Sequence[str] = ("desk",)
) -> TopicSpec:
    return TopicSpec(name, name.title(), query, tuple(channels))


def sync(db: Database, topics: Sequence[TopicSpec], channels: Sequence[ChannelSpec]) -> None:
    def unit(c: Connection) -> None:
        store.sync_channels(c, channels, NOW)
        store.sync_topics(c, topics, NOW)

    db.write(unit)


def owe_one(db: Database, name: str = "one") -> Owed:
    """Store a topic, a channel and an article of one story, and owe one alert for them."""
    sync(db, [topic()], [channel()])
    add_articles(db, [f"https://site.example/{name}"])
    claim = claim_article(db)
    story_id = db.write(lambda c: judge(c, ingested(claim, text_key=None)))
    (known,) = db.read(store.enabled_topics)
    assert story_id is not None
    channel_id = known.channel_ids[0]
    owed = Owed(known.id, story_id, channel_id, claim.id, f"msg_{name}", "{}", due_at=NOW)
    db.write(lambda c: store.owe_alerts(c, [owed], NOW))
    return owed


# ---- deliveries

LIMITS = breaker.Limits(3, 10, 300, timedelta(days=5))


def claim_alerts(
    db: Database, limit: int = 5, *, per_channel: int = 4, lease_s: float = LEASE_S
) -> list[ClaimedAlert]:
    return db.write(lambda c: store.claim_alerts(c, limit, lease_s, per_channel))


def settle(db: Database, *deliveries: Delivery) -> list[tuple[ChannelState, ChannelState]]:
    """Settle deliveries, with the breaker's verdict on their channels."""
    return db.write(
        lambda c: store.settle_deliveries(
            c, deliveries, lambda state, told: breaker.after(state, told, LIMITS, 0)
        )
    )


def owe_to(db: Database, channels: Sequence[str], each: int, *, due: datetime = NOW) -> list[int]:
    """Owe each of these channels so many alerts of no story, turn by turn; returns their ids."""
    sync(db, [], [channel(name) for name in channels])
    ids = {name: find_channel_id(db, name) for name in channels}
    owed = [
        Owed(None, None, ids[name], None, f"msg_{name}_{n}", "{}", kind="ops", due_at=due)
        for n in range(each)
        for name in channels
    ]
    return db.write(lambda c: store.owe_alerts(c, owed, NOW))


def find_channel_id(db: Database, name: str) -> int:
    row = db.read(lambda c: store.find_channel(c, name))
    assert row is not None
    return int(row["id"])
