"""Looks after the daemon, and tells operators what they must know."""

import shutil
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import structlog

from worker import messages, ops_watch, store
from worker.ops_watch import Limits
from worker.records import OpsNotice, Vitals, WatchedFeed
from worker.settings import Settings
from worker.tools import Tools

log = structlog.get_logger(__name__)

# A feed's silence is told in hours: it is looked for every so many looks.
SILENCE_EVERY = 15
_FEEDS_AT_ONCE = 200


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
