"""What `bench schedule_daemon` stands on: one fast clock for all, feeds of other weeks, a state
that goes from the simulation to the daemon as it is.
"""

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bench.schedule_daemon.clock import Clock
from bench.schedule_daemon.feeds import State, Turn, busiest, counted, foretell, later
from bench.schedule_daemon.handing_over import hand_over, hold
from bench.schedule_daemon.report import missed, standard_error
from bench.schedule_daemon.site import Shown, document, guid_of
from tests.store.making import add_feeds
from worker import polling, schedule, store
from worker.parse import parse_fast
from worker.records import ParsedFeed
from worker.schedule import Purse, Rhythm
from worker.schedule.rhythm import DAY_S, HOUR_S
from worker.settings import Settings
from worker.simulate import START_S, Trace, world_of
from worker.store import Database

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()
CLOCK = Clock(NOON, 1_000.0, 20.0)


def test_a_second_is_twenty_of_a_fast_clock() -> None:
    assert CLOCK.at(1_001.0) == NOON + 20
    assert CLOCK.real(NOON + 60) == 1_003.0


def test_a_child_process_has_the_same_clock() -> None:
    assert Clock.from_environ(CLOCK.as_environ()) == CLOCK


def test_postgres_has_the_same_clock(postgres_url: str) -> None:
    clock = Clock(NOON, time.time(), 20.0)
    before = Database(postgres_url)
    clock.set_database(before)
    before.close()
    db = Database(postgres_url)
    least, told, most = clock.now(), db.read(store.database_time), clock.now()
    made_in = db.read(lambda c: c.execute(text("SELECT current_schema()")).scalar_one())
    db.close()
    assert least <= told <= most
    assert made_in == "public"


def test_a_feed_that_begins_a_week_later_keeps_its_weekdays() -> None:
    trace = Trace("a", NOON, (DAY_S, 8 * DAY_S + 5, 15 * DAY_S))
    assert later(trace, 1) == Trace("a", NOON, (DAY_S + 5, 8 * DAY_S))


def test_the_daemon_knows_what_the_simulation_knew(database: Database) -> None:
    urls = add_feeds(database, 2, due=_utc(NOON))
    settings = Settings()
    budget = polling.budget_of(settings, 2)
    pace = schedule.first_pace(NOON - DAY_S, 2, budget, 1.5)
    rhythm = schedule.observed(None, NOON - 100, [NOON - 7_200], 20)
    state = State(
        NOON,
        [rhythm] * 2,
        [Turn(NOON - 100, 300.0), Turn(NOON - 50, 70.0)],
        pace,
        Purse(NOON, 9, 3),
    )
    begun = Purse.begun(NOON - DAY_S, budget)
    database.write(lambda c: store.begin_pace(c, pace, begun, 1, _utc(NOON - DAY_S)))
    database.write(lambda c: hand_over(c, urls, state))
    known = database.read(store.pace_state)
    feeds = {feed["url"]: feed for feed in database.read(store.list_feeds)}
    assert known is not None
    assert (known.purse, known.steered_at, known.feeds) == (state.purse, _utc(NOON), 2)
    assert [feeds[url]["due_at"] for url in urls] == [_utc(NOON + 200), _utc(NOON + 20)]
    assert [feeds[url]["poll_gap_s"] for url in urls] == [300.0, 70.0]
    first = database.read(lambda c: store.find_feed(c, urls[0]))
    assert first is not None
    assert Rhythm.from_json(first["rhythm"]) == Rhythm.from_json(rhythm.as_json())


def test_nothing_is_due_while_the_daemon_is_held(database: Database) -> None:
    urls = add_feeds(database, 3, due=_utc(NOON))
    hold(database, NOON)
    due = [feed["due_at"] for feed in database.read(store.list_feeds)]
    assert len(urls) == 3
    assert min(due) > _utc(NOON + 300 * DAY_S)


def test_what_is_foretold_counts_from_the_moment_of_the_state() -> None:
    every = tuple(HOUR_S * n + 600.0 for n in range(12 * 24))
    world = world_of([Trace("a", START_S, every), Trace("b", START_S, every[:40])], 10, shared=0)
    world = busiest(world, 2)
    told = foretell(world, Settings(), pushed=[1])
    assert told.state.at == world.counted_from
    assert set(told.delays) == {(0, n) for n in counted(world, 0)}
    assert all(0 <= s < HOUR_S for s in told.delays.values())
    assert all(turn.polled_at < told.state.at for turn in told.state.turns)


def test_a_feed_shows_what_was_read_of_it_until_it_counts() -> None:
    shown = Shown([(10.0, 20.0, 30.0)], read_at=[15.0], opens_at=25.0, window=20, hubs={})
    assert [shown.upto(0, now) for now in (0.0, 24.0, 25.0, 30.0)] == [1, 1, 2, 3]


def test_documents_say_which_entry_each_is_and_where_the_hub_is() -> None:
    shown = Shown([(NOON, NOON + 1)], [NOON], NOON, 20, {0: "http://hub.test/"})
    body = document(shown, 0, [0, 1], "http://127.1.0.1").encode()
    parsed = parse_fast(
        body, url="http://127.1.0.1/feed/0", content_type="application/rss+xml", encoding=None
    )
    assert isinstance(parsed, ParsedFeed)
    assert [entry.guid for entry in parsed.entries] == [guid_of(0, 1), guid_of(0, 0)]
    assert [entry.published for entry in parsed.entries] == [_utc(NOON + 1), _utc(NOON)]
    assert parsed.hubs == ("http://hub.test/",)


def test_entries_of_one_feed_are_one_look_at_the_difference() -> None:
    theirs = {(feed, n): 100.0 for feed in range(2) for n in range(8)}
    apart = {(feed, n): 101.0 if n % 2 else 99.0 for feed, n in theirs}
    together = {(feed, n): 101.0 if feed else 99.0 for feed, n in theirs}
    assert standard_error(theirs, theirs) == 0
    assert standard_error(apart, theirs) == 0
    assert standard_error(together, theirs) == pytest.approx(2**0.5 / 2)


def test_an_entry_is_missed_once_a_later_one_is_seen() -> None:
    world = world_of([Trace("a", START_S, (10.0, 20.0, 30.0, 40.0))], 0, days=1, shared=0)
    assert missed(world, [0], {(0, 0): 1.0, (0, 2): 1.0}) == 1
    assert missed(world, [0], {}) == 0


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
