"""Near copies: hashes by which they are found, what members are to their story, what people say."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_TABLES = ("kept_hash", "membership", "stories_apart", "quote")


def upgrade() -> None:
    for column in _of_story():
        op.add_column("story", column)
    op.add_column("revision", sa.Column("flags", _JSON, nullable=True))
    op.create_table(
        "kept_hash",
        sa.Column("hash", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name="pk_kept_hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "membership",
        sa.Column("article_id", _BIG_ID, nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("wire", sa.String(), nullable=True),
        sa.Column("relation", sa.String(), nullable=True),
        sa.Column("joined_id", _BIG_ID, nullable=True),
        sa.Column("contained", sa.Float(), nullable=True),
        sa.Column("contains", sa.Float(), nullable=True),
        sa.Column("shared", sa.Integer(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_membership"),
        _points_to("membership", "article_id", "article"),
    )
    _pairs(
        "stories_apart", "low_id", "high_id", "story", sa.Column("told_at", _TIME, nullable=False)
    )
    _pairs(
        "quote", "article_id", "other_id", "article", sa.Column("share", sa.Float(), nullable=False)
    )
    _fill_in()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("revision", "flags")
    for column in reversed(_of_story()):
        op.drop_column("story", column.name)


def _of_story() -> "list[sa.Column[Any]]":
    return [
        sa.Column("first_published_at", _TIME, nullable=True),
        sa.Column("canonical_id", _BIG_ID, nullable=True),
        sa.Column("merged_into", _BIG_ID, nullable=True),
        sa.Column("origin", sa.String(), nullable=True),
    ]


def _points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _pairs(table: str, one: str, other: str, of: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        table,
        sa.Column(one, _BIG_ID, nullable=False),
        sa.Column(other, _BIG_ID, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(one, other, name=f"pk_{table}"),
        _points_to(table, one, of),
        _points_to(table, other, of),
    )
    op.create_index(f"ix_{table}_{other}", table, [other])


def _fill_in() -> None:
    """Give stories of older versions their canonical article, the earliest published."""
    earliest = (
        "(SELECT {} FROM article WHERE article.story_id = story.id"
        " ORDER BY published_at, id LIMIT 1)"
    )
    op.execute(
        f"UPDATE story SET canonical_id = {earliest.format('id')},"
        f" first_published_at = {earliest.format('published_at')}"
    )
