"""The tables of channels, of alerts and their delivery, and of what was not alerted."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from worker.models import BigId, Json, Queue, UtcDateTime


def _when(column: str) -> dict[str, Any]:
    """An index over the rows that have this column set, and over no others."""
    there = text(f"{column} IS NOT NULL")
    return {"postgresql_where": there, "sqlite_where": there}


def _key() -> Any:
    return Field(default=None, primary_key=True, sa_type=BigId)


def _reference(column: str, *, nullable: bool = False, index: bool = False) -> Any:
    return Field(
        default=None,
        nullable=nullable,
        index=index,
        sa_type=BigId,
        sa_column_args=[ForeignKey(column)],
    )


def _time(*, nullable: bool = False) -> Any:
    return Field(default=None, nullable=nullable, sa_type=UtcDateTime)


def _prose() -> Any:
    return Field(default="", nullable=False, sa_type=Text)


class Channel(SQLModel, table=True):
    """Where alerts go. `config` keeps `${NAME}` as written: no secret is ever stored.

    `rules` are what the channel wants to hear of, and when (records.AlertRules). `stopped` ends
    deliveries until an operator changes the channel; `paused_until` only rests it, since
    `failing_since` and for as many `failures` in a row as it has given.
    """

    __tablename__: ClassVar[str] = "channel"

    id: int | None = _key()
    name: str = Field(unique=True)
    kind: str
    config: dict[str, Any] = Field(default=None, nullable=False, sa_type=Json)
    rules: dict[str, Any] = Field(default=None, nullable=False, sa_type=Json)
    enabled: bool = True
    stopped: bool = False
    reason: str | None = None
    detail: str = _prose()
    failures: int = 0
    failing_since: datetime | None = _time(nullable=True)
    paused_until: datetime | None = _time(nullable=True)
    updated_at: datetime = _time()


class Alert(Queue, table=True):
    """One message owed to one channel. `body` never changes.

    `kind` is `alert`, for one (topic, story); `digest`, for the alerts whose `digest_id` it is;
    `replay`, for an alert that is sent once more; or `ops`, for what an operator must know: then it
    has no topic, story or article. `occasion` says why a story alerts: `first`, or a channel's own
    rule. An alert that is to be folded into a digest waits for it until `fold_at`, and is never due
    by itself. `released_at` is when it was first to be sent, by itself or in its digest: what a
    limit of so many an hour counts. `independent` is how many independent publishers told the story
    when it was made. `dead_at` is when it was given up.
    """

    __tablename__: ClassVar[str] = "alert"
    __table_args__ = (
        UniqueConstraint("topic_id", "story_id", "channel_id", "occasion"),
        Index("ix_alert_due", "due_at", **_when("due_at")),
        # By it the oldest of a channel that are due are found, however many wait.
        Index("ix_alert_waiting", "channel_id", "id", "due_at", "leased_until", **_when("due_at")),
        Index("ix_alert_held", "channel_id", "leased_until", **_when("leased_until")),
        Index("ix_alert_fold", "fold_at", **_when("fold_at")),
        Index("ix_alert_dead", "dead_at", **_when("dead_at")),
        Index("ix_alert_released", "channel_id", "released_at"),
    )

    kind: str = "alert"
    occasion: str = "first"
    topic_id: int | None = _reference("topic.id", nullable=True)
    story_id: int | None = _reference("story.id", nullable=True, index=True)
    channel_id: int = _reference("channel.id")
    article_id: int | None = _reference("article.id", nullable=True, index=True)
    webhook_id: str = Field(unique=True)
    body: str = _prose()
    created_at: datetime = _time()
    fold_at: datetime | None = _time(nullable=True)
    released_at: datetime | None = _time(nullable=True)
    independent: int = 0
    digest_id: int | None = _reference("alert.id", nullable=True, index=True)
    replay_of: int | None = _reference("alert.id", nullable=True)
    delivered_at: datetime | None = _time(nullable=True)
    dead_at: datetime | None = _time(nullable=True)
    reason: str | None = None
    detail: str = _prose()


class DeliveryAttempt(SQLModel, table=True):
    """One try of one alert and what the channel answered: the first 1 KiB of it, and from where."""

    __tablename__: ClassVar[str] = "delivery_attempt"

    id: int | None = _key()
    alert_id: int = _reference("alert.id", index=True)
    at: datetime = _time()
    accepted: bool = False
    status: int | None = None
    reason: str | None = None
    detail: str = _prose()
    duration_ms: int = 0
    answer: str = _prose()
    address: str | None = None


class Withheld(SQLModel, table=True):
    """A match that no alert was made of for a channel, and the rule that said so."""

    __tablename__: ClassVar[str] = "withheld"
    __table_args__ = (UniqueConstraint("article_id", "topic_id", "channel_id"),)

    id: int | None = _key()
    article_id: int = _reference("article.id")
    topic_id: int = _reference("topic.id")
    channel_id: int = _reference("channel.id")
    reason: str
    detail: str = _prose()
    at: datetime = Field(default=None, nullable=False, sa_type=UtcDateTime, index=True)


class Mute(SQLModel, table=True):
    """What nobody wants to hear of until a time: a story, a source (a domain) or a topic.

    `what` is one of `story`, `source`, `topic`, and `which` its id, domain or name; without a
    channel it holds for all of them. `made_by` is `command` or `link`.
    """

    __tablename__: ClassVar[str] = "mute"
    __table_args__ = (Index("ix_mute_which", "what", "which"),)

    id: int | None = _key()
    what: str
    which: str = Field(sa_type=Text)
    channel_id: int | None = _reference("channel.id", nullable=True)
    until: datetime = _time()
    made_at: datetime = _time()
    made_by: str = "command"
