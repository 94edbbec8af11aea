"""INSERT … ON CONFLICT in the words of both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(db: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert the rows whose unique keys are not there yet; returns the new rows' ids."""
    if not rows:
        return []
    done = db.execute(
        insert_for(db.dialect.name)(table).on_conflict_do_nothing().returning(table.c.id),
        list(rows),
    )
    return [int(row[0]) for row in done]


def upsert(
    db: Connection,
    table: Table,
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
    change: Mapping[str, Any],
) -> None:
    """Insert the row or, where its unique `key` is there already, make `change` to that one."""
    db.execute(
        insert_for(db.dialect.name)(table)
        .values(**row)
        .on_conflict_do_update(index_elements=key, set_=change)
    )


def insert_for(dialect: str) -> Any:
    """The `insert` of a dialect, with its ON CONFLICT."""
    return postgresql.insert if dialect == "postgresql" else sqlite.insert
