"""The demo's verdict: which alerts were owed, which came, and how long they took."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from worker.demo.newsroom import Item, Kind, Newsroom
from worker.demo.outlets import OUTLETS
from worker.demo.receiver import Received
from worker.demo.site import Publication
from worker.demo.summary import Run, judge, percentile, table
from worker.store.measure import Measured

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_HISTORY = Newsroom(1).history(NOW, 3)
SYRIA = next(item for item in _HISTORY if item.matches)
OTHER = next(item for item in _HISTORY if not item.matches)
ELSEWHERE = next(outlet for outlet in OUTLETS if outlet != SYRIA.outlet)


def published(item: Item, after_s: float = 0, *, live: bool = True) -> Publication:
    return Publication(item, NOW + timedelta(seconds=after_s), live)


def copied(kind: Kind) -> Item:
    return replace(SYRIA, kind=kind, outlet=ELSEWHERE, slug=f"{kind}-1")


def alert(item: Item, after_s: float = 0, topic: str = "syria") -> Received:
    body: dict[str, Any] = {
        "topic": {"name": topic},
        "article": {"url": f"http://outlets.test{item.path}"},
    }
    return Received(f"msg_{item.path}_{after_s}", NOW + timedelta(seconds=after_s), body)


def test_a_story_is_owed_one_alert_whichever_of_its_copies_brings_it() -> None:
    copy = copied(Kind.COPY)
    log = [published(SYRIA), published(copy, 2), published(OTHER, 3)]
    for brought_by in (SYRIA, copy):
        outcome = judge(log, [alert(brought_by, 4)], "syria")
        assert (outcome.expected, outcome.arrived, outcome.right) == (1, 1, True)
        assert outcome.delays_s == (4.0,)


def test_an_alert_for_a_story_and_one_for_its_copy_is_one_too_many() -> None:
    copy = copied(Kind.COPY)
    outcome = judge(
        [published(SYRIA), published(copy, 2)], [alert(SYRIA, 1), alert(copy, 3)], "syria"
    )
    assert outcome.repeated == (SYRIA.headline,)
    assert not outcome.right


def test_a_reheaded_copy_may_alert_again_and_need_not() -> None:
    reheaded = copied(Kind.REHEADED)
    log = [published(SYRIA), published(reheaded, 5)]
    quiet = judge(log, [alert(SYRIA, 1)], "syria")
    loud = judge(log, [alert(SYRIA, 1), alert(reheaded, 7)], "syria")
    assert (quiet.expected, quiet.again, quiet.right) == (1, 0, True)
    assert (loud.expected, loud.again, loud.right) == (1, 1, True)
    assert loud.delays_s == (1.0, 2.0)


def test_a_missing_alert_and_one_for_other_news_are_named() -> None:
    outcome = judge([published(SYRIA), published(OTHER)], [alert(OTHER)], "syria")
    assert outcome.missing == (SYRIA.headline,)
    assert outcome.unexpected == (OTHER.headline,)
    assert not outcome.right


def test_alerts_of_other_topics_are_left_out() -> None:
    outcome = judge([published(SYRIA)], [alert(SYRIA, 1), alert(SYRIA, 1, "weather")], "syria")
    assert outcome.right


def test_an_update_owes_nothing_and_the_history_has_no_delay() -> None:
    update = replace(SYRIA, kind=Kind.UPDATE, paragraphs=(*SYRIA.paragraphs, "More."))
    log = [published(SYRIA, -3_600, live=False), published(update, 5)]
    outcome = judge(log, [alert(SYRIA, 1)], "syria")
    assert (outcome.expected, outcome.right, outcome.delays_s) == (1, True, ())


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [
        ([], 0.5, None),
        ([3.0], 0.95, 3.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
    ],
)
def test_percentiles_are_values_that_were_measured(
    values: list[float], share: float, wanted: float | None
) -> None:
    assert percentile(values, share) == wanted


def test_the_table_tells_counts_delays_and_how_the_daemon_ended() -> None:
    outcome = judge([published(SYRIA)], [alert(SYRIA, 1.5)], "syria")
    run = Run(
        outcome=outcome,
        measured=Measured(24, 23, 4, 9, 8, (0.01, 0.25)),
        kinds={Kind.ORIGINAL: 20, Kind.COPY: 5},
        articles=24,
        verified=8,
        rejected=0,
        duplicates=0,
        poll_interval_s=1,
        first_alert_s=2.2,
        daemon_code=0,
        daemon_stop_s=0.4,
    )
    console = Console(width=120)
    with console.capture() as shown:
        console.print(table(run))
    told = shown.get()
    for part in ("of 5 verbatim", "1.50 s / 1.50 s", "0.50 s / 0.50 s", "0.25 s", "exit code 0"):
        assert part in told
    assert run.right
    assert not replace(run, duplicates=1).right
    assert not replace(run, daemon_code=None).right
