"""Bring a database's tables to what this version of the code expects."""

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

import worker
from worker.errors import SetupError
from worker.store import _lock
from worker.store.database import Database

# Beside the package, both in a checkout and in an image that copies the two folders.
_SCRIPTS = Path(worker.__file__).parent.parent / "migrations"

# Alembic keeps the migration that runs in module globals: one thread at a time.
_one_thread = threading.Lock()


def upgrade(db: Database) -> tuple[str | None, str]:
    """Migrate to the newest revision; returns the revisions before and after.

    Any number of processes may call it at once: one migrates, the others wait and find it done.
    All of it is one transaction. Raises SetupError where a newer version migrated this database.
    """

    def unit(connection: Connection) -> tuple[str | None, str]:
        _lock.take(connection, _lock.MIGRATING)
        before, newest = _revision(connection), _newest()
        if before != newest:
            command.upgrade(_config(connection), newest)
        return before, newest

    try:
        with _one_thread:
            return db.write(unit)
    except CommandError as error:
        raise SetupError(
            f"{db.url}: its tables are not those of this version ({error}). Run the version of "
            "wirewatch that migrated it last, or a newer one."
        ) from error


def pending(db: Database) -> bool:
    """Whether the database's tables are not those that this version expects."""
    return db.read(_revision) != _newest()


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest() -> str:
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise SetupError(f"There are no migrations in {_SCRIPTS}. Install wirewatch whole.")
    return newest


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    # Config reads its options with configparser, to which % is special.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
