"""Puts the daemon where the simulation is: what it knows of feeds, and when each is due.

Its own processes run meanwhile. They have polled every feed once, so that they know the entries
that the simulation knows; now they are kept from polling, and are told the rest.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from bench.schedule_daemon.feeds import State
from tests.waiting import wait_until
from worker.models import Article, Feed, Sighting
from worker.schedule_tables import PaceRow
from worker.store import Connection, Database

_feed, _article, _sighting, _pace = (
    table.metadata.tables[str(table.__tablename__)] for table in (Feed, Article, Sighting, PaceRow)
)


def polled(db: Connection) -> int:
    """How many feeds have been read."""
    read = select(func.count()).select_from(_feed).where(_feed.c.changed_at.is_not(None))
    return int(db.scalar(read) or 0)


def forget_articles(db: Connection, but: Sequence[str]) -> None:
    """Leave unread what was published before it counts, but for a page of each feed of `but`.

    These start the processes that read pages, and have the hosts asked for robots.txt.
    """
    newest = select(func.max(_article.c.id)).join(_feed, _feed.c.id == _article.c.feed_id)
    kept = newest.where(_feed.c.url.in_(list(but))).group_by(_article.c.feed_id)
    db.execute(update(_article).where(_article.c.id.not_in(kept)).values(due_at=None))


def unread(db: Connection) -> int:
    """How many articles are still to be judged for the first time."""
    new = and_(_article.c.due_at.is_not(None), _article.c.story_id.is_(None))
    return int(db.scalar(select(func.count()).select_from(_article).where(new)) or 0)


def hold(db: Database, at: float) -> None:
    """Keep the daemon from polling, and wait until no poll is under way."""
    far = _moment(at) + timedelta(days=365)

    def held(c: Connection) -> bool:
        polling = _feed.c.leased_until.is_not(None)
        c.execute(update(_feed).where(~polling).values(due_at=far))
        others = select(func.count()).where(or_(polling, _feed.c.due_at < far))
        return c.scalar(others) == 0

    wait_until(lambda: db.write(held), timeout_s=30, what="no feed is being polled")


def hand_over(db: Connection, urls: Sequence[str], state: State) -> None:
    """Write what the simulation knows of the feeds at `urls`, by their numbers."""
    rows = [
        {
            "b_url": url,
            "due_at": _moment(turn.polled_at + turn.wait_s),
            "poll_gap_s": turn.wait_s,
            "polled_at": _moment(turn.polled_at),
            "rhythm": rhythm.as_json(),
        }
        for url, turn, rhythm in zip(urls, state.turns, state.rhythms, strict=True)
    ]
    told: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "b_url"}
    db.execute(
        update(_feed)
        .where(_feed.c.url == bindparam("b_url"))
        .values(polls=0, not_before=None, **told),
        rows,
    )
    purse = state.purse
    pace: dict[str, Any] = {"saved": purse.saved, "free": purse.free, "purse_at": purse.at}
    pace |= {"steered_at": _moment(state.at), "feeds": len(urls), "state": state.pace.as_json()}
    written = db.execute(update(_pace).values(pace))
    assert written.rowcount == 1, "nobody has begun to steer"


def polls_of(db: Connection, urls: Sequence[str]) -> list[int]:
    """How often each feed was polled since it was handed over."""
    polls = {row.url: row.polls for row in db.execute(select(_feed.c.url, _feed.c.polls))}
    return [polls[url] for url in urls]


def seen_at(db: Connection) -> dict[str, float]:
    """When each entry was seen, by its guid, in seconds since the epoch."""
    rows = db.execute(select(_sighting.c.guid, _sighting.c.seen_at))
    return {row.guid: row.seen_at.timestamp() for row in rows}


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
