"""What answers say beside their entries: how long they are fresh, when to come back."""

import gzip
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.pipeline.conftest import Desk
from tests.pipeline.documents import document, read_here
from tests.site import Site, rss
from worker import pipeline, runtime, store
from worker.parse import parse_feed
from worker.records import Entry, Hints
from worker.text import digest


@pytest.fixture(autouse=True)
def _documents(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def entries(*numbers: int, hints: Hints | None = None) -> bytes:
    told = [Entry(f"g{n}", f"http://press.test/{n}", f"News {n}") for n in numbers]
    return document(told, hints=hints)


def shown(desk: Desk) -> dict[str, Any]:
    (row,) = desk.tools.db.read(store.list_feeds)
    return row


def pause_s(desk: Desk) -> float:
    row = shown(desk)
    due, polled = row["due_at"], row["polled_at"]
    assert isinstance(due, datetime)
    assert isinstance(polled, datetime)
    return (due - polled).total_seconds()


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({}, 300),
        ({"cache_control": "max-age=60"}, 300),
        ({"cache_control": "max-age=900"}, 900),
        ({"cache_control": "max-age=900", "age": "300"}, 600),
        ({"cache_control": "max-age=31536000"}, 1_800),
        ({"cache_control": "no-cache, max-age=900"}, 300),
        ({"expires": "0"}, 300),
    ],
)
def test_a_feed_is_left_alone_for_as_long_as_it_says_that_it_is_fresh(
    desk: Desk, site: Site, headers: dict[str, Any], pause: float
) -> None:
    desk.watch(site.put("/feed", entries(1), etag='"1"', **headers))
    for _ in range(2):  # told with the body, and with the 304
        desk.poll()
        assert pause_s(desk) == pytest.approx(pause, abs=5)


def test_a_time_of_expiry_counts_on_the_sites_own_clock(desk: Desk, site: Site) -> None:
    wrong = runtime.clock() - timedelta(days=400)
    told: dict[str, Any] = {
        "date": format_datetime(wrong, usegmt=True),
        "expires": format_datetime(wrong + timedelta(seconds=900), usegmt=True),
    }
    desk.watch(site.put("/feed", entries(1), **told))
    desk.poll()
    assert pause_s(desk) == pytest.approx(900, abs=5)


def test_what_a_feed_says_of_its_pace_is_kept_and_shown(desk: Desk, site: Site) -> None:
    hints = Hints(ttl_s=3_600, skip_hours=(1, 2), skip_days=(5, 6), update_every_s=7_200)
    desk.watch(site.put("/feed", entries(1, hints=hints)))
    desk.poll()
    assert shown(desk)["hints"] == {
        "ttl_s": 3_600,
        "skip_hours": [1, 2],
        "skip_days": [5, 6],
        "update_every_s": 7_200,
    }


def test_a_body_that_is_cut_off_is_read_and_asked_for_again_in_full(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(body: bytes, *, url: str, content_type: str, encoding: str | None) -> object:
        return parse_feed(body, url=url, content_type=content_type)

    monkeypatch.setattr("worker.asking.parse_fast", parse)
    items = [
        {"title": f"News {n}", "link": f"http://press.test/{n}", "guid": digest(str(n))}
        for n in range(200)
    ]
    packed = gzip.compress(rss(items).encode())
    told: dict[str, Any] = {"content_encoding": "gzip", "etag": '"1"'}
    half = packed[: len(packed) // 2]
    desk.watch(site.put("/feed", half, cache_control="max-age=900", **told))
    desk.poll()
    feed = desk.one("feed")
    assert 50 < len(desk.rows("article")) < 150
    assert (feed["etag"], feed["body_hash"], feed["failures"]) == (None, None, 0)
    assert pause_s(desk) == pytest.approx(300, abs=5)
    site.put("/feed", packed, **told)
    desk.poll()
    assert len(desk.rows("article")) == 200
    assert "If-None-Match" not in site.requests[-1].headers


def test_feeds_that_failed_together_come_back_apart(desk: Desk, site: Site) -> None:
    desk.watch(*(site.put(f"/{n}", "no", status=404) for n in range(20)))
    desk.poll()
    rows = desk.tools.db.read(store.list_feeds)
    pauses = {round((row["due_at"] - row["polled_at"]).total_seconds(), 3) for row in rows}
    assert len(pauses) > 15
    assert all(300 <= pause <= 330 for pause in pauses)


def test_nothing_is_due_before_its_time(desk: Desk, site: Site) -> None:
    desk.watch(site.put("/feed", entries(1), cache_control="max-age=900"))
    desk.poll()
    pipeline.poll(desk.tools, desk.nudges.append)
    assert site.paths() == ["/feed"]
