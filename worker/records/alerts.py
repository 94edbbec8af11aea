"""Alerts: owed, claimed, and what became of a try to deliver them."""

from dataclasses import dataclass
from datetime import datetime

from worker.errors import Reason


@dataclass(frozen=True, slots=True)
class ClaimedAlert:
    """An alert due to be delivered; `attempts` counts this try."""

    id: int
    token: int
    channel_id: int
    channel_name: str
    kind: str
    config: dict[str, str]
    webhook_id: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One alert to be stored: one per topic, story and channel, whatever happens."""

    topic_id: int
    story_id: int
    channel_id: int
    article_id: int
    webhook_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel said to one try of an alert."""

    accepted: bool
    status: int | None = None
    reason: Reason | None = None
    detail: str = ""
    duration_ms: int = 0
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try of one alert and what follows: delivered, due again, or given up (no `due_at`)."""

    claim: ClaimedAlert
    answer: Answer
    at: datetime
    due_at: datetime | None
    stop_channel: bool = False
