"""Alerts: owed, claimed, and what became of a try to deliver them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from worker.errors import Reason

# What a message is: of one story, of several folded into one, sent once more, for the operator.
AlertKind = Literal["alert", "digest", "replay", "ops"]


@dataclass(frozen=True, slots=True)
class ClaimedAlert:
    """An alert due to be delivered; `attempts` counts this try, `kind` is its channel's."""

    id: int
    token: int
    channel_id: int
    channel_name: str
    kind: str
    config: Mapping[str, Any]
    webhook_id: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One alert to be stored: one per topic, story, channel and occasion, whatever happens.

    It is due at `due_at`; or it waits until `fold_at`, to be folded into a digest. `independent` is
    how many independent publishers told the story when it was made.
    """

    topic_id: int | None
    story_id: int | None
    channel_id: int
    article_id: int | None
    webhook_id: str
    body: str
    kind: AlertKind = "alert"
    occasion: str = "first"
    due_at: datetime | None = None
    fold_at: datetime | None = None
    independent: int = 0
    replay_of: int | None = None


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What an alert says of a story: how far it has spread when the alert is made.

    `publishers` carry it, `independent` of them without copying an agency's text; `relation` is
    what the alerting article is to the story (None: it is its first), `origin` the agency that
    the story comes from.
    """

    id: int
    articles: int = 1
    publishers: int = 1
    independent: int = 1
    first_seen: datetime | None = None
    relation: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class OpsNotice:
    """A matter that an operator must know of: what is wrong, in a few words and in whole, and what
    to do. The same `matter`, such as `channel-stopped:desk`, is told once until it is settled.
    """

    matter: str
    title: str
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel said to one try of an alert.

    `answer` is the first 1 KiB of what it said, `address` the IP address that said it.
    """

    accepted: bool
    status: int | None = None
    reason: Reason | None = None
    detail: str = ""
    duration_ms: int = 0
    retry_after_s: float | None = None
    answer: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try of one alert and what follows: delivered, due again, or given up (no `due_at`)."""

    claim: ClaimedAlert
    answer: Answer
    at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a channel does: `failures` in a row, none taken since `failing_since`.

    It rests until `paused_until`; `stopped`, for `reason`, only an operator opens it again.
    """

    id: int
    name: str
    failures: int = 0
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    stopped: bool = False
    reason: str | None = None
    detail: str = ""
