"""Channels and alerts for benchmarks of delivery."""

import json
import time
from collections.abc import Sequence
from uuid import uuid4

from worker import runtime, store
from worker.records import ChannelSpec, Owed
from worker.store import Database

SECRET = "whsec_" + "c2VjcmV0" * 4
_BODY = {
    "type": "alert",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "topic": {"name": "ports", "title": "Ports"},
    "story": {"id": 1},
    "article": {
        "id": 1,
        "title": "Dock workers walk out at three ports",
        "url": "https://news.example/ports",
        "lead": "The strike began at dawn and will last until Friday, the union said. " * 7,
    },
    "match": {"score": 1, "evidence": [{"term": "port", "field": "title", "text": "port"}] * 12},
}


def body_of(number: int) -> str:
    """The body of an alert, of about the size that they have."""
    return json.dumps(_BODY | {"number": number})


def make_channels(db: Database, urls: Sequence[str]) -> list[int]:
    """One webhook for each address; returns their channels' ids, in that order."""
    specs = [
        ChannelSpec(f"c{n}", "webhook", {"url": url, "secret": SECRET})
        for n, url in enumerate(urls)
    ]
    db.write(lambda c: store.sync_channels(c, specs, runtime.clock()))
    rows = [db.read(lambda c, n=spec.name: store.find_channel(c, n)) for spec in specs]  # type: ignore[misc]
    return [int(row["id"]) for row in rows if row]


def owe(db: Database, channel_ids: Sequence[int]) -> tuple[list[str], float]:
    """Owe one alert to each of these channels, in one transaction; returns their ids, and when it
    was committed.
    """
    now = runtime.clock()
    owed = [
        Owed(None, None, channel_id, None, f"msg_{uuid4().hex}", body_of(n), due_at=now)
        for n, channel_id in enumerate(channel_ids)
    ]
    db.write(lambda c: store.owe_alerts(c, owed, now))
    return [one.webhook_id for one in owed], time.time()
