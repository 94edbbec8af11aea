"""Topics and channels follow their files, and every worker notices."""

from datetime import timedelta

import pytest

from tests.store.making import NOW, at_once, channel, rows, sync, topic
from worker import store
from worker.store import Database


def test_channels_are_added_changed_and_dropped(database: Database) -> None:
    def apply(*names: str, **options: str) -> dict[str, int]:
        specs = [channel(name, **options) for name in names]
        return database.write(lambda c: store.sync_channels(c, specs, NOW))

    assert apply("desk", "night") == {"added": 2, "changed": 0, "dropped": 0}
    assert apply("desk", "night") == {"added": 0, "changed": 0, "dropped": 0}
    assert apply("desk", secret="${DESK}") == {"added": 0, "changed": 1, "dropped": 1}
    assert apply("desk", "night", secret="${DESK}")["changed"] == 1  # night is back
    found = database.read(lambda c: store.find_channel(c, "desk"))
    assert found is not None
    assert found["config"]["secret"] == "${DESK}"
    assert database.read(lambda c: store.find_channel(c, "nobody")) is None


def test_a_channel_that_stopped_opens_again_only_when_its_entry_changes(
    database: Database,
) -> None:
    sync(database, [], [channel()])
    stop = (
        store.ALERTS.table.metadata.tables["channel"].update().values(stopped=True, reason="gone")
    )
    database.write(lambda c: c.execute(stop))
    sync(database, [], [channel()])
    assert rows(database, "SELECT stopped, reason FROM channel") == [(True, "gone")]
    sync(database, [], [channel(url="https://desk.example/new")])
    assert rows(database, "SELECT stopped, reason FROM channel") == [(False, None)]


def test_topics_know_their_channels(database: Database) -> None:
    sync(database, [topic("ports"), topic("quiet", channels=())], [channel()])
    ports, quiet = database.read(store.enabled_topics)
    assert (ports.spec.name, ports.spec.channels) == ("ports", ("desk",))
    assert len(ports.channel_ids) == 1
    assert (quiet.spec.channels, quiet.channel_ids) == ((), ())


def test_a_topic_that_left_the_file_matches_no_longer_and_keeps_its_id(
    database: Database,
) -> None:
    sync(database, [topic("ports"), topic("ships")], [channel()])
    before = {row.spec.name: row.id for row in database.read(store.enabled_topics)}
    sync(database, [topic("ports")], [channel()])
    assert [row.spec.name for row in database.read(store.enabled_topics)] == ["ports"]
    assert [row["name"] for row in database.read(store.list_topics)] == ["ports"]
    sync(database, [topic("ports"), topic("ships")], [channel()])
    assert {row.spec.name: row.id for row in database.read(store.enabled_topics)} == before


@pytest.mark.parametrize("later_s", [10, 0, -3_600], ids=["later", "same time", "lagging clock"])
def test_any_change_of_a_topic_changes_the_version(database: Database, later_s: int) -> None:
    specs = [topic("ports"), topic("ships")]
    sync(database, specs, [channel()])
    before = database.read(store.topics_version)
    sync(database, specs, [channel()])
    assert database.read(store.topics_version) == before
    changed = [topic("ports", query="harbour"), topic("ships")]
    at = NOW + timedelta(seconds=later_s)
    database.write(lambda c: store.sync_topics(c, changed, at))
    assert database.read(store.topics_version) != before


def test_processes_that_configure_at_once_do_it_once(database: Database) -> None:
    specs = [topic("ports"), topic("ships")]
    at_once(lambda _number: sync(database, specs, [channel()]), range(4))
    assert len(database.read(store.enabled_topics)) == 2
