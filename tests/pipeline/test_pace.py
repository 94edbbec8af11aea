"""The pace in the store: budgets kept to by claims, steered once, learnt from what came."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.pipeline.conftest import Desk, settings_for
from tests.site import Site, rss
from worker import pacing, pipeline, runtime, store
from worker.store import Database, PaceState


@pytest.fixture
def paced(database: Database, site: Site) -> Iterator[Desk]:
    """A desk whose feeds are polled by the budget."""
    url = database.engine.url.render_as_string(hide_password=False)
    tools = runtime.build(settings_for(url, poll_interval_s=None, poll_budget_mode="hourly"))
    yield Desk(tools, site)
    runtime.close(tools)


def state(desk: Desk) -> PaceState:
    found = desk.tools.db.read(store.pace_state)
    assert found is not None
    return found


def steer(desk: Desk, minutes: float = 1, **knobs: Any) -> None:
    """Steer, so many minutes after it was done last."""
    before = desk.tools.db.read(store.pace_state)
    now = before.steered_at + timedelta(minutes=minutes) if before else runtime.clock()
    settings = desk.tools.settings.model_copy(update=knobs)
    pacing.steer(replace(desk.tools, clock=lambda: now, settings=settings))


def change(desk: Desk, sql: str, **values: Any) -> None:
    if desk.tools.db.engine.dialect.name == "sqlite":
        values = {
            name: v.replace(tzinfo=None).isoformat(" ") if hasattr(v, "isoformat") else v
            for name, v in values.items()
        }
    desk.tools.db.write(lambda db: db.execute(text(sql), values))


def polls(desk: Desk) -> int:
    return sum(row["polls"] for row in desk.rows("feed"))


def feeds(site: Site, count: int) -> list[str]:
    return [site.put_feed(f"/feed/{n}", [{"title": f"Item {n}"}]) for n in range(count)]


def test_feeds_that_were_never_polled_are_polled_whatever_the_budget(
    paced: Desk, site: Site
) -> None:
    paced.watch(*feeds(site, 12))
    steer(paced)
    before = state(paced).purse
    paced.poll()
    assert polls(paced) == 12
    assert state(paced).purse == before


def test_no_more_is_polled_than_the_budget_has_polls_for(paced: Desk, site: Site) -> None:
    paced.watch(*feeds(site, 12))
    steer(paced)
    paced.poll()
    paced.poll()
    assert polls(paced) == 12  # nothing was saved yet
    change(paced, "UPDATE pace SET purse_at = purse_at - 3600, saved = 0")
    paced.poll()
    assert 12 < polls(paced) <= 16  # an hour's polls, but no more than four minutes' at once
    assert state(paced).purse.saved < 1


def test_the_longest_due_are_polled_first_when_there_are_not_polls_for_all(
    paced: Desk, site: Site
) -> None:
    paced.watch(*feeds(site, 12))
    steer(paced)
    paced.poll()
    paced.make_due("feed")
    change(
        paced,
        "UPDATE feed SET due_at = :then WHERE id = 7",
        then=runtime.clock() - timedelta(9_999),
    )
    change(paced, "UPDATE pace SET purse_at = purse_at - 90, saved = 0, free = 0")
    pipeline.poll(paced.tools, paced.nudges.append)
    assert [row["id"] for row in paced.rows("feed") if row["polls"] == 2] == [7]


def test_mu_rises_while_feeds_ask_for_more_than_the_budget(paced: Desk, site: Site) -> None:
    paced.watch(*feeds(site, 4))
    steer(paced)
    before = state(paced).pace.mu
    change(paced, "UPDATE feed SET poll_gap_s = 60")
    for _ in range(5):
        steer(paced, 2)
    assert state(paced).pace.mu > 1.2 * before
    assert state(paced).feeds == 4


def test_who_steers_second_in_a_minute_changes_nothing(paced: Desk, site: Site) -> None:
    paced.watch(*feeds(site, 2))
    steer(paced)
    change(paced, "UPDATE feed SET poll_gap_s = 60")
    change(paced, "UPDATE pace SET steered_at = :then", then=runtime.clock() - timedelta(minutes=1))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(pacing.steer, paced.tools) for _ in range(4)]:
            done.result()
    once = state(paced)
    pacing.steer(paced.tools)
    assert state(paced) == once


def test_matches_make_their_feed_weigh_more(paced: Desk, site: Site) -> None:
    told = {"title": "Talks on Syria", "description": "Talks on Syria went on in Geneva today."}
    other = {"title": "Rain", "description": "It rained all day in the north of the country."}
    paced.watch(site.put("/yes", rss([told])), site.put("/no", rss([other])))
    steer(paced)
    paced.poll()
    paced.ingest()
    steer(paced)
    matching, not_matching = paced.rows("feed", "url DESC")
    assert matching["matched"] == pytest.approx(1, abs=0.01)
    assert not_matching["matched"] == 0
    assert state(paced).pace.match_share > 0
    steer(paced)
    assert paced.rows("feed", "url DESC")[0]["matched"] == matching["matched"]


def polled_an_hour_ago(paced: Desk) -> tuple[datetime, datetime]:
    """All feeds, and none is due for an hour."""
    paced.poll()
    past, later = (runtime.clock() + timedelta(hours=hours) for hours in (-1, 1))
    change(paced, "UPDATE feed SET due_at = :later, polled_at = :past, not_before = NULL",
           later=later, past=past)  # fmt: skip
    return past, later


def test_what_the_budget_has_left_over_is_polled_before_its_time(paced: Desk, site: Site) -> None:
    paced.watch(*feeds(site, 30))
    steer(paced)
    _, later = polled_an_hour_ago(paced)
    change(paced, "UPDATE feed SET not_before = :later WHERE id <= 10", later=later)
    change(paced, "UPDATE feed SET failures = 1 WHERE id BETWEEN 11 AND 20")
    change(paced, "UPDATE pace SET purse_at = purse_at - 3600")
    steer(paced)
    now = state(paced).steered_at
    due = [row["id"] for row in paced.tools.db.read(store.list_feeds) if row["due_at"] <= now]
    assert 1 <= len(due) <= 3
    assert min(due) > 20


def test_what_would_have_to_wait_for_its_host_is_not_polled_before_its_time(
    paced: Desk, site: Site
) -> None:
    paced.watch(*feeds(site, 12))
    steer(paced)
    past, later = polled_an_hour_ago(paced)
    for free_at, early in ((later, False), (past, True)):
        change(paced, "UPDATE host SET poll_free_at = :at", at=free_at)
        change(paced, "UPDATE pace SET purse_at = purse_at - 3600")
        steer(paced)
        now = state(paced).steered_at
        found = paced.tools.db.read(store.list_feeds)
        assert any(row["due_at"] <= now for row in found) is early


def test_feeds_of_a_host_that_has_many_are_stretched(paced: Desk, site: Site) -> None:
    paced.watch(*feeds(site, 10))
    steer(paced)
    change(paced, "UPDATE feed SET poll_gap_s = 25")
    steer(paced, host_poll_gap_s=5)
    (stretch,) = state(paced).crowded.values()
    assert stretch == pytest.approx(1.05 * 5.5 * 10 / 25)
    # what they ask for then is less, and the stretch holds
    change(paced, f"UPDATE feed SET poll_gap_s = {25 * stretch}")
    steer(paced, host_poll_gap_s=5)
    assert state(paced).crowded == pytest.approx({next(iter(state(paced).crowded)): stretch})
    change(paced, "UPDATE feed SET poll_gap_s = 900")
    steer(paced, host_poll_gap_s=5)
    assert state(paced).crowded == {}


def test_nothing_steers_what_an_operator_has_fixed(desk: Desk, site: Site) -> None:
    desk.watch(*feeds(site, 3))
    pacing.steer(desk.tools)
    desk.poll()
    desk.poll()
    assert polls(desk) == 6


def test_a_state_read_back_is_the_state_written(paced: Desk, site: Site) -> None:
    paced.watch(*feeds(site, 3))
    steer(paced)
    before = state(paced)
    steer(paced)
    after = state(paced)
    assert after.steered_at > before.steered_at
    assert replace(after.pace, at=0, mu=0, demand=0, rate=0, even_s=0) == replace(
        before.pace, at=0, mu=0, demand=0, rate=0, even_s=0
    )


def test_what_is_known_of_a_feed_outlives_a_poll_that_fails(paced: Desk, site: Site) -> None:
    paced.watch(
        site.put("/feed", rss([{"title": "A"}]).replace("<link>", "<ttl>45</ttl><link>", 1))
    )
    paced.poll()
    (before,) = paced.tools.db.read(store.list_feeds)
    assert before["hints"]["ttl_s"] == 2_700
    site.put("/feed", status=500)
    change(paced, "UPDATE feed SET polled_at = NULL")  # as if it were new: whatever the budget
    paced.poll()
    (after,) = paced.tools.db.read(store.list_feeds)
    assert (after["failures"], after["hints"]) == (1, before["hints"])
    assert after["seen_after_s"] == before["seen_after_s"]
