"""A real Postgres for tests, with a fresh database for each that asks."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow
from sqlalchemy import make_url

from tests.servers import _postgres_programs, _process
from tests.servers._process import ServerError

PASSWORD = "not-to-be-shown"
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # A killed process loses nothing by these; only a machine that loses power would.
    "fsync": "off",
    "full_page_writes": "off",
}


class Postgres:
    """A Postgres that runs, whoever started it."""

    _count = itertools.count(1)

    def __init__(self, admin_url: str) -> None:
        """`admin_url` leads to any database, with a user who may create others."""
        self._admin = make_url(admin_url).set(drivername="postgresql")

    def url(self, dbname: str) -> str:
        return self._admin.set(database=dbname).render_as_string(hide_password=False)

    def create_database(self, name: str | None = None, *, template: str = "template0") -> str:
        """Make a database as a copy of `template`, in which nobody may be connected.

        Returns its URL. Names carry the process id: two runs may share one server.
        """
        name = name or f"test_{os.getpid()}_{next(self._count)}"
        # Since 15 a database is copied through the log by default, ten times as slow here.
        copying: LiteralString = " STRATEGY FILE_COPY" if self._version() >= 150_000 else ""
        self._run("CREATE DATABASE {} TEMPLATE {}" + copying, name, template)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database, whoever is connected still."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", str(make_url(url).database))

    def _run(self, statement: LiteralString, *names: str) -> None:
        with self._connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _version(self) -> int:
        with self._connect() as connection:
            return connection.info.server_version

    def _connect(self) -> "psycopg.Connection[TupleRow]":
        admin = self._admin.render_as_string(hide_password=False)
        return psycopg.connect(admin, autocommit=True)


class PostgresServer(Postgres):
    """One Postgres of our own, which may be killed and started again on the same port."""

    def __init__(self, which: str = "any") -> None:
        """`which` programs to use: any, path or wheel. Raises ServerError."""
        # Not in pytest's folder: the user that runs Postgres may not enter it.
        self.directory = Path(tempfile.mkdtemp(prefix="wirewatch-postgres-"))
        self._user, self._group = _postgres_programs.unprivileged()
        if self._user is not None:
            os.chown(self.directory, self._user, -1)
        self.programs = _postgres_programs.find_programs(which, self.directory)
        self._process: subprocess.Popen[bytes] | None = None
        self._fixed_port = False
        self._move_to(_process.free_port())

    def _move_to(self, port: int) -> None:
        self.port = port
        super().__init__(f"postgresql://wirewatch:{PASSWORD}@127.0.0.1:{port}/postgres")

    def start(self) -> None:
        """Start, after `initdb` at first, and return once it answers; raises ServerError."""
        if not (self.directory / "data").exists():
            self._init()
        for tries_left in (2, 1, 0):
            try:
                self._start()
            except ServerError:
                # Somebody took the free port first. Once clients know it, it must not change.
                if self._fixed_port or not tries_left:
                    raise
                self._move_to(_process.free_port())
            else:
                self._fixed_port = True
                return

    def _init(self) -> None:
        log = self.directory / "initdb.log"
        command: list[str | Path] = [
            self.programs / "initdb", "--pgdata", self.directory / "data", "--username",
            "wirewatch", "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync",
        ]  # fmt: skip
        process = _process.spawn(command, log, user=self._user, group=self._group)
        if process.wait() != 0:
            raise ServerError(f"initdb failed. It said:\n{log.read_text(errors='replace')}")

    def _start(self) -> None:
        log = self.directory / "postgres.log"
        command: list[str | Path] = [
            self.programs / "postgres", "-D", self.directory / "data", "-p", str(self.port),
        ]  # fmt: skip
        for name, value in _OPTIONS.items():
            command += ["-c", f"{name}={value}"]
        self._process = process = _process.spawn(
            command, log, user=self._user, group=self._group, last_signal=signal.SIGQUIT
        )
        _process.await_ready(process, self._answers, log, f"Postgres on port {self.port}")

    def _answers(self) -> bool:
        # Whoever answers must be ours: another run of the tests may have won the port.
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5) as connection:
                row = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and Path(row[0]) == self.directory / "data"

    def kill(self) -> None:
        """SIGKILL to every process of it: gone without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """A fast shutdown: open transactions are rolled back, clients are told."""
        self._end(signal.SIGINT)

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is not None:
            _process.stop(self._process, with_signal)
            self._process = None

    def close(self) -> None:
        """Stop for good and leave nothing behind."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)
