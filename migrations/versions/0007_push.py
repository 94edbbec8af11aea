"""Subscriptions at hubs, and what they push."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)
_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("feed", sa.Column("pushed_until", _TIME, nullable=True))
    op.create_table(
        "push",
        *_queue(),
        _must("kind", sa.String()),
        _must("hub", sa.Text()),
        _must("topic", sa.Text()),
        _must("salt", sa.String()),
        _must("key_id", sa.String()),
        _must("state", sa.String()),
        _must("tries", sa.Integer()),
        _may("asked_at", _TIME),
        _may("expires_at", _TIME),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        _may("pushed_at", _TIME),
        _must("pushes", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_push"),
        sa.UniqueConstraint("feed_id", name="uq_push_feed_id"),
        sa.UniqueConstraint("salt", name="uq_push_salt"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_push_feed_id_feed"),
    )
    op.create_table(
        "push_body",
        *_queue(),
        _must("digest", sa.String()),
        _must("received_at", _TIME),
        _must("content_type", sa.Text()),
        _may("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_push_body"),
        sa.UniqueConstraint("feed_id", "digest", name="uq_push_body_feed_id_digest"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_push_body_feed_id_feed"),
    )
    for table in ("push", "push_body"):
        op.create_index(
            f"ix_{table}_due", table, ["due_at"], postgresql_where=_DUE, sqlite_where=_DUE
        )
    op.create_index("ix_push_body_received_at", "push_body", ["received_at"])


def downgrade() -> None:
    op.drop_table("push_body")
    op.drop_table("push")
    op.drop_column("feed", "pushed_until")


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
        _must("feed_id", _BIG_ID),
    )
