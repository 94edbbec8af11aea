"""A fleet over a real Postgres and Redis, and a look into its store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Fleet
from tests.servers import RedisServer
from worker.store import Database


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for this test alone, to kill and start again."""
    server = RedisServer(None, tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def fleet(postgres_url: str, redis_server: RedisServer, tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(postgres_url, redis_server.url, tmp_path)
    yield fleet
    fleet.close()


@pytest.fixture
def db(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url, patience_s=20)
    yield database
    database.close()
