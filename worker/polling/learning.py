"""How a feed publishes after what a poll or a push brought of it. Pure."""

from collections.abc import Sequence
from datetime import datetime

from worker import schedule
from worker.records import ClaimedFeed, NewArticle
from worker.schedule import Pace, Rhythm


def rhythm_after(
    feed: ClaimedFeed,
    now: datetime,
    articles: Sequence[NewArticle],
    window: int,
    pace: Pace | None = None,
) -> Rhythm | None:
    """How a feed publishes, after a poll that brought these; None: as before."""
    if feed.rhythm and not articles:
        return None
    times = [
        None if new.entry.published is None else new.entry.published.timestamp() for new in articles
    ]
    asked_at = feed.polled_at.timestamp() if feed.polled_at else None
    return schedule.observed(
        Rhythm.from_json(feed.rhythm), now.timestamp(), times, window, asked_at, pace
    )
