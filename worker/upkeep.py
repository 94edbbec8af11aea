"""What is done for stories and alerts in the background, a little every minute."""

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from worker import dedupe, messages, ops_watch, store
from worker.fingerprint import fingerprint_of_stored
from worker.ops_watch import Limits
from worker.records import OpsNotice, Vitals, WatchedFeed
from worker.settings import Settings
from worker.tools import Tools

log = structlog.get_logger(__name__)

EVERY_S = 60
# So many of the index's 1,024 slices a time: all of it is gone through in two hours.
_SLICES = 8
_ATTEMPTS = 5_000
_LATELY = timedelta(minutes=2)
# A feed's silence is told in hours: whether one has fallen silent is looked at every 15 minutes.
_QUIET_EVERY, _FEEDS_AT_ONCE = 15, 200


def upkeep(tools: Tools) -> None:
    """Forget what has left its window, reunite copies stored at once, and tell operators how the
    daemon is going.
    """
    now = tools.clock()
    purge(tools.db, now, tools.settings.story_window_d, _SLICES)
    window = now - timedelta(days=tools.settings.story_window_d)
    tools.db.write(lambda db: store.purge_withheld(db, window))
    tools.db.write(lambda db: store.purge_mutes(db, window))
    if reunited := reunite(tools.db, now - _LATELY, now):
        log.info("stories.reunited", stories=reunited)
    kept_since = now - timedelta(days=tools.settings.keep_attempts_d)
    tools.db.write(lambda db: store.purge_attempts(db, kept_since, _ATTEMPTS))
    tools.db.write(lambda db: store.forget_polls(db, now))
    minute = int(now.timestamp() // EVERY_S)
    look_after(tools, now, silence=minute % _QUIET_EVERY == 0)


def look_after(tools: Tools, now: datetime, *, silence: bool) -> None:
    """Tell what has become a matter for operators since the last look, and settle what is well.

    With `silence` the feeds' histories are looked at, too. Of several who look at once only the
    first finds anything to tell.
    """
    seen = _vitals(tools, now, silence=silence)
    limits = limits_of(tools.settings)

    def decide(db: store.Connection) -> ops_watch.Changes:
        store.watch_alone(db)
        found = ops_watch.changes(seen, {*store.notices(db)}, limits)
        for notice in found.tell:
            tell(db, notice, now)
        for notice in found.keep:
            store.keep_matter(db, notice, now)
        for matter in found.settle:
            store.settle_ops(db, matter, now)
        return found

    found = tools.db.write(decide)
    for notice in found.tell:
        log.warning("ops.matter", matter=notice.matter, text=notice.text)
    for matter in found.settle:
        log.info("ops.well", matter=matter)


def tell(db: store.Connection, notice: OpsNotice, now: datetime) -> bool:
    """Tell operators of a matter; False: it was told before."""
    body, id_ = messages.ops_body(notice, now), f"msg_{uuid4().hex}"
    return store.tell_ops(db, notice, body, id_, now)


def limits_of(knobs: Settings) -> Limits:
    """From where on something is a matter, as the settings say."""
    return Limits(
        quiet_times=knobs.ops_quiet_times,
        quiet_floor_s=knobs.ops_quiet_floor_s,
        quiet_gaps=knobs.ops_quiet_gaps,
        error_share=knobs.ops_error_share,
        error_polls=knobs.ops_error_polls,
        queue_age_s=knobs.ops_queue_age_s,
        disk_share=knobs.ops_disk_share,
    )


def _vitals(tools: Tools, now: datetime, *, silence: bool) -> Vitals:
    seen = tools.db.read(lambda db: store.vitals(db, now))
    place = store.folder_of(tools.settings.database_url)
    usage = shutil.disk_usage(place)
    return replace(
        seen,
        free_share=usage.free / usage.total,
        place=str(place),
        may_be_quiet=_silent(tools) if silence else None,
    )


def _silent(tools: Tools) -> list[WatchedFeed]:
    """The feeds that have been silent for a while, with their histories."""
    floor_s = tools.settings.ops_quiet_floor_s
    feeds = tools.db.read(lambda db: store.silent_feeds(db, floor_s))
    found: list[WatchedFeed] = []
    for first in range(0, len(feeds), _FEEDS_AT_ONCE):
        some = feeds[first : first + _FEEDS_AT_ONCE]
        ids = [feed.id for feed in some]
        seen = tools.db.read(lambda db, ids=ids: store.arrivals(db, ids))  # type: ignore[misc]
        found += [replace(feed, arrivals=seen[feed.id]) for feed in some]
    return found


def purge(db: store.Database, now: datetime, window_d: float, slices: int) -> int:
    """Forget the hashes of older articles in some slices, each in a transaction of its own.

    Which slices is told by the time, so that no worker has to remember. Returns how many hashes.
    """
    before = now - timedelta(days=window_d)
    first = int(now.timestamp() // EVERY_S) * slices
    return sum(
        db.write(lambda c, number=first + n: store.purge_hashes(c, before, number))  # type: ignore[misc]
        for n in range(slices)
    )


def reunite(db: store.Database, since: datetime, now: datetime) -> int:
    """Merge stories of one article that turn out to be copies of others; returns how many.

    The net under the locks: two copies that came in the same instant with no kept hash in common
    did not wait for each other.
    """
    merged = 0
    for one in db.read(lambda c: store.lone_founders(c, since)):
        asked = store.Asked(
            fingerprint_of_stored(one.title, one.text), one.article_id, one.story_id
        )
        near = db.read(lambda c, asked=asked: store.nearby(c, asked))  # type: ignore[misc]
        if stories := dedupe.reunited(one, near):
            db.write(lambda c, ids=stories: store.merge_found(c, ids, now))  # type: ignore[misc]
            merged += 1
    return merged
