"""How each feed publishes, when it is polled, and the pace of all feeds together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from worker.models import Json

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("feed", sa.Column("failing_since", _TIME, nullable=True))
    op.add_column("feed", sa.Column("poll_gap_s", sa.Float(), nullable=True))
    op.add_column("feed", sa.Column("not_before", _TIME, nullable=True))
    op.add_column("feed", sa.Column("matched", sa.Float(), nullable=False, server_default="0"))
    op.add_column("feed", sa.Column("matched_at", _TIME, nullable=True))
    op.add_column("feed", sa.Column("rhythm", Json, nullable=False, server_default="{}"))
    op.create_table(
        "pace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("steered_at", _TIME, nullable=False),
        sa.Column("feeds", sa.Integer(), nullable=False),
        sa.Column("matches_to", sa.Integer(), nullable=False),
        sa.Column("purse_at", sa.Float(), nullable=False),
        sa.Column("saved", sa.Float(), nullable=False),
        sa.Column("free", sa.Float(), nullable=False),
        sa.Column("crowded", Json, nullable=False),
        sa.Column("state", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pace")),
    )


def downgrade() -> None:
    op.drop_table("pace")
    for name in ("rhythm", "matched_at", "matched", "not_before", "poll_gap_s", "failing_since"):
        op.drop_column("feed", name)
