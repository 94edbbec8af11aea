"""An outage of our own network: what it did to feeds, pages and hosts is taken back."""

from datetime import datetime

from sqlalchemy import Connection, case, or_, select, update

from worker.errors import Reason
from worker.outage import SILENCE
from worker.store import _tables as t


def forgive_outage(db: Connection, since: datetime, now: datetime) -> int:
    """Have all that an outage keeps from answering asked at once, without the failures it cost.

    The first requests of an outage were counted, before anybody knew: those since `since`. To be
    done when it is known, for a paused host would not see the network come back, and when it has
    ended. Returns how many feeds there are.
    """
    feed, article, host = t.feed.c, t.article.c, t.host.c
    counted = feed.reason.in_(SILENCE) & (feed.polled_at >= since)
    woken = db.execute(
        update(t.feed)
        .where(or_(feed.reason == Reason.OFFLINE, counted))
        .values(
            due_at=now,
            reason=Reason.OFFLINE,
            failures=case((counted & (feed.failures > 0), feed.failures - 1), else_=feed.failures),
        )
    )
    unasked = select(host.name).where(host.robots_failing_since >= since)
    closed = (article.reason == Reason.ROBOTS_UNREACHABLE) & article.host.in_(unasked)
    db.execute(
        update(t.article)
        .where(article.due_at.is_not(None), or_(article.reason == Reason.OFFLINE, closed))
        .values(due_at=now)
    )
    db.execute(
        update(t.host)
        .where(host.paused_until > now, host.reason.in_(SILENCE))
        .values(paused_until=None)
    )
    # A robots.txt that could not be had keeps pages closed for hours: it is asked for again.
    db.execute(
        update(t.host)
        .where(host.robots_failing_since >= since)
        .values(robots_asked_at=host.robots_served_at, robots_failing_since=None)
    )
    return woken.rowcount
