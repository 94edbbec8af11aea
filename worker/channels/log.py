"""The channel that needs nothing: an alert becomes a line of the daemon's own log."""

import json
from collections.abc import Mapping
from datetime import datetime

import aiohttp
import structlog

from worker.records import Answer, ClaimedAlert

log = structlog.get_logger(__name__)


async def send_to_log(
    _session: aiohttp.ClientSession,
    alert: ClaimedAlert,
    _environ: Mapping[str, str],
    _now: datetime,
) -> Answer:
    """Log an alert: topic, headline, address and the terms that made it match."""
    body = json.loads(alert.body)
    terms = dict.fromkeys(e["text"] for e in body["match"]["evidence"])
    log.info(
        "alert",
        topic=body["topic"]["name"],
        headline=body["article"]["headline"],
        url=body["article"]["url"],
        because=", ".join(list(terms)[:8]),
    )
    return Answer(accepted=True)
