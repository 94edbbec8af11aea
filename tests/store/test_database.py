"""A database that goes away, is busy, or was never there."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Connection, text

from tests.servers import PostgresServer
from tests.servers.postgres import PASSWORD
from tests.store.making import NOW, add_feeds, claim_feed, count, rows, visit
from tests.waiting import wait_until
from worker import store
from worker.errors import SetupError, StoreRefusedError, StoreUnavailableError
from worker.records import FeedSpec
from worker.store import Database, upgrade


@contextmanager
def _opened(url: str, patience_s: float) -> Iterator[Database]:
    database = Database(url, patience_s=patience_s)
    yield database
    database.close()


def _add(number: int, db: Database) -> None:
    # Harmless when repeated, as every unit of work must be.
    spec = FeedSpec(f"https://feed{number}.example/rss")
    db.write(lambda c: store.sync_feeds(c, [spec], NOW))


# ---- Postgres gone


def test_work_goes_on_once_a_killed_database_is_back(postgres_server: PostgresServer) -> None:
    with _opened(postgres_server.create_database(), patience_s=30) as database:
        upgrade(database)
        add_feeds(database)
        claim = claim_feed(database)
        postgres_server.kill()
        with ThreadPoolExecutor(1) as pool, structlog.testing.capture_logs() as logs:
            settling = pool.submit(
                lambda: database.write(
                    lambda c: store.settle_visits(c, [visit(claim, ["https://a.example/1"])])
                )
            )
            wait_until(lambda: logs, what="the lost database is logged")
            assert not settling.done()
            postgres_server.start()
            assert len(settling.result(30)) == 1
        assert count(database, "sighting") == 1
    assert [line["event"] for line in logs] == ["store.away"]
    assert PASSWORD not in str(logs)


def test_a_kill_in_the_middle_of_a_transaction_leaves_all_of_it_or_nothing(
    postgres_server: PostgresServer,
) -> None:
    tries: list[int] = []

    def unit(c: Connection) -> None:
        tries.append(1)
        store.add_feed(c, FeedSpec("https://a.example/"), NOW)
        if len(tries) == 1:
            postgres_server.kill()
            postgres_server.start()
        store.add_feed(c, FeedSpec("https://b.example/"), NOW)

    with _opened(postgres_server.create_database(), patience_s=30) as database:
        upgrade(database)
        database.write(unit)
        assert len(tries) == 2
        assert count(database, "feed") == 2


def test_an_orderly_restart_is_waited_for(postgres_server: PostgresServer) -> None:
    with _opened(postgres_server.create_database(), patience_s=30) as database:
        upgrade(database)
        postgres_server.stop()
        with ThreadPoolExecutor(1) as pool:
            adding = pool.submit(_add, 1, database)
            postgres_server.start()
            adding.result(30)
        assert count(database, "feed") == 1


def test_patience_ends_with_the_url_and_without_the_password(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.create_database("gone")
    postgres_server.kill()
    with (
        _opened(url, patience_s=0.3) as database,
        pytest.raises(StoreUnavailableError) as caught,
    ):
        _add(1, database)
    said = str(caught.value)
    assert f"wirewatch:***@127.0.0.1:{postgres_server.port}/gone" in said
    assert "WIREWATCH_DATABASE_URL" in said
    assert PASSWORD not in said


def test_a_socket_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        _opened(f"postgresql://u@/db?host={tmp_path}", patience_s=0.5) as database,
        pytest.raises(StoreUnavailableError),
    ):
        _add(1, database)
    assert time.monotonic() - started > 0.3


# ---- SQLite busy


def test_a_file_locked_by_another_program_is_waited_for(sqlite_url: str) -> None:
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        path = sqlite_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            locked.set()
            release.wait(10)
            other.execute("COMMIT")

    with _opened(sqlite_url, patience_s=20) as database, ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert locked.wait(10)
        adding = pool.submit(_add, 1, database)
        assert count(database, "feed") == 0  # readers do not wait for writers
        assert not adding.done()
        release.set()
        adding.result(10)
        holding.result(10)
        assert count(database, "feed") == 1


def test_a_unit_that_raises_leaves_nothing(database: Database) -> None:
    def unit(c: Connection) -> None:
        store.sync_feeds(c, [FeedSpec("https://a.example/")], NOW)
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        database.write(unit)
    assert count(database, "feed") == 0


# ---- never going to work


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM nowhere",
        "SELEKT 1",
        "CREATE TABLE feed (id INTEGER)",
        "INSERT INTO story (title) VALUES ('no times')",
        "INSERT INTO sighting (feed_id, article_id, guid, seen_at) VALUES (1, 1, '', '2026-01-01')",
    ],
)
def test_what_a_database_will_never_take_is_refused_at_once(
    database: Database, statement: str
) -> None:
    started = time.monotonic()
    with pytest.raises(StoreRefusedError) as caught:
        database.write(lambda c: c.execute(text(statement)))
    assert time.monotonic() - started < 5
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:not-to-be-shown@host/db",
        "nonsense",
        "",
        "oracle+cx://u:not-to-be-shown@host/db",
        "postgresql://u:not-to-be-shown@host:port/db",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_a_wrong_url_says_what_to_write(url: str) -> None:
    with pytest.raises(SetupError, match=r"WIREWATCH_DATABASE_URL.*sqlite:///") as caught:
        Database(url)
    assert PASSWORD not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SetupError, match=r"cannot make the folder of .*wirewatch\.db"):
        Database(f"sqlite:///{tmp_path / 'file' / 'deeper' / 'wirewatch.db'}")


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    with _opened(f"sqlite:///{tmp_path / 'var' / 'lib' / 'wirewatch.db'}", 5) as database:
        upgrade(database)
        assert rows(database, "SELECT count(*) FROM feed") == [(0,)]


def test_any_spelling_of_a_postgres_url_is_understood(postgres_url: str) -> None:
    for scheme in ("postgresql", "postgresql+psycopg", "postgresql+asyncpg"):
        with _opened(postgres_url.replace("postgresql", scheme, 1), 5) as database:
            assert count(database, "feed") == 0
