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
from worker import store
from worker.errors import SetupError
from worker.hosts import Manners
from worker.records import FeedMemory
from worker.store import Database, pending, upgrade
from worker.store.migrate import _config

REPOSITORY = Path(worker.__file__).parent.parent


def _newest() -> str:
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def _differences(db: Connection) -> list[Any]:
    context = MigrationContext.configure(db, opts={"compare_type": True})
    found = compare_metadata(context, SQLModel.metadata)
    # the words to search by are kept as each database keeps such: no model describes them
    return [one for one in found if "article_words" not in repr(one)]


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
        f"ix_{table}_due": "due_at is not null"
        for table in ("feed", "article", "alert", "push", "push_body", "push_end")
    } | {
        f"ix_{table}_held": "leased_until is not null" for table in ("feed", "article", "alert")
    } | {
        "ix_article_waiting": "due_at is not null",
        "ix_alert_waiting": "due_at is not null",
        "ix_alert_fold": "fold_at is not null",
        "ix_alert_dead": "dead_at is not null",
        "ix_host_paused_until": "paused_until is not null",
        "ix_host_page_free_at": "page_free_at is not null",
        "ix_host_poll_free_at": "poll_free_at is not null",
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


# ---- rows of the first version

AT = "2026-01-05 10:00:00.000000"
ROWS: dict[str, list[dict[str, object]]] = {
    "feed": [
        {
            "id": 1, "url": "https://News.example:8443/rss", "title": "News", "category": "",
            "source": "file", "enabled": True, "stopped": False, "etag": '"1"', "body_hash": "aa",
            "failures": 2, "detail": "", "polls": 7, "added_at": AT, "changed_at": AT,
            "polled_at": AT, "due_at": AT, "attempts": 0,
        },
        {
            "id": 2, "url": "http://[broken", "title": "", "category": "", "source": "command",
            "enabled": False, "stopped": True, "failures": 0, "detail": "", "polls": 0,
            "added_at": AT, "attempts": 0,
        },
    ],
    "story": [
        {"id": 1, "title": "Talks", "article_count": 2, "first_seen_at": AT, "last_seen_at": AT}
    ],
    "topic": [
        {"id": 1, "name": "t", "title": "T", "query": "talks", "channels": "[1]", "enabled": True,
         "updated_at": AT}
    ],
    "channel": [
        {"id": 1, "name": "c", "kind": "log", "config": "{}", "enabled": True, "stopped": False,
         "detail": "", "updated_at": AT}
    ],
    "article": [
        {
            "id": 1, "url": "https://news.example/1", "link": "https://www.news.example/1",
            "title": "Talks", "html": "<p>Talks</p>", "text": "All of the talks", "authors": "[]",
            "published_at": AT, "published_known": True, "first_seen_at": AT, "stored_at": AT,
            "fetched_at": AT, "story_id": 1, "joined_by": "first", "page_tries": 1, "detail": "",
            "attempts": 0,
        },
        {
            "id": 2, "url": "urn:wirewatch:ab", "title": "Linkless", "html": "", "authors": "[]",
            "published_at": AT, "published_known": False, "first_seen_at": AT, "story_id": 1,
            "joined_by": "same-text", "page_tries": 0, "detail": "", "attempts": 0, "due_at": AT,
        },
    ],
    "sighting": [
        {"id": 1, "feed_id": 1, "article_id": 1, "guid": "g1", "seen_at": AT},
        {"id": 2, "feed_id": 2, "article_id": 1, "guid": "g1", "seen_at": AT},
        {"id": 3, "feed_id": 2, "article_id": 2, "guid": "g2", "seen_at": AT},
    ],
    "topic_match": [
        {"id": 1, "article_id": 1, "topic_id": 1, "evidence": "[]", "matched_at": AT}
    ],
    "alert": [
        {"id": 1, "topic_id": 1, "story_id": 1, "channel_id": 1, "article_id": 1,
         "webhook_id": "msg_1", "body": "{}", "created_at": AT, "detail": "", "attempts": 1,
         "delivered_at": AT}
    ],
    "delivery_attempt": [
        {"id": 1, "alert_id": 1, "at": AT, "accepted": True, "status": 200, "detail": "",
         "duration_ms": 3}
    ],
}  # fmt: skip
_JSON = {"channels", "config", "authors", "evidence"}


def _fill(db: Connection) -> None:
    postgres = db.dialect.name == "postgresql"

    def kind(name: str) -> str:
        return "jsonb" if name in _JSON else "timestamptz" if name.endswith("at") else ""

    for table, rows in ROWS.items():
        for row in rows:
            casts = [
                f"CAST(:{name} AS {kind(name)})" if postgres and kind(name) else f":{name}"
                for name in row
            ]
            insert = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(casts)})"
            db.execute(
                text(insert), {n: f"{v}+00" if v == AT and postgres else v for n, v in row.items()}
            )


@pytest.fixture
def filled_database(bare_database: Database) -> Database:
    """A database of the first version, with rows in every table."""
    bare_database.write(lambda db: command.upgrade(_config(db), "0001"))
    assert set(ROWS) == set(bare_database.read(lambda db: inspect(db).get_table_names())) - {
        "alembic_version"
    }
    bare_database.write(_fill)
    return bare_database


def _rows(database: Database, query: str) -> list[tuple[object, ...]]:
    return database.read(lambda db: [tuple(row) for row in db.execute(text(query))])


def _counts(database: Database) -> dict[str, int]:
    return {table: len(_rows(database, f"SELECT id FROM {table}")) for table in ROWS}


def test_rows_of_the_first_version_get_what_later_ones_know_of_them(
    filled_database: Database,
) -> None:
    before = _counts(filled_database)
    upgrade(filled_database)
    assert _counts(filled_database) == before
    assert filled_database.read(_differences) == []
    hosts = "SELECT host FROM feed ORDER BY id"
    assert _rows(filled_database, hosts) == [("news.example:8443",), ("",)]
    articles = "SELECT host, feed_id, feed_title FROM article ORDER BY id"
    assert _rows(filled_database, articles) == [
        ("www.news.example", 1, "Talks"),
        (None, 2, "Linkless"),
    ]
    versions = "SELECT title_version, changes FROM sighting WHERE changed_at = seen_at"
    assert _rows(filled_database, versions) == [(None, 0)] * 3


def test_work_goes_on_with_rows_of_the_first_version(filled_database: Database) -> None:
    upgrade(filled_database)
    manners = Manners(2, 0, 0, 30, 3_600)
    (feed,) = filled_database.write(lambda db: store.claim_feeds(db, 9, 60, manners))
    assert (feed.memory, feed.failures) == (FeedMemory(etag='"1"', body_hash="aa"), 2)
    known = filled_database.read(lambda db: store.known_of(db, 1, ["g1"], []))
    assert known.entries["g1"].title_version is None
    (article,) = filled_database.write(lambda db: store.claim_articles(db, 9, 60, manners, 10))
    assert (article.title, article.story_id, article.stored) == ("Linkless", 1, None)


def test_the_first_version_can_be_gone_back_to_and_left_again(filled_database: Database) -> None:
    before = _counts(filled_database)
    upgrade(filled_database)
    filled_database.write(lambda db: command.downgrade(_config(db), "0001"))
    assert _counts(filled_database) == before
    assert "feed_alias" not in filled_database.read(lambda db: inspect(db).get_table_names())
    upgrade(filled_database)
    assert _counts(filled_database) == before
    assert filled_database.read(_differences) == []
    assert _rows(filled_database, "SELECT feed_id FROM article ORDER BY id") == [(1,), (2,)]


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
