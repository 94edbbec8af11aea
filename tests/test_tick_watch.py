"""Where no tick is executed at all, operators are told all the same."""

import json
import threading

import pytest

from tests.pipeline.conftest import SECRET, settings_for
from tests.site import Site
from tests.waiting import wait_until
from worker import ops, pipeline, runtime, store
from worker.records import ChannelSpec
from worker.settings import Settings
from worker.store import Database
from worker.tick_watch import TickWatch
from worker.tools import Pulse
from worker.watchdog import EXIT_DEAF, Watchdog


@pytest.fixture
def knobs(database: Database, site: Site) -> Settings:
    """Settings of a store with a channel for operators, on both databases."""
    hook = {"url": site.put("/hook"), "secret": SECRET}
    channel = ChannelSpec(store.OPS_CHANNEL, "webhook", hook)
    database.write(lambda db: store.sync_channels(db, [channel], runtime.clock()))
    return settings_for(database.engine.url.render_as_string(hide_password=False), ops_tick_s=0.4)


def test_that_no_tick_is_executed_is_told_once_and_sent_without_one(
    knobs: Settings, database: Database, site: Site
) -> None:
    watch = TickWatch(knobs)
    assert not watch.look(alive_s=0.3), "it has not watched for long enough to tell"
    assert watch.look(alive_s=5, tell=False), "a machine that slept will execute one at once"
    assert database.read(store.notices) == {}
    assert watch.look(alive_s=5)
    assert watch.look(alive_s=10)
    (received,) = [one for one in site.requests if one.path == "/hook"]
    assert json.loads(received.body)["matter"] == "no-tick"
    assert "no-tick" in database.read(store.notices)


def test_a_tick_that_is_executed_is_seen_and_the_next_upkeep_settles_the_matter(
    knobs: Settings, database: Database
) -> None:
    knobs = knobs.model_copy(update={"ops_tick_s": 60})
    watch = TickWatch(knobs)
    assert watch.look(alive_s=61)
    tools = runtime.build(knobs, Pulse())
    pipeline.poll(tools, lambda _: None)
    assert not watch.look(alive_s=120)
    ops.look_after(tools, runtime.clock(), silence=False)
    runtime.close(tools)
    assert database.read(store.notices) == {}


def test_what_is_not_done_for_a_tick_is_none(knobs: Settings, database: Database) -> None:
    tools = runtime.build(knobs)
    pipeline.poll(tools, lambda _: None)
    runtime.close(tools)
    assert database.read(store.tick_age_s) is None


def test_a_pulse_writes_every_few_seconds_at_the_most(database: Database) -> None:
    pulse = Pulse(every_s=3600)
    pulse.note(database)
    first = database.read(store.tick_age_s)
    pulse.note(database)
    second = database.read(store.tick_age_s)
    assert first is not None
    assert second is not None
    assert second >= first


def test_a_thread_watches_and_an_error_does_not_end_it(sqlite_url: str) -> None:
    asked: list[Settings] = []

    def fail(knobs: Settings) -> None:
        asked.append(knobs)
        raise OSError("no network")

    watch = TickWatch(settings_for(sqlite_url, ops_tick_s=0.05), deliver=fail)
    watch.start()
    wait_until(lambda: len(asked) > 2, timeout_s=10, what="it looks again and again")
    watch.stop()


def test_a_deaf_worker_has_a_last_word() -> None:
    said: list[object] = []
    ended = threading.Event()

    def end(code: int) -> None:
        said.append(code)
        ended.set()

    dog = Watchdog(
        overdue_s=lambda: 99,
        busy=lambda: False,
        patience_s=0.02,
        before_end=lambda: said.append("told"),
        end=end,
    )
    dog.start()
    assert ended.wait(10)
    assert said == ["told", EXIT_DEAF]
