"""Hosts with their turns, what feeds remember of their visits, and articles' versions."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_DUE = sa.text("due_at IS NOT NULL")
_HELD = sa.text("leased_until IS NOT NULL")


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    _add_feed_id()
    op.drop_index("ix_article_due", "article")
    _claims_indexes()
    for name in ("feed_id", "page_url", "title_key"):
        op.create_index(f"ix_article_{name}", "article", [name])
    _new_tables()
    _fill_in()


def downgrade() -> None:
    for table in ("revision", "host", "feed_trouble", "feed_alias"):
        op.drop_table(table)
    for name in ("feed_id", "page_url", "title_key", "due", "held", "waiting"):
        op.drop_index(f"ix_article_{name}", "article")
    op.drop_index("ix_feed_held", "feed")
    _partial_index("article", "due", ["due_at"], _DUE)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("article", "feed_id")
    else:  # SQLite cannot drop what refers elsewhere: it is found there by the next upgrade
        op.execute("UPDATE article SET feed_id = NULL")
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)


def _add_feed_id() -> None:
    if any(c["name"] == "feed_id" for c in sa.inspect(op.get_bind()).get_columns("article")):
        return
    # SQLite takes a named reference to another table only in this form.
    kind = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    op.execute(
        f"ALTER TABLE article ADD COLUMN feed_id {kind}"
        " CONSTRAINT fk_article_feed_id_feed REFERENCES feed(id)"
    )


def _claims_indexes() -> None:
    for table in ("feed", "article"):
        _partial_index(table, "held", ["host"], _HELD)
    _partial_index("article", "due", ["due_at", "host", "leased_until", "story_id"], _DUE)
    _partial_index("article", "waiting", ["host", "due_at", "leased_until", "story_id"], _DUE)


def _partial_index(table: str, name: str, columns: list[str], where: "sa.TextClause") -> None:
    op.create_index(
        f"ix_{table}_{name}", table, columns, postgresql_where=where, sqlite_where=where
    )


def _must(name: str, kind: Any, default: Any = None) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=False, server_default=default)


def _may(name: str, kind: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=True)


def _columns() -> "dict[str, list[sa.Column[Any]]]":
    return {
        "feed": [
            _must("host", sa.Text(), ""),
            _may("language", sa.String()),
            _must("options", _JSON, "{}"),
            _must("hints", _JSON, "{}"),
            _must("since_full", sa.Integer(), "0"),
            _must("full_every", sa.Integer(), "100"),
            _must("false_304s", sa.Integer(), "0"),
            _must("in_doubt", sa.Boolean(), sa.false()),
            _may("moved_to", sa.Text()),
            _must("moved_polls", sa.Integer(), "0"),
            _may("moved_since", _TIME),
            _must("gaps", sa.Integer(), "0"),
            _may("gap_from", _TIME),
            _may("gap_to", _TIME),
            _must("backfill", _JSON, "[]"),
            _must("backfill_left", sa.Integer(), "0"),
            _must("guids_repeat", sa.Boolean(), sa.false()),
        ],
        "article": [
            _must("feed_title", sa.Text(), ""),
            _may("host", sa.Text()),
            _may("page_at", _TIME),
            _may("source_url", sa.Text()),
            _may("page_url", sa.Text()),
            _may("title_key", sa.String()),
            _may("modified_at", _TIME),
            _may("section", sa.Text()),
            _may("paywalled", sa.Boolean()),
        ],
        "sighting": [
            _may("title_version", sa.String()),
            _may("text_version", sa.String()),
            _may("title_before", sa.String()),
            _must("changes", sa.Integer(), "0"),
            _must("changed_at", _TIME, "1970-01-01 00:00:00.000000"),
        ],
    }


def _new_tables() -> None:
    op.create_table(
        "feed_alias",
        _must("id", _BIG_ID),
        _must("url", sa.Text()),
        _must("feed_id", _BIG_ID),
        _must("moved_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_feed_alias"),
        sa.UniqueConstraint("url", name="uq_feed_alias_url"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_feed_alias_feed_id_feed"),
    )
    op.create_index("ix_feed_alias_feed_id", "feed_alias", ["feed_id"])
    op.create_table(
        "feed_trouble",
        _must("id", _BIG_ID),
        _must("feed_id", _BIG_ID),
        _must("reason", sa.String()),
        _must("count", sa.Integer()),
        _must("first_at", _TIME),
        _must("last_at", _TIME),
        _must("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_feed_trouble"),
        sa.UniqueConstraint("feed_id", "reason", name="uq_feed_trouble_feed_id_reason"),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name="fk_feed_trouble_feed_id_feed"),
    )
    op.create_table(
        "host",
        _must("id", _BIG_ID),
        _must("name", sa.Text()),
        *(_may(f"page_{n}", _TIME) for n in ("free_at", "asked_at", "tail_at")),
        _may("paused_until", _TIME),
        _must("failures", sa.Integer()),
        _may("reason", sa.String()),
        _must("detail", sa.Text()),
        _may("crawl_delay_s", sa.Float()),
        *(_may(f"robots_{n}", _TIME) for n in ("asked_at", "served_at", "failing_since")),
        _may("robots_text", sa.Text()),
        _must("lines", _JSON),
        sa.PrimaryKeyConstraint("id", name="pk_host"),
        sa.UniqueConstraint("name", name="uq_host_name"),
    )
    for name in ("paused_until", "page_free_at"):
        set_ = sa.text(f"{name} IS NOT NULL")
        _partial_index("host", name, [name], set_)
    op.create_table(
        "revision",
        _must("id", _BIG_ID),
        _must("article_id", _BIG_ID),
        _must("replaced_at", _TIME),
        _must("title", sa.Text()),
        _must("text", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name="fk_revision_article_id_article"
        ),
    )
    op.create_index("ix_revision_article_id", "revision", ["article_id"])


def _fill_in() -> None:
    """Give rows of older versions the host that they are asked of, and each article its feed."""
    db = op.get_bind()
    for table, address in (("feed", "url"), ("article", "link")):
        rows = db.execute(sa.text(f"SELECT id, {address} FROM {table} WHERE {address} IS NOT NULL"))
        known = [{"id": row[0], "host": _host(row[1])} for row in rows]
        if known:
            db.execute(sa.text(f"UPDATE {table} SET host = :host WHERE id = :id"), known)
    db.execute(
        sa.text(
            "UPDATE article SET feed_id = (SELECT feed_id FROM sighting"
            " WHERE sighting.article_id = article.id ORDER BY sighting.id LIMIT 1)"
        )
    )
    db.execute(sa.text("UPDATE article SET feed_title = title"))
    db.execute(sa.text("UPDATE sighting SET changed_at = seen_at"))


def _host(url: str) -> str:
    """The host and any port of its own, as at the time of this migration."""
    try:
        parts = urlsplit(url)
        port = parts.port if parts.port not in (None, 80, 443) else None
        return f"{(parts.hostname or '').lower()}{f':{port}' if port else ''}"
    except ValueError:
        return ""
