"""Alerts that waited become messages: one digest for each channel, before any is claimed."""

from uuid import uuid4

import structlog

from worker import digests, store
from worker.tools import Tools

log = structlog.get_logger(__name__)


def fold(tools: Tools) -> int:
    """Fold what has waited long enough, each channel in a transaction; returns how many messages.

    An alert that waited alone is sent as itself.
    """
    now = tools.clock()
    made = 0
    for channel_id in tools.db.read(lambda db: store.channels_to_fold(db, now)):
        folded = tools.db.write(
            lambda db, id_=channel_id: store.fold(  # type: ignore[misc]
                db, id_, now, f"msg_{uuid4().hex}", digests.digest_body
            )
        )
        made += bool(folded)
        if folded > 1:
            log.info("alerts.folded", channel=channel_id, alerts=folded)
    return made
