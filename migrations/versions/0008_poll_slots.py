"""When each host's feeds may be polled next."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KNOWN = sa.text("poll_free_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("host", sa.Column("poll_free_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_host_poll_free_at",
        "host",
        ["poll_free_at"],
        postgresql_where=_KNOWN,
        sqlite_where=_KNOWN,
    )


def downgrade() -> None:
    op.drop_index("ix_host_poll_free_at", "host")
    op.drop_column("host", "poll_free_at")
