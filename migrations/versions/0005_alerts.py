"""Rules of channels and topics, digests, replays, mutes, and what channels answered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TIME = sa.DateTime(timezone=True)
_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_ONCE_BEFORE, _ONCE = (
    ("uq_alert_topic_id_story_id_channel_id", ["topic_id", "story_id", "channel_id"]),
    (
        "uq_alert_topic_id_story_id_channel_id_occasion",
        ["topic_id", "story_id", "channel_id", "occasion"],
    ),
)
_NEW_COLUMNS = (
    "replay_of", "digest_id", "independent", "released_at", "dead_at", "fold_at", "occasion",
    "kind",
)  # fmt: skip
_NEW_INDEXES = ("waiting", "held", "fold", "dead", "released")
_OF_NO_STORY = ("topic_id", "story_id", "article_id")


def upgrade() -> None:
    op.add_column("channel", sa.Column("rules", _JSON, nullable=False, server_default="{}"))
    op.add_column(
        "channel", sa.Column("failures", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("channel", sa.Column("failing_since", _TIME, nullable=True))
    op.add_column("channel", sa.Column("paused_until", _TIME, nullable=True))
    op.add_column(
        "topic", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("topic", sa.Column("alerting", _JSON, nullable=False, server_default="{}"))
    op.add_column(
        "delivery_attempt", sa.Column("answer", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("delivery_attempt", sa.Column("address", sa.String(), nullable=True))
    with _attempts_aside(), op.batch_alter_table("alert") as alert:
        alert.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="alert"))
        alert.add_column(sa.Column("occasion", sa.String(), nullable=False, server_default="first"))
        alert.add_column(sa.Column("fold_at", _TIME, nullable=True))
        alert.add_column(sa.Column("dead_at", _TIME, nullable=True))
        alert.add_column(sa.Column("released_at", _TIME, nullable=True))
        alert.add_column(sa.Column("independent", sa.Integer(), nullable=False, server_default="0"))
        for name in ("digest_id", "replay_of"):
            alert.add_column(sa.Column(name, _BIG_ID, nullable=True))
            alert.create_foreign_key(f"fk_alert_{name}_alert", "alert", [name], ["id"])
        for name in _OF_NO_STORY:
            alert.alter_column(name, existing_type=_BIG_ID, nullable=True)
        alert.drop_constraint(_ONCE_BEFORE[0], type_="unique")
        alert.create_unique_constraint(*_ONCE)
    waiting = ["channel_id", "id", "due_at", "leased_until"]
    op.create_index("ix_alert_waiting", "alert", waiting, **_when("due_at"))
    held = ["channel_id", "leased_until"]
    op.create_index("ix_alert_held", "alert", held, **_when("leased_until"))
    op.create_index("ix_alert_fold", "alert", ["fold_at"], **_when("fold_at"))
    op.create_index("ix_alert_dead", "alert", ["dead_at"], **_when("dead_at"))
    op.create_index("ix_alert_released", "alert", ["channel_id", "released_at"])
    for name in ("story_id", "article_id", "digest_id"):
        op.create_index(f"ix_alert_{name}", "alert", [name])
    # What was given up before is a dead letter, too.
    op.execute(
        "UPDATE alert SET dead_at = created_at WHERE due_at IS NULL AND delivered_at IS NULL"
    )
    _withheld()
    _mute()
    _watch()


def _watch() -> None:
    for name in ("title", "remedy"):
        op.add_column("notice", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_sighting_seen", "sighting", ["feed_id", "seen_at"])
    op.create_table(
        "poll_tally",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_poll_tally"),
    )
    op.create_index("ix_poll_tally_at", "poll_tally", ["at"])
    op.create_table(
        "pulse",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pulse"),
    )


def _withheld() -> None:
    op.create_table(
        "withheld",
        sa.Column("id", _BIG_ID, nullable=False),
        *(
            sa.Column(f"{name}_id", _BIG_ID, nullable=False)
            for name in ("article", "topic", "channel")
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_withheld"),
        sa.UniqueConstraint(
            "article_id",
            "topic_id",
            "channel_id",
            name="uq_withheld_article_id_topic_id_channel_id",
        ),
        *(_points_to("withheld", name) for name in ("article", "topic", "channel")),
    )
    op.create_index("ix_withheld_at", "withheld", ["at"])


def _mute() -> None:
    op.create_table(
        "mute",
        sa.Column("id", _BIG_ID, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("which", sa.Text(), nullable=False),
        sa.Column("channel_id", _BIG_ID, nullable=True),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mute"),
        _points_to("mute", "channel"),
    )
    op.create_index("ix_mute_which", "mute", ["what", "which"])


def downgrade() -> None:
    op.drop_table("pulse")
    op.drop_table("poll_tally")
    op.drop_index("ix_sighting_seen", "sighting")
    _drop("notice", "remedy", "title")
    op.drop_table("mute")
    op.drop_table("withheld")
    op.execute(
        "DELETE FROM delivery_attempt WHERE alert_id IN"
        " (SELECT id FROM alert WHERE kind != 'alert' OR occasion != 'first')"
    )
    # What waits is due, and what was folded into a digest that nobody has got.
    op.execute("UPDATE alert SET due_at = fold_at WHERE fold_at IS NOT NULL")
    op.execute(
        "UPDATE alert SET due_at = created_at WHERE digest_id IN"
        " (SELECT id FROM alert WHERE kind = 'digest' AND delivered_at IS NULL)"
    )
    op.execute("UPDATE alert SET digest_id = NULL, replay_of = NULL")
    op.execute("DELETE FROM alert WHERE kind != 'alert' OR occasion != 'first'")
    for name in (
        "waiting",
        "held",
        "fold",
        "dead",
        "released",
        "story_id",
        "article_id",
        "digest_id",
    ):
        op.drop_index(f"ix_alert_{name}", "alert")
    with _attempts_aside(), op.batch_alter_table("alert") as alert:
        alert.drop_constraint(_ONCE[0], type_="unique")
        alert.create_unique_constraint(*_ONCE_BEFORE)
        for name in _OF_NO_STORY:
            alert.alter_column(name, existing_type=_BIG_ID, nullable=False)
        for name in ("digest_id", "replay_of"):
            alert.drop_constraint(f"fk_alert_{name}_alert", type_="foreignkey")
        for name in _NEW_COLUMNS:
            alert.drop_column(name)
    _drop("delivery_attempt", "address", "answer")
    _drop("topic", "alerting", "urgent")
    _drop("channel", "paused_until", "failing_since", "failures", "rules")


@contextmanager
def _attempts_aside() -> Iterator[None]:
    """SQLite alters a table by making it anew, and drops none that rows point to."""
    if op.get_bind().dialect.name == "postgresql":
        yield
        return
    op.execute("CREATE TEMPORARY TABLE attempts_aside AS SELECT * FROM delivery_attempt")
    op.execute("DELETE FROM delivery_attempt")
    yield
    op.execute("INSERT INTO delivery_attempt SELECT * FROM attempts_aside")
    op.execute("DROP TABLE attempts_aside")


def _drop(table: str, *columns: str) -> None:
    for column in columns:
        op.drop_column(table, column)


def _points_to(table: str, target: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{target}_id_{target}"
    return sa.ForeignKeyConstraint([f"{target}_id"], [f"{target}.id"], name=name)


def _when(column: str) -> dict[str, Any]:
    there = sa.text(f"{column} IS NOT NULL")
    return {"postgresql_where": there, "sqlite_where": there}
