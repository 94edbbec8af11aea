"""The channel that needs nothing: an alert becomes a line of the daemon's own log."""

import json
from datetime import datetime

import structlog

from worker.channels.means import Means
from worker.formats import telling
from worker.records import Answer, ClaimedAlert

log = structlog.get_logger(__name__)


async def send_to_log(_means: Means, alert: ClaimedAlert, _now: datetime) -> Answer:
    """Log a message: of an alert the topic, headline, address and the terms that made it match."""
    body = json.loads(alert.body)
    if "article" in body:
        terms = dict.fromkeys(e["text"] for e in body["match"]["evidence"])
        log.info(
            "alert",
            topic=body["topic"]["name"],
            headline=body["article"]["headline"],
            url=body["article"]["url"],
            because=", ".join(list(terms)[:8]),
        )
    else:
        told = telling(body)
        said = [f"{note.title}: {note.text or note.url}" for note in told.notes]
        log.info(body["type"], title=told.title, told=said)
    return Answer(accepted=True)
