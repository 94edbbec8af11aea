"""Locks that hold until the end of a transaction, for what no row exists to lock."""

from sqlalchemy import Connection, text

# Any two numbers would do, as long as no two purposes share one.
MIGRATING = 0x77697265_0001
CONFIGURING = 0x77697265_0002
WATCHING = 0x77697265_0006


def take(db: Connection, key: int) -> None:
    """Wait until no other transaction holds `key`; on SQLite the write lock has seen to that."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
