"""The topics at work: compiled anew with every change, and never keeping the others waiting."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.waiting import wait_until
from worker import store
from worker.records import TopicSpec
from worker.store import Database
from worker.tools import TopicCache

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def sync(db: Database, *specs: TopicSpec) -> None:
    db.write(lambda connection: store.sync_topics(connection, specs, NOW))


def many(query: str, count: int = 2_500) -> Iterator[TopicSpec]:
    return (TopicSpec(f"t{n}", "T", f"{query} AND word{n}") for n in range(count))


@pytest.fixture
def store_of_topics(sqlite_url: str) -> Iterator[Database]:
    db = Database(sqlite_url, patience_s=5)
    yield db
    db.close()


def found(cache: TopicCache, text: str) -> set[str]:
    return {cache.current.topics[m.topic_id].spec.name for m in cache.current.match("", text)}


def test_a_change_of_few_topics_is_at_work_with_the_next_claim(store_of_topics: Database) -> None:
    cache, db = TopicCache(), store_of_topics
    sync(db, TopicSpec("a", "A", "syria"), TopicSpec("b", "B", "iran"))
    assert db.read(cache.refresh)
    assert found(cache, "syria and iran") == {"a", "b"}
    sync(db, TopicSpec("a", "A", "truce"))
    assert db.read(cache.refresh)
    assert found(cache, "syria and iran") == set()
    assert found(cache, "a truce") == {"a"}


def test_many_topics_are_compiled_beside_the_work(store_of_topics: Database) -> None:
    cache, db = TopicCache(), store_of_topics
    sync(db, *many("syria"))
    assert not db.read(cache.refresh)  # nothing is judged by no topics
    wait_until(lambda: db.read(cache.refresh), what="the topics were compiled")
    assert found(cache, "syria word7") == {"t7"}
    sync(db, *many("iran"))
    assert db.read(cache.refresh)
    wait_until(lambda: found(cache, "iran word7"), what="the changed topics were compiled")
    assert found(cache, "syria word7") == set()


def test_few_changes_among_many_topics_are_at_work_at_once(store_of_topics: Database) -> None:
    cache, db = TopicCache(), store_of_topics
    sync(db, *many("syria"))
    wait_until(lambda: db.read(cache.refresh), what="the topics were compiled")
    sync(db, *list(many("syria"))[:-1], TopicSpec("t2499", "T", "truce"))
    assert db.read(cache.refresh)
    assert found(cache, "truce") == {"t2499"}
