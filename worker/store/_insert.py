"""INSERT … ON CONFLICT DO NOTHING in the words of both databases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(db: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert the rows whose unique keys are not there yet; returns the new rows' ids."""
    if not rows:
        return []
    build = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    done = db.execute(build(table).on_conflict_do_nothing().returning(table.c.id), list(rows))
    return [int(row[0]) for row in done]
