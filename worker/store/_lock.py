"""Locks that hold until the end of a transaction, for what no row exists to lock."""

from sqlalchemy import Connection, text

# Any two numbers would do, as long as no two purposes share one.
MIGRATING = 0x77697265_0001
CONFIGURING = 0x77697265_0002
DELIVERING = 0x77697265_0003
OWING = 0x77697265_0004
WATCHING = 0x77697265_0005


def take(db: Connection, key: int) -> None:
    """Wait until no other transaction holds `key`; on SQLite the write lock has seen to that."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def share(db: Connection, key: int) -> None:
    """Hold `key` together with others who share it, so that `take` waits for all of them."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": key})
