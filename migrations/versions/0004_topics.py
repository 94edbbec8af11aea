"""Scores, versions and marks of matches, topics in shadow, words to search articles by."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "topic", sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("topic", sa.Column("version", sa.String(), nullable=False, server_default=""))
    op.add_column("topic", sa.Column("tagged_version", sa.String(), nullable=True))
    op.add_column("topic", sa.Column("tagged_down_to", sa.BigInteger(), nullable=True))
    op.add_column("topic_match", sa.Column("score", sa.Float(), nullable=False, server_default="1"))
    op.add_column(
        "topic_match", sa.Column("version", sa.String(), nullable=False, server_default="")
    )
    op.add_column("topic_match", sa.Column("mark", sa.Boolean(), nullable=True))
    op.add_column("topic_match", sa.Column("marked_at", _TIME, nullable=True))
    op.create_table(
        "notice",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notice")),
    )
    # The words of articles as topics fold them, so that an index finds what topics find: hence
    # no stemming, no stop words, and no table of the models, for each database has its own kind.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE article_words (article_id BIGINT PRIMARY KEY REFERENCES article(id),"
            " words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_article_words ON article_words USING gin (words)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE article_words USING fts5(words, detail=none, columnsize=0,"
            " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\")"
        )


def downgrade() -> None:
    op.execute("DROP TABLE article_words")
    op.drop_table("notice")
    for name in ("marked_at", "mark", "version", "score"):
        op.drop_column("topic_match", name)
    for name in ("tagged_down_to", "tagged_version", "version", "shadow"):
        op.drop_column("topic", name)
