"""Workers that decide on alerts in the same instant: one occasion, one limit, one digest."""

import threading
from collections import Counter
from typing import Any

from tests.pipeline.conftest import Desk
from tests.pipeline.test_alert_rules import (
    MORNING,
    NOW,
    _documents,
    at,
    bodies,
    copies,
    deliver,
    occasions,
    publish,
    quiet,
    told,
    watch,
)
from worker import folding, pipeline

__all__ = ["_documents"]


def _together(desk: Desk, work: Any, workers: int = 2) -> None:
    start = threading.Barrier(workers)
    failed: list[BaseException] = []

    def one() -> None:
        start.wait(10)
        try:
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []


def test_two_workers_that_bring_the_fifth_publisher_owe_one_escalation(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, escalate=[5])
    stories = 8
    publish(desk, *(one for n in range(6) for s in range(stories) for one in copies(desk, 1, n, s)))
    desk.poll()
    _together(desk, lambda: pipeline.ingest(desk.tools, desk.nudges.append))
    assert len(desk.rows("story")) == stories
    assert Counter(occasions(desk)) == {"first": stories, "escalation-5": stories}


def test_two_workers_keep_to_one_limit(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, at_most=3)
    publish(desk, *(told(desk, n) for n in range(24)))
    desk.poll()
    _together(desk, lambda: pipeline.ingest(desk.tools, desk.nudges.append))
    rows = desk.rows("alert")
    assert len(rows) == 24
    assert sum(row["due_at"] is not None for row in rows) == 3
    assert all((row["due_at"] is None) != (row["fold_at"] is None) for row in rows)


def test_workers_that_fold_at_once_make_one_digest(desk: Desk) -> None:
    at(desk, NOW)
    watch(desk, quiet=quiet())
    publish(desk, *(told(desk, n) for n in range(9)))
    desk.poll()
    desk.ingest()
    at(desk, MORNING)
    _together(desk, lambda: folding.fold(desk.tools), workers=4)
    deliver(desk)
    assert [body["count"] for body in bodies(desk)] == [9]
