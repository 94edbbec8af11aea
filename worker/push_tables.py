"""The tables of push: what feeds are subscribed to, and what was pushed and is to be read."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from worker.models import BigId, Queue, UtcDateTime

_DUE = text("due_at IS NOT NULL")


def _feed() -> Any:
    return Field(
        default=None, nullable=False, sa_type=BigId, sa_column_args=[ForeignKey("feed.id")]
    )


def _time(*, nullable: bool = False) -> Any:
    return Field(default=None, nullable=nullable, sa_type=UtcDateTime)


def _prose() -> Any:
    return Field(default="", nullable=False, sa_type=Text)


class Push(Queue, table=True):
    """A feed's subscription, due when a hub is to be asked for it, or for its renewal.

    No secret is stored: callback and secret are made of `salt` and WIREWATCH_PUSH_KEY, and `key_id`
    tells of which key. `asked_at` stands as long as the hub has not verified what it was asked,
    `expires_at` is the end of the lease that it gave. `pushed_at` and `pushes` are of what came.
    """

    __tablename__: ClassVar[str] = "push"
    __table_args__ = (
        UniqueConstraint("feed_id"),
        UniqueConstraint("salt"),
        Index("ix_push_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    feed_id: int = _feed()
    kind: str
    hub: str = _prose()
    topic: str = _prose()
    salt: str
    key_id: str = ""
    state: str = "wanted"
    tries: int = 0
    asked_at: datetime | None = _time(nullable=True)
    expires_at: datetime | None = _time(nullable=True)
    reason: str | None = None
    detail: str = _prose()
    pushed_at: datetime | None = _time(nullable=True)
    pushes: int = 0


class PushBody(Queue, table=True):
    """What was pushed: kept before it is acknowledged, and read by the stage that polls.

    Once it is read, only the digest stays, so that it is known if it comes again. NULL in `body`
    says only that there is something new to be polled.
    """

    __tablename__: ClassVar[str] = "push_body"
    __table_args__ = (
        UniqueConstraint("feed_id", "digest"),
        Index("ix_push_body_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_push_body_received_at", "received_at"),
    )

    feed_id: int = _feed()
    digest: str
    received_at: datetime = _time()
    content_type: str = _prose()
    body: bytes | None = Field(default=None, nullable=True, sa_type=LargeBinary)
