"""Several hubs of a feed, and subscriptions that hubs are told the end of."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("push", _must("hubs", _JSON, server_default="[]"))
    op.add_column("push", _must("rests", _JSON, server_default="{}"))
    op.add_column("push", _must("address", sa.Text(), server_default=""))
    op.create_table(
        "push_end",
        _must("id", _BIG_ID),
        _may("due_at", _TIME),
        _may("leased_until", _TIME),
        _may("lease_token", sa.BigInteger()),
        _must("attempts", sa.Integer()),
        _must("kind", sa.String()),
        _must("hub", sa.Text()),
        _must("topic", sa.Text()),
        _must("salt", sa.String()),
        _must("key_id", sa.String()),
        _must("address", sa.Text()),
        _must("tries", sa.Integer()),
        _may("asked_at", _TIME),
        _must("ends_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_push_end"),
        sa.UniqueConstraint("salt", name="uq_push_end_salt"),
    )
    op.create_index(
        "ix_push_end_due", "push_end", ["due_at"], postgresql_where=_DUE, sqlite_where=_DUE
    )


def downgrade() -> None:
    op.drop_table("push_end")
    for name in ("hubs", "rests", "address"):
        op.drop_column("push", name)


def _must(name: str, kind: Any, **how: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=False, **how)


def _may(name: str, kind: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=True)
