"""The tables of topics, of their matches, and of what an operator should know."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from worker.models import BigId, Json, UtcDateTime


def _key() -> Any:
    return Field(default=None, primary_key=True, sa_type=BigId)


def _time(*, nullable: bool = False) -> Any:
    return Field(default=None, nullable=nullable, sa_type=UtcDateTime)


def _json() -> Any:
    return Field(default=None, nullable=False, sa_type=Json)


def _prose() -> Any:
    return Field(default="", nullable=False, sa_type=Text)


class Topic(SQLModel, table=True):
    """A named query that an analyst writes. `channels` are the ids of the channels it alerts.

    `version` is a digest of the query, `tagged_version` that by which stored articles were tagged
    last (NULL: only new ones are); while that goes on, `tagged_down_to` is the article reached.
    `urgent` alerts pass quiet hours; `alerting` is what it says of its alerts (records.AlertRules).
    """

    __tablename__: ClassVar[str] = "topic"

    id: int | None = _key()
    name: str = Field(unique=True)
    title: str = _prose()
    query: str = _prose()
    channels: list[int] = _json()
    enabled: bool = True
    updated_at: datetime = _time()
    shadow: bool = False
    version: str = ""
    tagged_version: str | None = None
    tagged_down_to: int | None = Field(default=None, sa_type=BigInteger)
    urgent: bool = False
    alerting: dict[str, Any] = _json()


class Match(SQLModel, table=True):
    """This article matches that topic, with the evidence.

    `version` is that of the topic's query which found it, `mark` what an analyst says of it: right,
    wrong, or nothing yet.
    """

    __tablename__: ClassVar[str] = "topic_match"
    __table_args__ = (UniqueConstraint("article_id", "topic_id"),)

    id: int | None = _key()
    article_id: int = Field(sa_type=BigId, sa_column_args=[ForeignKey("article.id")])
    topic_id: int = Field(sa_type=BigId, sa_column_args=[ForeignKey("topic.id")], index=True)
    evidence: list[dict[str, Any]] = _json()
    matched_at: datetime = _time()
    score: float = 1.0
    version: str = ""
    mark: bool | None = None
    marked_at: datetime | None = _time(nullable=True)


class Notice(SQLModel, table=True):
    """What the operator should know, such as why the files were refused; one row for a matter."""

    __tablename__: ClassVar[str] = "notice"

    name: str = Field(primary_key=True)
    title: str = _prose()
    text: str = _prose()
    remedy: str = _prose()
    at: datetime = _time()
