"""Servers and databases for every test that asks. Nothing is skipped for the lack of one."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
import redis

from tests.servers import Postgres, PostgresServer, RedisServer, ServerError
from tests.site import Site
from worker.store import Database, upgrade

S = TypeVar("S", PostgresServer, RedisServer)
BOTH = ("sqlite", "postgres")


def _started(make: Callable[[], S]) -> S:
    try:
        server = make()
        server.start()
    except ServerError as error:
        pytest.fail(str(error), pytrace=False)
    return server


# ---- Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The Postgres that tests share: TEST_DATABASE_URL, or one of our own (TEST_POSTGRES)."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Postgres(given)
        return
    server = _started(lambda: PostgresServer(os.environ.get("TEST_POSTGRES", "any")))
    yield server
    server.close()


@pytest.fixture(scope="session")
def _postgres_template(postgres: Postgres) -> Iterator[str]:
    name = f"migrated_{os.getpid()}"
    url = postgres.create_database(name)
    _migrate(url)
    yield name
    postgres.drop_database(url)


def _migrate(url: str) -> None:
    database = Database(url, patience_s=10)
    upgrade(database)
    database.close()


@pytest.fixture
def postgres_url(postgres: Postgres, _postgres_template: str) -> Iterator[str]:
    """A fresh database with all tables, empty."""
    url = postgres.create_database(template=_postgres_template)
    yield url
    postgres.drop_database(url)


@pytest.fixture
def bare_postgres_url(postgres: Postgres) -> Iterator[str]:
    """A fresh database without tables."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def postgres_server() -> Iterator[PostgresServer]:
    """A Postgres for this test alone, to kill and start again."""
    server = _started(lambda: PostgresServer(os.environ.get("TEST_POSTGRES", "any")))
    yield server
    server.close()


# ---- SQLite


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh file with all tables, empty."""
    shutil.copy(_sqlite_template, tmp_path / "wirewatch.db")
    return f"sqlite:///{tmp_path / 'wirewatch.db'}"


@pytest.fixture
def bare_sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'bare.db'}"


# ---- both


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty store with all tables, once on SQLite and once on Postgres."""
    yield from _open(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=BOTH)
def bare_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A store without tables, once on SQLite and once on Postgres."""
    yield from _open(request.getfixturevalue(f"bare_{request.param}_url"))


def _open(url: str) -> Iterator[Database]:
    database = Database(url, patience_s=20)
    yield database
    database.close()


# ---- Redis


@pytest.fixture(scope="session")
def _redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield lambda: given
        return
    server = _started(lambda: RedisServer(None, tmp_path_factory.mktemp("redis")))
    number = itertools.count()
    yield lambda: server.url_of(next(number))
    server.stop()


@pytest.fixture
def redis_url(_redis: Callable[[], str]) -> str:
    """An empty numbered database of the Redis that tests share: TEST_REDIS_URL, or our own."""
    url = _redis()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for this test alone, to kill and start again."""
    server = _started(lambda: RedisServer(None, tmp_path / "redis"))
    yield server
    server.kill()


# ---- a site on loopback


@pytest.fixture
def site() -> Iterator[Site]:
    """A web site that answers as the test tells it to."""
    site = Site()
    site.start()
    yield site
    site.stop()
