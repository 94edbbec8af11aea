"""The tables by which copies find each other, and what is known of a story's members."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Float, ForeignKey, Integer, Text
from sqlmodel import Field, SQLModel

from worker.models import BigId, UtcDateTime


def _half_of_key(column: str, *, index: bool = False) -> Any:
    return Field(
        default=None,
        primary_key=True,
        sa_type=BigId,
        sa_column_args=[ForeignKey(column)],
        index=index,
    )


def _time() -> Any:
    return Field(default=None, sa_type=UtcDateTime)


class KeptHash(SQLModel, table=True):
    """An article within the window is known by this hash: one row for each story and hash.

    `hash` is the lower half of a kept hash. No foreign key, and 32 bits for both: there are two
    dozen rows for each article, and every byte of them counts.
    """

    __tablename__: ClassVar[str] = "kept_hash"
    __table_args__ = {"sqlite_with_rowid": False}

    hash: int = Field(default=None, primary_key=True, sa_type=Integer)
    article_id: int = Field(default=None, primary_key=True, sa_type=Integer)


class Membership(SQLModel, table=True):
    """What an article is in its story.

    `publisher` is its registrable domain, `wire` the agency it is credited to. Of one that joined a
    story that was there: `relation` is what it is to the article `joined_id`, `contained` the share
    of its text that that one has, `contains` the share of that one's text that it has, `shared` how
    many runs of three words they share. `pinned`: a person has put it here.
    """

    __tablename__: ClassVar[str] = "membership"

    article_id: int = _half_of_key("article.id")
    publisher: str = Field(default="", sa_type=Text)
    wire: str | None = None
    relation: str | None = None
    joined_id: int | None = Field(default=None, sa_type=BigId)
    contained: float | None = Field(default=None, sa_type=Float)
    contains: float | None = Field(default=None, sa_type=Float)
    shared: int | None = None
    pinned: bool = False


class StoriesApart(SQLModel, table=True):
    """Two stories that a person has told from each other, lower id first: never merged again."""

    __tablename__: ClassVar[str] = "stories_apart"

    low_id: int = _half_of_key("story.id")
    high_id: int = _half_of_key("story.id", index=True)
    told_at: datetime = _time()


class Quote(SQLModel, table=True):
    """One of these articles stands inside the other, and they tell stories of their own.

    `share` is how much of the smaller is found in the larger, 0..1.
    """

    __tablename__: ClassVar[str] = "quote"

    article_id: int = _half_of_key("article.id")
    other_id: int = _half_of_key("article.id", index=True)
    share: float = Field(default=0.0, sa_type=Float)
