"""Feeds: claimed for a poll, and settled with their entries and what their next poll must know."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    bindparam,
    case,
    false,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from worker.feed_options import FeedOptions
from worker.hosts import Manners
from worker.records import ClaimedFeed, FeedMemory, FeedVisit, Known, KnownEntry
from worker.store import _tables as t
from worker.store._insert import upsert
from worker.store.articles import add_articles, change_articles
from worker.store.leases import FEEDS
from worker.store.moves import move_feed
from worker.store.pacing import Spending
from worker.store.pushes import note_offers
from worker.store.turns import claim_polls, taking_chosen
from worker.store.vitals import note_polls

_feed = t.feed.c
_LONGEST_ID = 18  # more digits are no number of a database
_CLAIMED = (
    "id", "url", "host", "failures", "attempts", "polled_at", "changed_at", "pushed_until",
    "options", "rhythm", "hints", "matched", "matched_at",
)  # fmt: skip
_MEMORY = tuple(field.name for field in fields(FeedMemory))

# None must be no value here, where for the column's own type it is the JSON value null.
_told_json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

_CLAIM = taking_chosen(FEEDS, [_feed[name] for name in (*_CLAIMED, *_MEMORY)])


def claim_feeds(
    db: Connection,
    limit: int,
    lease_s: float,
    manners: Manners,
    spending: Spending | None = None,
) -> list[ClaimedFeed]:
    """Lease up to `limit` feeds that are due to be polled and whose hosts can be asked.

    No more than the budget has polls for, if there is one; feeds that were never polled are polled
    on top of it.
    """
    if spending is not None:
        limit = spending.limit(db, limit)
    if not limit:
        return []
    claimed = claim_polls(db, _CLAIM, limit, lease_s, manners)
    if spending is not None:
        spending.take(db, sum(row.polled_at is not None for row in claimed.rows))
    return [_claim(row, claimed.token, claimed.failures(row.host)) for row in claimed.rows]


def _claim(row: Any, token: int, host_failures: int) -> ClaimedFeed:
    told = dict(zip(_CLAIMED, row[: len(_CLAIMED)], strict=True))
    memory = dict(zip(_MEMORY, row[len(_CLAIMED) :], strict=True))
    memory["backfill"] = tuple(memory["backfill"])
    told["options"] = FeedOptions.from_json(told["options"])
    return ClaimedFeed(
        token=token, memory=FeedMemory(**memory), host_failures=host_failures, **told
    )


def unclaimed_feeds(db: Connection, which: ColumnElement[bool]) -> dict[int, ClaimedFeed]:
    """Feeds by id as a claim would bring them, for what is no poll: nothing can be settled."""
    columns = [_feed[name] for name in (*_CLAIMED, *_MEMORY)]
    return {row.id: _claim(row, 0, 0) for row in db.execute(select(*columns).where(which))}


_SETTLED = (
    update(t.feed)
    .where(_feed.id == bindparam("b_id"), _feed.lease_token == bindparam("b_token"))
    .values(
        due_at=bindparam("b_due_at"),
        poll_gap_s=bindparam("b_gap_s"),
        not_before=bindparam("b_not_before"),
        leased_until=None,
        lease_token=None,
        attempts=0,
    )
)
# Of most polls nothing follows but this: the feed answered, and had nothing new.
_SETTLE_QUIET = _SETTLED.values(
    failures=0,
    last_status=bindparam("b_status"),
    reason=None,
    detail="",
    polled_at=bindparam("b_polled_at"),
    polls=_feed.polls + 1,
    etag=bindparam("b_etag"),
    last_modified=bindparam("b_last_modified"),
    since_full=bindparam("b_since_full"),
    failing_since=None,
)
# Of a visit that says nothing of the feed itself: a page read to fill a gap, say.
_SETTLE_ASIDE = _SETTLED.values(
    reason=bindparam("b_reason"),
    detail=bindparam("b_detail"),
    **{name: bindparam(f"b_{name}") for name in _MEMORY},
)
_SETTLE = _SETTLED.values(
    failures=bindparam("b_failures"),
    last_status=bindparam("b_status"),
    reason=bindparam("b_reason"),
    detail=bindparam("b_detail"),
    stopped=bindparam("b_stopped"),
    polled_at=bindparam("b_polled_at"),
    changed_at=func.coalesce(
        bindparam("b_changed_at", type_=_feed.changed_at.type), _feed.changed_at
    ),
    polls=_feed.polls + 1,
    # what the operator wrote in feeds.opml stands
    title=case((_feed.title == "", bindparam("b_title")), else_=_feed.title),
    site_url=func.coalesce(_feed.site_url, bindparam("b_site_url")),
    language=func.coalesce(bindparam("b_language"), _feed.language),
    hints=func.coalesce(bindparam("b_hints", type_=_told_json), _feed.hints),
    rhythm=func.coalesce(bindparam("b_rhythm", type_=_told_json), _feed.rhythm),
    **{name: bindparam(f"b_{name}") for name in _MEMORY},
)


def settle_visits(db: Connection, visits: Sequence[FeedVisit]) -> list[int]:
    """Write what polls found, each visit only where its lease still holds.

    Validators, body hash and entries go into this one transaction: a feed is never marked as read
    without its entries. Returns the ids of the new articles.
    """
    ordered = sorted(visits, key=lambda visit: visit.feed_id)
    note_polls(db, ordered)
    quiet = [_settled_quietly(visit) for visit in ordered if visit.quiet]
    if quiet:
        db.execute(_SETTLE_QUIET, quiet)
    held = [visit for visit in ordered if not visit.quiet and _settle(db, visit)]
    _count_troubles(db, [one for one in held if one.reason is not None and not one.aside])
    new = add_articles(db, held)
    change_articles(db, held)
    note_offers(db, [one for one in held if one.changed])
    for visit in held:
        if visit.move_to is not None:
            move_feed(db, visit.feed_id, visit.move_to, visit.polled_at)
    return new


def note_rhythm(db: Connection, visit: FeedVisit) -> None:
    """Write what entries that no poll brought tell of when their feed publishes.

    A poll that is settled at the same time may lose it: some counts less, and no entry.
    """
    if visit.rhythm is not None:
        which = update(t.feed).where(_feed.id == visit.feed_id)
        db.execute(which.values(rhythm=visit.rhythm))


def _settle(db: Connection, visit: FeedVisit) -> bool:
    """Write a visit; whether its lease held."""
    values = _memory(visit.memory) | _outcome(visit)
    if visit.aside:
        return db.execute(_SETTLE_ASIDE, values).rowcount == 1
    return db.execute(_SETTLE, values | _found(visit)).rowcount == 1


def _settled_quietly(visit: FeedVisit) -> dict[str, Any]:
    return _next(visit) | {
        "b_status": visit.status,
        "b_polled_at": visit.polled_at,
        "b_etag": visit.memory.etag,
        "b_last_modified": visit.memory.last_modified,
        "b_since_full": visit.memory.since_full,
    }


def _memory(memory: FeedMemory) -> dict[str, Any]:
    values = {f"b_{name}": getattr(memory, name) for name in _MEMORY}
    return values | {"b_backfill": list(memory.backfill)}


def _outcome(visit: FeedVisit) -> dict[str, Any]:
    return _next(visit) | {
        "b_reason": visit.reason,
        "b_detail": visit.detail,
    }


def _next(visit: FeedVisit) -> dict[str, Any]:
    return {
        "b_id": visit.feed_id,
        "b_token": visit.token,
        "b_due_at": visit.due_at,
        "b_gap_s": visit.gap_s,
        "b_not_before": visit.not_before,
    }


def _found(visit: FeedVisit) -> dict[str, Any]:
    return {
        "b_failures": visit.failures,
        "b_status": visit.status,
        "b_stopped": visit.stopped,
        "b_polled_at": visit.polled_at,
        "b_changed_at": visit.polled_at if visit.changed else None,
        "b_title": visit.title,
        "b_site_url": visit.site_url,
        "b_language": visit.language,
        "b_hints": None if visit.hints is None else asdict(visit.hints),
        "b_rhythm": visit.rhythm,
    }


def _count_troubles(db: Connection, failed: Sequence[FeedVisit]) -> None:
    trouble = t.trouble.c
    for visit in failed:
        upsert(
            db,
            t.trouble,
            {
                "feed_id": visit.feed_id,
                "reason": visit.reason,
                "count": 1,
                "first_at": visit.polled_at,
                "last_at": visit.polled_at,
                "detail": visit.detail,
            },
            key=("feed_id", "reason"),
            change={
                "count": trouble.count + 1,
                "last_at": visit.polled_at,
                "detail": visit.detail,
            },
        )


def known_of(db: Connection, feed_id: int, guids: Sequence[str], urls: Sequence[str]) -> Known:
    """What of a document's guids, and of its articles' URLs, has been seen in this feed before."""
    entries = {one.guid: one for one in _sightings(db, feed_id, t.sighting.c.guid, guids)}
    # Of several guids that an article has had, the newest tells how it is called now.
    by_age = sorted(_sightings(db, feed_id, t.article.c.url, urls), key=lambda one: one.changed_at)
    by_url = {one.article_url: one for one in by_age}
    seen = bool(entries or by_url) or bool(
        db.scalar(select(t.sighting.c.id).where(t.sighting.c.feed_id == feed_id).limit(1))
    )
    return Known(entries, by_url, seen)


def _sightings(
    db: Connection, feed_id: int, column: ColumnElement[str], values: Sequence[str]
) -> Iterator[KnownEntry]:
    sighting, article = t.sighting.c, t.article.c
    known = (
        select(
            sighting.guid,
            sighting.article_id,
            article.url,
            case((article.published_known, article.published_at)),
            sighting.title_version,
            sighting.text_version,
            sighting.title_before,
            sighting.changes,
            sighting.changed_at,
        )
        .join(t.article, article.id == sighting.article_id)
        .where(sighting.feed_id == feed_id)
    )
    for chunk in _chunks(values):
        for row in db.execute(known.where(column.in_(chunk))):
            yield KnownEntry(*row)


def _chunks(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + 500] for start in range(0, len(values), 500)]


def list_feeds(db: Connection) -> list[dict[str, Any]]:
    """Every watched feed with its state, by URL.

    `seen_after_s` is how long after its publication an entry is first seen, in the mean, and
    `held_back_s` how much of that the publisher held it back.
    """
    shown = (
        "id", "url", "title", "site_url", "category", "source", "language", "stopped", "polls",
        "failures", "reason", "detail", "last_status", "polled_at", "changed_at", "due_at",
        "gaps", "false_304s", "full_every", "moved_to", "hints", "options", "poll_gap_s", "rhythm",
    )  # fmt: skip
    columns = [_feed[name] for name in shown]
    rows = db.execute(select(*columns).where(_feed.enabled).order_by(_feed.url)).all()
    former: dict[int, list[str]] = defaultdict(list)
    for alias in db.execute(select(t.alias.c.feed_id, t.alias.c.url).order_by(t.alias.c.moved_at)):
        former[alias.feed_id].append(alias.url)
    return [_shown(row) | {"former_urls": former[row.id]} for row in rows]


def _shown(row: Any) -> dict[str, Any]:
    """A feed's row with its delays in the place of its rhythm."""
    told = dict(row._mapping)
    seen_after_s, held_back_s = told.pop("rhythm").get("lag", (None, None))
    return told | {"seen_after_s": seen_after_s, "held_back_s": held_back_s}


_OF_CLAIMS = ("leased_until", "lease_token", "attempts")


def find_feed(db: Connection, url: str) -> dict[str, Any] | None:
    """All that is known of the feed at `url`, or once at it: state, former URLs, troubles.

    The number that lists show of a feed does, too.
    """
    if url.isdecimal():
        which = _feed.id == int(url) if len(url) <= _LONGEST_ID else false()
    else:
        which = (_feed.url == url) | _feed.id.in_(
            select(t.alias.c.feed_id).where(t.alias.c.url == url)
        )
    row = db.execute(select(t.feed).where(which).order_by(_feed.id)).first()
    if row is None:
        return None
    former = select(t.alias.c.url, t.alias.c.moved_at).where(t.alias.c.feed_id == row.id)
    trouble = t.trouble.c
    troubles = (
        select(trouble.reason, trouble.count, trouble.first_at, trouble.last_at, trouble.detail)
        .where(trouble.feed_id == row.id)
        .order_by(trouble.last_at.desc())
    )
    shown = {name: value for name, value in row._mapping.items() if name not in _OF_CLAIMS}
    return shown | {
        "former_urls": [dict(one._mapping) for one in db.execute(former)],
        "troubles": [dict(one._mapping) for one in db.execute(troubles)],
    }
