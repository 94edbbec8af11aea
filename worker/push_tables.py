"""The tables of push: what feeds are subscribed to, what no longer, and what was pushed."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from worker.models import BigId, Json, Queue, UtcDateTime

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
    tells of which key; `address` is the public URL that the hub was told. `hub` is the one that is
    asked of `hubs`; `rests` tells which of these are left alone, until when. `asked_at` stands as
    long as the hub has not verified what it was asked, `expires_at` is the end of the lease that it
    gave. `pushed_at` and `pushes` are of what came.
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
    hubs: list[str] = Field(default_factory=list, sa_type=Json)
    rests: dict[str, list[Any]] = Field(default_factory=dict, sa_type=Json)
    topic: str = _prose()
    salt: str
    key_id: str = ""
    address: str = _prose()
    state: str = "wanted"
    tries: int = 0
    asked_at: datetime | None = _time(nullable=True)
    expires_at: datetime | None = _time(nullable=True)
    reason: str | None = None
    detail: str = _prose()
    pushed_at: datetime | None = _time(nullable=True)
    pushes: int = 0


class PushEnd(Queue, table=True):
    """A subscription that is wanted no more, due when its hub is to be told so.

    It stays until `ends_at`, the end of the hub's lease: so long may the hub ask whether it is
    meant, and what it pushes is answered by «gone». Of no feed: that may be gone as well.
    """

    __tablename__: ClassVar[str] = "push_end"
    __table_args__ = (
        UniqueConstraint("salt"),
        Index("ix_push_end_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
    )

    kind: str
    hub: str = _prose()
    topic: str = _prose()
    salt: str
    key_id: str
    address: str = _prose()
    tries: int = 0
    asked_at: datetime | None = _time(nullable=True)
    ends_at: datetime = _time()


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
