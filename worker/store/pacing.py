"""The pace of all feeds together: read by every claim, steered once a minute by one worker.

Polls that claims make are taken from the purse in their own transactions, relative to what it holds
then; whoever steers writes everything else. So neither overwrites the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, func, select, update

from worker.schedule import Budget, Lately, Pace, Purse
from worker.store import _tables as t
from worker.store._insert import insert_missing
from worker.store.leases import FEEDS

_feed, _article, _match, _pace = t.feed.c, t.article.c, t.match.c, t.pace.c
_HOUR_S = 3_600.0
# A day of articles at the pace of the biggest aggregators; more would not change the picture.
_MOST_NEWS = 100_000
_ROW = 1


@dataclass(frozen=True, slots=True)
class PaceState:
    """The pace as it is stored; `matches_to` is the last match that was counted, `crowded` by how
    much the feeds of hosts that have many are stretched.
    """

    pace: Pace
    purse: Purse
    steered_at: datetime
    feeds: int
    matches_to: int
    crowded: Mapping[str, float]


def pace_state(db: Connection) -> PaceState | None:
    """The pace of all feeds; None: nobody has steered yet."""
    row = db.execute(select(t.pace)).first()
    if row is None:
        return None
    purse = Purse(row.purse_at, row.saved, row.free)
    return PaceState(
        Pace.from_json(row.state), purse, row.steered_at, row.feeds, row.matches_to, row.crowded
    )


def begin_pace(db: Connection, pace: Pace, purse: Purse, feeds: int, now: datetime) -> None:
    """Write the pace to begin with, unless somebody else has just done so."""
    last = db.scalar(select(func.coalesce(func.max(_match.id), 0)))
    values = {
        "id": _ROW,
        "steered_at": now,
        "feeds": feeds,
        "matches_to": last,
        "purse_at": purse.at,
        "saved": purse.saved,
        "free": purse.free,
        "crowded": {},
        "state": pace.as_json(),
    }
    insert_missing(db, t.pace, [values])


def save_pace(
    db: Connection,
    before: PaceState,
    pace: Pace,
    feeds: int,
    matches_to: int,
    crowded: Mapping[str, float],
    now: datetime,
) -> bool:
    """Write what steering came to, unless somebody else has steered meanwhile."""
    written = db.execute(
        update(t.pace)
        .where(_pace.id == _ROW, _pace.steered_at == before.steered_at)
        .values(
            state=pace.as_json(),
            feeds=feeds,
            matches_to=matches_to,
            crowded=dict(crowded),
            steered_at=now,
        )
    )
    return written.rowcount == 1


@dataclass(frozen=True, slots=True)
class Spending:
    """A claim's way to the purse: how much it may poll at `now`, and that it did."""

    budget: Budget
    now: datetime

    def limit(self, db: Connection, wanted: int) -> int:
        """How many of the `wanted` polls may be made."""
        row = db.execute(_PURSE).first()
        if row is None:
            return wanted
        purse = Purse(*row).filled(self.now.timestamp(), self.budget)
        if (polls := purse.polls()) >= wanted:
            return wanted
        return min(wanted, polls + _new_feeds_due(db, self.now))

    def take(self, db: Connection, polls: int) -> None:
        """Take polls from the purse; last in a claim, for other claims wait for it."""
        if polls:
            _take_polls(db, polls, self.now.timestamp(), self.budget)


_PURSE = select(_pace.purse_at, _pace.saved, _pace.free)


def _take_polls(db: Connection, polls: int, at: float, budget: Budget) -> None:
    passed = case((_pace.purse_at < at, at - _pace.purse_at), else_=0.0)
    saved = _pace.saved + passed * Purse.fills_per_s(budget).saved
    free = _pace.free + passed * Purse.fills_per_s(budget).free
    most = Purse.most(budget)
    db.execute(
        update(t.pace)
        .where(_pace.id == _ROW)
        .values(
            saved=case((saved > most.saved, most.saved), else_=saved) - polls,
            free=case((free > most.free, most.free), else_=free) - polls,
            purse_at=case((_pace.purse_at < at, at), else_=_pace.purse_at),
        )
    )


def _new_feeds_due(db: Connection, now: datetime) -> int:
    """How many feeds that were never polled are due: no budget holds these back."""
    new = select(func.count()).select_from(t.feed)
    return int(
        db.scalar(new.where(FEEDS.workable, _feed.polled_at.is_(None), _feed.due_at <= now)) or 0
    )


