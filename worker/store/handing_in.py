"""What programs hand in: articles of a watched feed, or of none."""

from datetime import datetime

from sqlalchemy import Connection, select

from worker.errors import NotFoundError
from worker.records import ClaimedFeed, FeedSpec, FeedVisit
from worker.store import _tables as t
from worker.store._insert import insert_missing
from worker.store.articles import add_articles, change_articles
from worker.store.feeds import note_rhythm, unclaimed_feeds
from worker.store.watching import feed_row

_feed = t.feed.c
# Every sighting is one in a feed; this one is nobody's, and never polled.
_NOBODYS = FeedSpec("urn:wirewatch:handed-in", "Handed in")


def feed_to_hand_in(db: Connection, url: str | None, now: datetime) -> ClaimedFeed:
    """The watched feed at `url`, or the one that stands for none.

    Raises NotFoundError where there is none at `url`.
    """
    if url is None:
        which = _feed.url == _NOBODYS.url
        found = unclaimed_feeds(db, which)
        if not found:
            never = {"enabled": False, "due_at": None, "host": ""}
            insert_missing(db, t.feed, [feed_row(_NOBODYS, "ingest", now) | never])
            found = unclaimed_feeds(db, which)
    else:
        former = select(t.alias.c.feed_id).where(t.alias.c.url == url)
        found = unclaimed_feeds(db, _feed.enabled & ((_feed.url == url) | _feed.id.in_(former)))
        if not found:
            raise NotFoundError(
                f"{url} is not watched. Add it (`wirewatch feeds add`), or leave `feed` out."
            )
    return found[min(found)]


def settle_handed_in(db: Connection, visit: FeedVisit) -> list[int]:
    """Write what was handed in; returns the ids of the new articles."""
    new = add_articles(db, [visit])
    change_articles(db, [visit])
    note_rhythm(db, visit)
    return new
