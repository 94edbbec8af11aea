"""The first tables: feeds, articles and alerts as work queues, and what hangs on them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# SQLite counts rows by itself only where the key is exactly INTEGER.
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_TABLES = (
    "feed", "story", "topic", "channel", "article", "sighting", "topic_match", "alert",
    "delivery_attempt",
)  # fmt: skip


def upgrade() -> None:
    _feed()
    _story()
    _topic()
    _channel()
    _article()
    _sighting()
    _topic_match()
    _alert()
    _delivery_attempt()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _must(name: str, kind: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=True)


def _queue() -> "tuple[sa.Column[Any], ...]":
    return (
        _must("id", _BIG_ID),
        _may("due_at", _TIME),
        _may("leased_until", _TIME),
        _may("lease_token", sa.BigInteger()),
        _must("attempts", sa.Integer()),
    )


def _due_index(table: str) -> None:
    due = sa.text("due_at IS NOT NULL")
    op.create_index(f"ix_{table}_due", table, ["due_at"], postgresql_where=due, sqlite_where=due)


def _points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _feed() -> None:
    op.create_table(
        "feed",
        *_queue(),
        _must("url", sa.Text()),
        _must("title", sa.Text()),
        _may("site_url", sa.Text()),
        _must("category", sa.Text()),
        _must("source", sa.String()),
        _must("enabled", sa.Boolean()),
        _must("stopped", sa.Boolean()),
        _may("etag", sa.Text()),
        _may("last_modified", sa.Text()),
        _may("body_hash", sa.String()),
        _must("failures", sa.Integer()),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        _may("last_status", sa.Integer()),
        _must("polls", sa.Integer()),
        _may("polled_at", _TIME),
        _may("changed_at", _TIME),
        _must("added_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.UniqueConstraint("url", name="uq_feed_url"),
    )
    _due_index("feed")


def _story() -> None:
    op.create_table(
        "story",
        _must("id", _BIG_ID),
        _must("title", sa.Text()),
        _must("article_count", sa.Integer()),
        _must("first_seen_at", _TIME),
        _must("last_seen_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_story"),
    )


def _topic() -> None:
    op.create_table(
        "topic",
        _must("id", _BIG_ID),
        _must("name", sa.String()),
        _must("title", sa.Text()),
        _must("query", sa.Text()),
        _must("channels", _JSON),
        _must("enabled", sa.Boolean()),
        _must("updated_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_topic"),
        sa.UniqueConstraint("name", name="uq_topic_name"),
    )


def _channel() -> None:
    op.create_table(
        "channel",
        _must("id", _BIG_ID),
        _must("name", sa.String()),
        _must("kind", sa.String()),
        _must("config", _JSON),
        _must("enabled", sa.Boolean()),
        _must("stopped", sa.Boolean()),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        _must("updated_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_channel"),
        sa.UniqueConstraint("name", name="uq_channel_name"),
    )


def _article() -> None:
    op.create_table(
        "article",
        *_queue(),
        _must("url", sa.Text()),
        _may("link", sa.Text()),
        _must("title", sa.Text()),
        _must("html", sa.Text()),
        _may("text", sa.Text()),
        _may("text_key", sa.String()),
        _must("authors", _JSON),
        _may("language", sa.String()),
        _may("image", sa.Text()),
        _may("site_name", sa.Text()),
        _must("published_at", _TIME),
        _must("published_known", sa.Boolean()),
        _must("first_seen_at", _TIME),
        _may("stored_at", _TIME),
        _may("fetched_at", _TIME),
        _may("story_id", _BIG_ID),
        _may("joined_by", sa.String()),
        _must("page_tries", sa.Integer()),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_article"),
        sa.UniqueConstraint("url", name="uq_article_url"),
        _points_to("article", "story_id", "story"),
    )
    _due_index("article")
    op.create_index("ix_article_first_seen", "article", ["first_seen_at"])
    op.create_index("ix_article_text_key", "article", ["text_key"])
    op.create_index("ix_article_story_id", "article", ["story_id"])


def _sighting() -> None:
    op.create_table(
        "sighting",
        _must("id", _BIG_ID),
        _must("feed_id", _BIG_ID),
        _must("article_id", _BIG_ID),
        _must("guid", sa.Text()),
        _must("seen_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
        sa.UniqueConstraint("feed_id", "guid", name="uq_sighting_feed_id_guid"),
        _points_to("sighting", "feed_id", "feed"),
        _points_to("sighting", "article_id", "article"),
    )
    op.create_index("ix_sighting_article_id", "sighting", ["article_id"])


def _topic_match() -> None:
    op.create_table(
        "topic_match",
        _must("id", _BIG_ID),
        _must("article_id", _BIG_ID),
        _must("topic_id", _BIG_ID),
        _must("evidence", _JSON),
        _must("matched_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_topic_match"),
        sa.UniqueConstraint("article_id", "topic_id", name="uq_topic_match_article_id_topic_id"),
        _points_to("topic_match", "article_id", "article"),
        _points_to("topic_match", "topic_id", "topic"),
    )
    op.create_index("ix_topic_match_topic_id", "topic_match", ["topic_id"])


def _alert() -> None:
    op.create_table(
        "alert",
        *_queue(),
        _must("topic_id", _BIG_ID),
        _must("story_id", _BIG_ID),
        _must("channel_id", _BIG_ID),
        _must("article_id", _BIG_ID),
        _must("webhook_id", sa.String()),
        _must("body", sa.Text()),
        _must("created_at", _TIME),
        _may("delivered_at", _TIME),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint(
            "topic_id", "story_id", "channel_id", name="uq_alert_topic_id_story_id_channel_id"
        ),
        sa.UniqueConstraint("webhook_id", name="uq_alert_webhook_id"),
        _points_to("alert", "topic_id", "topic"),
        _points_to("alert", "story_id", "story"),
        _points_to("alert", "channel_id", "channel"),
        _points_to("alert", "article_id", "article"),
    )
    _due_index("alert")


def _delivery_attempt() -> None:
    op.create_table(
        "delivery_attempt",
        _must("id", _BIG_ID),
        _must("alert_id", _BIG_ID),
        _must("at", _TIME),
        _must("accepted", sa.Boolean()),
        _may("status", sa.Integer()),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        _must("duration_ms", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempt"),
        _points_to("delivery_attempt", "alert_id", "alert"),
    )
    op.create_index("ix_delivery_attempt_alert_id", "delivery_attempt", ["alert_id"])
