"""What is done in the background, a little every minute."""

from datetime import datetime, timedelta

import structlog

from worker import dedupe, ops, pacing, store
from worker.fingerprint import fingerprint_of_stored
from worker.tools import Tools

log = structlog.get_logger(__name__)

EVERY_S = 60
# So many of the index's 1,024 slices a time: all of it is gone through in two hours.
_SLICES = 8
_ATTEMPTS = 5_000
_LATELY = timedelta(minutes=2)


def upkeep(tools: Tools) -> None:
    """Steer the pace of polls, forget what has left its window, reunite copies stored at once, and
    tell operators how the daemon is going.
    """
    pacing.steer(tools)
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
    ops.look_after(tools, now, silence=minute % ops.SILENCE_EVERY == 0)


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