def watched_feeds(db: Connection) -> int:
    """How many feeds there are to poll."""
    return int(db.scalar(select(func.count()).select_from(t.feed).where(FEEDS.workable)) or 0)


@dataclass(frozen=True, slots=True)
class Matched:
    """Articles of a feed that turned out to match topics, and when each was first seen."""

    feed_id: int
    seen_at: Sequence[datetime]


def lately(
    db: Connection, before: PaceState, saved: float, fresh: timedelta
) -> tuple[Lately, list[Matched], int]:
    """What happened since the pace was steered last, the matches by feed, and the last of them.

    Of new articles those count that were published within `fresh`: a feed's first document tells of
    the past. What another transaction commits behind a higher id is not counted, and not missed.
    """
    feeds, demand = db.execute(
        select(func.count(), func.sum(_HOUR_S / _feed.poll_gap_s)).where(FEEDS.workable)
    ).one()
    news = (
        select(_article.published_at)
        .where(
            _article.first_seen_at > before.steered_at,
            _article.published_at > before.steered_at - fresh,
        )
        .limit(_MOST_NEWS)
    )
    published = [at.timestamp() for at in db.scalars(news)]
    matches_to = db.scalar(select(func.coalesce(func.max(_match.id), 0)))
    matched: dict[int, list[datetime]] = {}
    rows = (
        select(_article.feed_id, _article.first_seen_at)
        .join(t.match, _match.article_id == _article.id)
        .where(_match.id > before.matches_to, _match.id <= matches_to)
        .where(_article.feed_id.is_not(None))
        .group_by(_article.id)
        .limit(_MOST_NEWS)
    )
    for feed_id, seen_at in db.execute(rows):
        matched.setdefault(feed_id, []).append(seen_at)
    found = [Matched(feed_id, seen) for feed_id, seen in sorted(matched.items())]
    now_matched = sum(at > before.steered_at - fresh for one in found for at in one.seen_at)
    told = Lately(int(feeds), float(demand or 0.0), saved, published, now_matched)
    return told, found, int(matches_to or 0)


def crowded_hosts(db: Connection, polls_per_s: float) -> dict[str, float]:
    """Hosts whose feeds ask for more polls a second than that, with how many they ask for."""
    load = func.sum(1.0 / _feed.poll_gap_s)
    rows = (
        select(_feed.host, load)
        .where(FEEDS.workable)
        .group_by(_feed.host)
        .having(load > polls_per_s)
    )
    return {host: float(asked) for host, asked in db.execute(rows)}


def matched_of(db: Connection, feeds: Iterable[int]) -> dict[int, tuple[float, datetime | None]]:
    """How many matching articles each feed had, decayed, and as of when."""
    rows = db.execute(
        select(_feed.id, _feed.matched, _feed.matched_at).where(_feed.id.in_(list(feeds)))
    )
    return {row.id: (row.matched, row.matched_at) for row in rows}


def set_matched(db: Connection, counts: Mapping[int, float], now: datetime) -> None:
    """Write how many matching articles feeds have had, decayed."""
    for feed_id, count in sorted(counts.items()):
        db.execute(update(t.feed).where(_feed.id == feed_id).values(matched=count, matched_at=now))


def poll_early(db: Connection, feeds: int, now: datetime, least_s: float) -> int:
    """Make the next feeds due before their time, as far as their sites let us; returns how many.

    None that failed, was polled less than `least_s` seconds ago, or would have to wait for its
    host.
    """
    next_due = (
        select(_feed.id)
        .where(
            FEEDS.workable,
            _feed.due_at > now,
            _feed.leased_until.is_(None),
            _feed.failures == 0,
            _feed.polled_at < now - timedelta(seconds=least_s),
            func.coalesce(_feed.not_before, now) <= now,
            _feed.host.not_in(select(t.host.c.name).where(t.host.c.poll_free_at > now)),
        )
        .order_by(_feed.due_at)
        .limit(feeds)
    )
    written = db.execute(update(t.feed).where(_feed.id.in_(next_due)).values(due_at=now))
    return written.rowcount


def publication_times(db: Connection) -> dict[str, list[float]]:
    """When each watched feed's articles were published, as far as it told, in seconds since the
    epoch; of what was published since the feed was first polled.
    """
    rows = (
        select(_feed.url, _article.published_at)
        .join(t.feed, _feed.id == _article.feed_id)
        .where(FEEDS.workable, _article.published_known, _article.published_at >= _feed.added_at)
    )
    times: dict[str, list[float]] = {}
    for url, at in db.execute(rows):
        times.setdefault(url, []).append(at.timestamp())
    return times
