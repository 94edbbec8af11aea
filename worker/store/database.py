"""One engine per process, transactions that outlive a lost database, and its clock.

SQLite runs in WAL mode and takes its write lock at BEGIN, so that a claim is never upgraded from a
read (which SQLite would refuse at once, busy timeout or not). Every unit of work is a function of
a connection and may run again: when the connection is lost in the middle, nobody can know whether
the commit arrived, so units are written to be harmless when repeated.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError
from sqlalchemy.exc import OperationalError as SqlOperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import functions
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from worker.errors import SetupError, StoreRefusedError, StoreUnavailableError
from worker.models import UtcDateTime

T = TypeVar("T")
_SQLITE_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
log = structlog.get_logger(__name__)


class clock(functions.FunctionElement[Any]):  # noqa: N801 (reads as the SQL function it is)
    """The database's own time: leases must not trust workers' clocks."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(clock, "postgresql")
def _clock_postgresql(element: clock, compiler: Any, **kw: Any) -> str:
    # clock_timestamp, not now(): a transaction may have waited for a lock since it began.
    return "clock_timestamp()"


@compiles(clock, "sqlite")
def _clock_sqlite(element: clock, compiler: Any, **kw: Any) -> str:
    # The very format in which SQLAlchemy stores datetimes, so that text compares as time.
    return "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"


def as_text(at: datetime, dialect: str) -> str:
    """A time in the very words in which SQLite keeps it, or as Postgres reads it."""
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return f"{utc}+00" if dialect == "postgresql" else utc


class Database:
    """The store's door: `write` and `read` run a unit of work, again if the database was away."""

    def __init__(self, url: str, *, patience_s: float = 60) -> None:
        self.engine = _engine(url)
        self.patience_s = patience_s
        self.url = self.engine.url.render_as_string(hide_password=True)

    def write(self, unit: Callable[[Connection], T]) -> T:
        """Run `unit` in one transaction and commit it.

        Raises StoreUnavailableError once the database has been away for `patience_s` seconds, and
        StoreRefusedError at once for what it will never take.
        """
        return self._again(lambda: self._transact(unit, {"sqlite_begin": "BEGIN IMMEDIATE"}))

    def read(self, unit: Callable[[Connection], T]) -> T:
        """Like `write`, without taking a write lock."""
        return self._again(lambda: self._transact(unit, {"sqlite_begin": "BEGIN"}))

    def _transact(self, unit: Callable[[Connection], T], options: dict[str, str]) -> T:
        with (
            self.engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            return unit(connection)

    def _again(self, run: Callable[[], T]) -> T:
        retrying = Retrying(
            retry=retry_if_exception(_is_passing),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            stop=stop_after_delay(self.patience_s),
            before_sleep=self._say_once,
            reraise=True,
        )
        try:
            return retrying(run)
        except DBAPIError as error:
            if not _is_passing(error):
                raise StoreRefusedError(f"{self.url}: {_first_line(error)}") from error
            raise StoreUnavailableError(
                f"{self.url}: no answer for {self.patience_s:.0f} s ({_first_line(error)}). "
                "Start the database, or set WIREWATCH_DATABASE_URL to one that runs."
            ) from error

    def _say_once(self, state: RetryCallState) -> None:
        if state.attempt_number == 3 and state.outcome is not None:
            error = state.outcome.exception()
            log.warning("store.away", url=self.url, error=_first_line(error))

    def close(self) -> None:
        self.engine.dispose()


def _first_line(error: BaseException | None) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().split("\n")[0]


def _is_passing(error: BaseException) -> bool:
    """Whether the same work may succeed a moment later: a lost, locked or restarting database."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # The low byte is the kind of error, the rest its details.
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    if error.connection_invalidated or isinstance(error, InterfaceError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        # 08 connection, 53 resources, 57P restart, 40 serialisation or deadlock.
        return str(state).startswith(("08", "53", "57P", "40"))
    return isinstance(error, SqlOperationalError)  # no answer, and so no state


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
        if kind == "sqlite":
            return _sqlite_engine(parsed)
        if kind != "postgresql":
            raise ArgumentError(f"{kind} is not supported")
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=16,
            connect_args={"connect_timeout": 5, "application_name": "wirewatch"},
        )
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise SetupError(
            f"WIREWATCH_DATABASE_URL: {error}. "
            "Write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."
        ) from None


def _sqlite_engine(url: URL) -> Engine:
    path = url.database
    if not path or path == ":memory:":
        raise SetupError("WIREWATCH_DATABASE_URL: SQLite needs a file: sqlite:///var/wirewatch.db")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"WIREWATCH_DATABASE_URL: cannot make the folder of {path} ({error.strerror})."
        ) from None
    engine = create_engine(
        url.set(drivername="sqlite"), connect_args={"timeout": 15, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not BEGIN by itself
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))

    return engine


def folder_of(url: str) -> Path:
    """The folder that a SQLite database is in; the working folder for any other database."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return Path(parsed.database).resolve().parent
    return Path.cwd()


def database_time(db: Connection) -> datetime:
    """What time the database has."""
    return cast(datetime, db.execute(_TIME).scalar_one())


_TIME = select(clock())
