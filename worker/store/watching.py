"""Which feeds are watched: what feeds.opml lists, and what people add and remove by command."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from worker.errors import ConflictError, NotFoundError
from worker.feed_options import PLAIN, FeedOptions
from worker.hosts import host_key
from worker.records import FeedMemory, FeedSpec, OptionsSpec
from worker.store import _lock
from worker.store import _tables as t
from worker.urls import host_of, same_site

_feed = t.feed.c


def sync_feeds(
    db: Connection, specs: Sequence[FeedSpec], now: datetime, options: Sequence[OptionsSpec] = ()
) -> dict[str, int]:
    """Make the feeds of `feeds.opml` watched, and those that left it no longer so.

    History is kept: a feed that comes back goes on where it stopped, and one that has moved may be
    listed by its old address, by its new one, or by both. Feeds added by command are left alone,
    unless the file now lists them too. `options` apply to every feed. Returns counts of added and
    dropped.
    """
    _lock.take(db, _lock.CONFIGURING)
    moved = _moved(db)
    # What is listed by its present address has the last word.
    by_age = sorted(specs, key=lambda spec: spec.url not in moved)
    listed = {moved.get(spec.url, spec.url): spec for spec in by_age}
    stored = {
        row.url: row
        for row in db.execute(
            select(
                _feed.id, _feed.url, _feed.source, _feed.enabled, _feed.title, _feed.category,
            )
        )
    }  # fmt: skip
    new = [spec for url, spec in listed.items() if url not in stored]
    if new:
        db.execute(insert(t.feed), [feed_row(spec, "file", now) for spec in new])
    for url, spec in listed.items():
        if url in stored:
            _update_listed(db, stored[url], spec)
    gone = [
        row.id
        for url, row in stored.items()
        if row.source == "file" and row.enabled and url not in listed
    ]
    if gone:
        db.execute(update(t.feed).where(_feed.id.in_(gone)).values(enabled=False))
    _sync_options(db, options, moved)
    return {"added": len(new), "dropped": len(gone)}


def _moved(db: Connection) -> dict[str, str]:
    """Former addresses, each with the one of today."""
    rows = db.execute(
        select(t.alias.c.url, _feed.url.label("to")).join(t.feed, _feed.id == t.alias.c.feed_id)
    )
    return {row.url: row.to for row in rows}


def _update_listed(db: Connection, row: Any, spec: FeedSpec) -> None:
    same = (row.source, row.enabled, row.category) == ("file", True, spec.category)
    if same and (not spec.title or spec.title == row.title):
        return
    values = {"source": "file", "category": spec.category, "title": spec.title or row.title}
    _watch(db, row, values)


def _watch(db: Connection, row: Any, values: dict[str, Any]) -> None:
    if not row.enabled:  # what it brought while nobody watched it was not missed
        values |= {"changed_at": None}
    db.execute(update(t.feed).where(_feed.id == row.id).values(enabled=True, **values))


def _sync_options(db: Connection, specs: Sequence[OptionsSpec], moved: Mapping[str, str]) -> None:
    former: dict[str, list[str]] = defaultdict(list)
    for before, now_at in sorted(moved.items()):
        former[now_at].append(before)
    for row in db.execute(select(_feed.id, _feed.url, _feed.options)).all():
        wanted = _options_of(row.url, former[row.url], specs)
        # Tuples become lists in the store: compare what comes back from it.
        if FeedOptions.from_json(wanted.as_json()) == FeedOptions.from_json(row.options):
            continue
        # What was read under other options is read anew.
        unread = {"etag": None, "last_modified": None, "body_hash": None}
        values = {"options": wanted.as_json()} | unread
        db.execute(update(t.feed).where(_feed.id == row.id).values(values))


def _options_of(url: str, former: Sequence[str], specs: Sequence[OptionsSpec]) -> FeedOptions:
    """A feed's options; those that its former address is given stand, elsewhere without secrets."""
    by_feed = {spec.feed: spec.options for spec in specs if spec.feed}
    told = next((before for before in former if before in by_feed), None)
    if told is None or url in by_feed:
        return options_for(url, specs)
    return by_feed[told] if same_site(told, url) else by_feed[told].for_another_site()


def options_for(url: str, specs: Iterable[OptionsSpec]) -> FeedOptions:
    """The options of the feed at `url`: its own, or those of the nearest site above its host."""
    host = host_of(url)
    sites: Mapping[str, FeedOptions] = {}
    for spec in specs:
        if spec.feed == url:
            return spec.options
        if spec.site and (host == spec.site or host.endswith(f".{spec.site}")):
            sites = {**sites, spec.site: spec.options}
    return sites[max(sites, key=len)] if sites else PLAIN


def feed_row(spec: FeedSpec, source: str, now: datetime) -> dict[str, Any]:
    """The row of a feed that is watched from now on."""
    return {
        "url": spec.url,
        "host": host_key(spec.url),
        "title": spec.title,
        "site_url": spec.site_url,
        "category": spec.category,
        "source": source,
        "enabled": True,
        "stopped": False,
        "attempts": 0,
        "failures": 0,
        "polls": 0,
        "detail": "",
        "due_at": now,
        "added_at": now,
        "options": {},
        "hints": {},
        "rhythm": {},
        "matched": 0.0,
        **asdict(FeedMemory()),
    }


def add_feed(db: Connection, spec: FeedSpec, now: datetime, options: FeedOptions = PLAIN) -> int:
    """Watch a feed from now on; a feed that was removed or stopped goes on.

    Raises ConflictError where it is watched already, under this address or a newer one.
    """
    _lock.take(db, _lock.CONFIGURING)
    url = _moved(db).get(spec.url, spec.url)
    row = db.execute(select(_feed.id, _feed.enabled, _feed.stopped).where(_feed.url == url)).first()
    if row is None:
        values = feed_row(spec, "command", now) | {"options": options.as_json()}
        return int(db.execute(insert(t.feed).values(values).returning(_feed.id)).scalar_one())
    if row.enabled and not row.stopped:
        now_at = "" if url == spec.url else f", which has moved to {url},"
        raise ConflictError(f"{spec.url}{now_at} is watched already (feed {row.id}).")
    afresh = {"stopped": False, "due_at": now, "failures": 0, "reason": None, "detail": ""}
    _watch(db, row, afresh | {"source": "command"})
    return int(row.id)


def remove_feed(db: Connection, url: str) -> None:
    """Stop watching a feed that was added by command; its articles stay.

    Raises NotFoundError where it is not watched, ConflictError where feeds.opml lists it.
    """
    now_at = _moved(db).get(url, url)
    place = _feed.url == now_at
    row = db.execute(select(_feed.id, _feed.source).where(place, _feed.enabled)).first()
    if row is None:
        raise NotFoundError(f"{url} is not watched. `wirewatch feeds list` shows what is.")
    if row.source == "file":
        moved = "" if now_at == url else f", as it has moved, or as {now_at}"
        raise ConflictError(f"{url} stands in feeds.opml{moved}: take it out there.")
    db.execute(update(t.feed).where(_feed.id == row.id).values(enabled=False))
