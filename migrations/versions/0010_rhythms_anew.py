"""Rhythms and the pace are learnt anew: they are kept in another form."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    _forget()


def downgrade() -> None:
    _forget()


def _forget() -> None:
    op.execute("UPDATE feed SET rhythm = '{}'")
    op.execute("DELETE FROM pace")
