"""Migrations and models must agree, and migrating must be safe for whoever comes first."""

import logging
import multiprocessing
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

import worker
from worker.errors import SetupError
from worker.store import Database, pending, upgrade
from worker.store.migrate import _config

REPOSITORY = Path(worker.__file__).parent.parent


def _newest() -> str:
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def _differences(db: Connection) -> list[Any]:
    context = MigrationContext.configure(db, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))


def _partial_indexes(db: Connection) -> dict[str, str]:
    found = {}
    for table in inspect(db).get_table_names():
        for index in inspect(db).get_indexes(table):
            where = index.get("dialect_options", {}).get(f"{db.dialect.name}_where")
            if where is not None:
                found[str(index["name"])] = str(where).strip("()").lower()
    return found


def test_models_and_migrations_agree(bare_database: Database) -> None:
    upgrade(bare_database)
    assert bare_database.read(_differences) == []


def test_the_queues_are_found_by_partial_indexes(bare_database: Database) -> None:
    # Alembic compares the columns of an index, and not its WHERE.
    upgrade(bare_database)
    assert bare_database.read(_partial_indexes) == {
        f"ix_{table}_due": "due_at is not null" for table in ("feed", "article", "alert")
    } | {f"ix_{table}_held": "leased_until is not null" for table in ("feed", "article")} | {
        "ix_article_waiting": "due_at is not null",
        "ix_host_paused_until": "paused_until is not null",
        "ix_host_page_free_at": "page_free_at is not null",
    }


def test_the_second_upgrade_finds_nothing_to_do(bare_database: Database) -> None:
    assert pending(bare_database)
    assert upgrade(bare_database) == (None, _newest())
    assert not pending(bare_database)
    assert upgrade(bare_database) == (_newest(), _newest())


def test_threads_that_upgrade_at_once_migrate_once(bare_database: Database) -> None:
    start = threading.Barrier(4)

    def one(_number: int) -> tuple[str | None, str]:
        start.wait(10)
        return upgrade(bare_database)

    with ThreadPoolExecutor(4) as pool:
        befores = [before for before, _after in pool.map(one, range(4))]
    assert sorted(befores, key=str) == sorted([None, *[_newest()] * 3], key=str)


def _upgrade_in_a_process(url: str) -> str | None:
    database = Database(url, patience_s=20)
    before, _after = upgrade(database)
    database.close()
    return before


def test_processes_that_upgrade_at_once_migrate_once(bare_database: Database) -> None:
    url = bare_database.engine.url.render_as_string(hide_password=False)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        befores = pool.map(_upgrade_in_a_process, [url] * 4, chunksize=1)
    assert befores.count(None) == 1
    assert not pending(bare_database)


def test_down_to_nothing_and_up_again(bare_database: Database) -> None:
    upgrade(bare_database)
    bare_database.write(lambda db: command.downgrade(_config(db), "base"))
    assert bare_database.read(lambda db: inspect(db).get_table_names()) == ["alembic_version"]
    assert pending(bare_database)
    upgrade(bare_database)
    assert bare_database.read(_differences) == []


def test_a_migration_that_fails_leaves_nothing_behind(bare_database: Database) -> None:
    bare_database.write(lambda db: db.execute(text("CREATE TABLE sighting (id INTEGER)")))
    with pytest.raises(Exception, match=r"sighting.*already exists"):
        upgrade(bare_database)
    assert bare_database.read(lambda db: inspect(db).get_table_names()) == ["sighting"]


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    database.write(lambda db: db.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert pending(database)
    with pytest.raises(SetupError, match=r"9999.*newer"):
        upgrade(database)


def test_migrating_leaves_logging_alone(bare_database: Database) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("worker").disabled)
    upgrade(bare_database)
    assert (root.level, list(root.handlers), logging.getLogger("worker").disabled) == before


def test_the_scripts_are_found_from_copied_folders(tmp_path: Path, bare_sqlite_url: str) -> None:
    # As in an image: the two folders side by side, another working directory.
    app = tmp_path / "app 100%"
    for folder in ("worker", "migrations"):
        (app / folder).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", REPOSITORY / folder, app / folder], check=True)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import worker; from worker.store import Database, upgrade\n"
        "print(worker.__file__, *upgrade(Database(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, app, bare_sqlite_url],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == f"{app}/worker/__init__.py None {_newest()}"
