"""The tables. Three of them are work queues by the same columns: feed, article and alert.

`due_at` says when a row wants work (NULL: never), `leased_until` and `lease_token` who holds it,
`attempts` how often it was claimed. Unique keys carry the identity rules of the design.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, on databases with and without time zones; refuses naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")
_DUE = text("due_at IS NOT NULL")
_HELD = text("leased_until IS NOT NULL")
_CLAIM = ("leased_until", "story_id")

# Named constraints, so that a later migration can change them on SQLite too.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _key() -> Any:
    return Field(default=None, primary_key=True, sa_type=BigId)


def _reference(column: str, *, nullable: bool = False) -> Any:
    """A foreign key. What it points to is never deleted while it is pointed to."""
    return Field(
        default=None,
        nullable=nullable,
        sa_type=BigId,
        sa_column_args=[ForeignKey(column)],
    )


def _time(*, nullable: bool = False) -> Any:
    return Field(default=None, nullable=nullable, sa_type=UtcDateTime)


def _json(*, nullable: bool = False) -> Any:
    return Field(default=None, nullable=nullable, sa_type=Json)


def _prose(default: str | None = "") -> Any:
    return Field(default=default, nullable=default is None, sa_type=Text)


class Queue(SQLModel):
    """The columns that make a table a work queue."""

    id: int | None = _key()
    due_at: datetime | None = _time(nullable=True)
    leased_until: datetime | None = _time(nullable=True)
    lease_token: int | None = Field(default=None, sa_type=BigInteger)
    attempts: int = 0


class Feed(Queue, table=True):
    """A URL that is polled. `source` is `file` (feeds.opml) or `command` (wirewatch feeds add).

    `poll_gap_s` is the pause before its next poll, `not_before` until when its site wants to be
    left alone, `matched` its articles that matched topics, decayed, as of `matched_at`.
    """

    __tablename__: ClassVar[str] = "feed"
    __table_args__ = (
        Index("ix_feed_due", "due_at", postgresql_where=_DUE, sqlite_where=_DUE),
        Index("ix_feed_held", "host", postgresql_where=_HELD, sqlite_where=_HELD),
    )

    url: str = Field(sa_type=Text, unique=True)
    title: str = _prose()
    site_url: str | None = _prose(None)
    category: str = _prose()
    source: str = "file"
    enabled: bool = True
    stopped: bool = False
    etag: str | None = _prose(None)
    last_modified: str | None = _prose(None)
    body_hash: str | None = None
    failures: int = 0
    reason: str | None = None
    detail: str = _prose()
    last_status: int | None = None
    polls: int = 0
    polled_at: datetime | None = _time(nullable=True)
    changed_at: datetime | None = _time(nullable=True)
    added_at: datetime = _time()
    host: str = Field(default="", sa_type=Text)
    language: str | None = None
    options: dict[str, Any] = _json()
    hints: dict[str, Any] = _json()
    # ---- what its next visit must know of those before (records.FeedMemory)
    since_full: int = 0
    full_every: int = 100
    false_304s: int = 0
    in_doubt: bool = False
    moved_to: str | None = _prose(None)
    moved_polls: int = 0
    moved_since: datetime | None = _time(nullable=True)
    gaps: int = 0
    gap_from: datetime | None = _time(nullable=True)
    gap_to: datetime | None = _time(nullable=True)
    backfill: list[str] = _json()
    backfill_left: int = 0
    guids_repeat: bool = False
    failing_since: datetime | None = _time(nullable=True)
    # ---- how often it is polled (schedule.Rhythm)
    poll_gap_s: float | None = None
    not_before: datetime | None = _time(nullable=True)
    matched: float = 0.0
    matched_at: datetime | None = _time(nullable=True)
    rhythm: dict[str, Any] = _json()
    pushed_until: datetime | None = _time(nullable=True)


class FeedAlias(SQLModel, table=True):
    """An address under which a feed was watched before it moved; feeds.opml may still say it."""

    __tablename__: ClassVar[str] = "feed_alias"

    id: int | None = _key()
    url: str = Field(sa_type=Text, unique=True)
    feed_id: int = Field(sa_type=BigId, sa_column_args=[ForeignKey("feed.id")], index=True)
    moved_at: datetime = _time()


class FeedTrouble(SQLModel, table=True):
    """How often a feed has failed for a reason, over its whole life."""

    __tablename__: ClassVar[str] = "feed_trouble"
    __table_args__ = (UniqueConstraint("feed_id", "reason"),)

    id: int | None = _key()
    feed_id: int = _reference("feed.id")
    reason: str
    count: int = 1
    first_at: datetime = _time()
    last_at: datetime = _time()
    detail: str = _prose()


class Host(SQLModel, table=True):
    """A host and whose turn it is there, for all workers; and what has been learnt of its pages."""

    __tablename__: ClassVar[str] = "host"
    __table_args__ = tuple(
        Index(
            f"ix_host_{name}",
            name,
            postgresql_where=text(f"{name} IS NOT NULL"),
            sqlite_where=text(f"{name} IS NOT NULL"),
        )
        for name in ("paused_until", "page_free_at", "poll_free_at")
    )

    id: int | None = _key()
    name: str = Field(sa_type=Text, unique=True)
    poll_free_at: datetime | None = _time(nullable=True)
    page_free_at: datetime | None = _time(nullable=True)
    page_asked_at: datetime | None = _time(nullable=True)
    page_tail_at: datetime | None = _time(nullable=True)
    paused_until: datetime | None = _time(nullable=True)
    failures: int = 0
    reason: str | None = None
    detail: str = _prose()
    crawl_delay_s: float | None = None
    # ---- its robots.txt as it was last had (robots.RobotsCopy)
    robots_asked_at: datetime | None = _time(nullable=True)
    robots_served_at: datetime | None = _time(nullable=True)
    robots_failing_since: datetime | None = _time(nullable=True)
    # What may be long comes last: SQLite reads through it to what comes behind.
    robots_text: str | None = _prose(None)
    lines: dict[str, Any] = _json()


class Story(SQLModel, table=True):
    """The group of articles that are copies of one text.

    `canonical_id` is its earliest published article, `origin` the agency that it comes from,
    `merged_into` the story that it turned out to be the same as.
    """

    __tablename__: ClassVar[str] = "story"

    id: int | None = _key()
    title: str = _prose()
    article_count: int = 1
    first_seen_at: datetime = _time()
    last_seen_at: datetime = _time()
    first_published_at: datetime | None = _time(nullable=True)
    canonical_id: int | None = Field(default=None, sa_type=BigId)
    merged_into: int | None = Field(default=None, sa_type=BigId)
    origin: str | None = None


class Article(Queue, table=True):
    """What an entry links to: one row per canonical URL.

    `feed_title`, `html` and, until its page has been read, `authors` are what the feed gave;
    `title` and `text` are set with the verdict. `published_known` is false where nobody gave a
    date: then `published_at` is when the article was first seen. `feed_id` is the feed that brought
    it, `host` whom `link` is asked of (NULL: nobody), `page_at` when it is its page's turn while it
    is judged by the feed's own text, `page_url` the identity that its page gives itself.
    """

    __tablename__: ClassVar[str] = "article"
    __table_args__ = (
        # Claims are decided on these alone: articles are long, and SQLite would read through them.
        Index(
            "ix_article_due", "due_at", "host", *_CLAIM, postgresql_where=_DUE, sqlite_where=_DUE
        ),
        Index(
            "ix_article_waiting",
            "host",
            "due_at",
            *_CLAIM,
            postgresql_where=_DUE,
            sqlite_where=_DUE,
        ),
        Index("ix_article_held", "host", postgresql_where=_HELD, sqlite_where=_HELD),
        Index("ix_article_first_seen", "first_seen_at"),
    )

    url: str = Field(sa_type=Text, unique=True)
    link: str | None = _prose(None)
    title: str = _prose()
    feed_title: str = _prose()
    html: str = _prose()
    text: str | None = _prose(None)
    text_key: str | None = Field(default=None, index=True)
    authors: list[str] = _json()
    language: str | None = None
    image: str | None = _prose(None)
    site_name: str | None = _prose(None)
    published_at: datetime = _time()
    published_known: bool = True
    first_seen_at: datetime = _time()
    stored_at: datetime | None = _time(nullable=True)
    fetched_at: datetime | None = _time(nullable=True)
    story_id: int | None = Field(
        default=None, sa_type=BigId, sa_column_args=[ForeignKey("story.id")], index=True
    )
    joined_by: str | None = None
    page_tries: int = 0
    reason: str | None = None
    detail: str = _prose()
    feed_id: int | None = Field(
        default=None, sa_type=BigId, sa_column_args=[ForeignKey("feed.id")], index=True
    )
    host: str | None = _prose(None)
    page_at: datetime | None = _time(nullable=True)
    source_url: str | None = _prose(None)
    page_url: str | None = Field(default=None, sa_type=Text, index=True)
    title_key: str | None = Field(default=None, index=True)
    modified_at: datetime | None = _time(nullable=True)
    section: str | None = _prose(None)
    paywalled: bool | None = None


class Revision(SQLModel, table=True):
    """What an article said before it was changed."""

    __tablename__: ClassVar[str] = "revision"

    id: int | None = _key()
    article_id: int = Field(sa_type=BigId, sa_column_args=[ForeignKey("article.id")], index=True)
    replaced_at: datetime = _time()
    title: str = _prose()
    text: str = _prose()
    flags: list[str] | None = _json(nullable=True)


class Sighting(SQLModel, table=True):
    """This article was seen in that feed, at that time, under that guid."""

    __tablename__: ClassVar[str] = "sighting"
    __table_args__ = (
        UniqueConstraint("feed_id", "guid"),
        # how often a feed brings something new, told without reading anything else
        Index("ix_sighting_seen", "feed_id", "seen_at"),
    )

    id: int | None = _key()
    feed_id: int = _reference("feed.id")
    article_id: int = Field(sa_type=BigId, sa_column_args=[ForeignKey("article.id")], index=True)
    guid: str = Field(sa_type=Text)
    seen_at: datetime = _time()
    title_version: str | None = None
    text_version: str | None = None
    title_before: str | None = None
    changes: int = 0
    changed_at: datetime = _time()
