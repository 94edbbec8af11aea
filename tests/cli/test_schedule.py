"""`wirewatch schedule`: why a feed is polled when it is, and what a budget would buy."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import Connection, update

from tests.cli.conftest import Command
from tests.cli.test_commands import work
from tests.site import Site, rss
from worker import pacing, runtime
from worker.cli._output import shown
from worker.settings import settings
from worker.store import _tables


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Five feeds that publish by day, for four days."""
    folder = tmp_path / "traces"
    folder.mkdir()
    lines = [
        json.dumps({
            "source": f"feed {n}",
            "t0": 1_777_852_800,
            "t": [d * 86_400 + 30_000 + k * 7_000 // n for d in range(4) for k in range(n)],
        })
        for n in range(1, 6)
    ]  # fmt: skip
    (folder / "times.jsonl").write_text("\n".join(lines))
    return folder


def test_a_feeds_schedule_is_explained(command: Command, site: Site) -> None:
    feed = site.put("/feed", rss([{"title": "Talks on Syria", "description": "Talks today."}]))
    command.fleet.write_config([feed], site.put("/hook"))
    work(command)
    tools = runtime.build(settings())
    pacing.steer(tools)
    runtime.close(tools)
    told = command.json("schedule", "explain", feed)
    assert told["feed"] == feed
    assert len(told["next_polls"]) == 5
    assert told["next_polls"] == sorted(told["next_polls"])
    assert told["why"] == ["the delay that it may gather until then is worth a poll"]
    assert told["budget_an_hour"] == 4
    assert told["entries_follow_others"] == []  # of one entry nothing is known yet
    code, out, _ = command("schedule", "explain", feed)
    assert code == 0
    assert "entries a day" in out


def test_a_fixed_interval_is_told_as_the_reason(command: Command, site: Site) -> None:
    command.set("WIREWATCH_POLL_INTERVAL_S", "90")
    feed = site.put("/feed", rss([]))
    command.fleet.write_config([feed], site.put("/hook"))
    work(command)
    told = command.json("schedule", "explain", feed)
    assert told["why"] == ["WIREWATCH_POLL_INTERVAL_S is 90"]


def test_the_turn_at_a_crowded_host_is_told(command: Command, site: Site) -> None:
    urls = [site.put(f"/feed/{n}", rss([{"title": f"Item {n}"}])) for n in range(3)]
    command.fleet.write_config(urls, site.put("/hook"))
    work(command)
    command.set("WIREWATCH_HOST_POLL_GAP_S", "40")
    for url in urls:
        assert len(command.json("schedule", "explain", url)["why"]) == 1  # nothing keeps it waiting
    free_at = runtime.clock() + timedelta(seconds=30)
    tools = runtime.build(settings())
    tools.db.write(lambda db: _all_due(db, urls, free_at))
    runtime.close(tools)
    for number, url in enumerate(urls):
        why = command.json("schedule", "explain", url)["why"][1]
        turn = free_at + timedelta(seconds=40 * number)
        assert why == f"its host is polled once in 40 s: its turn is at {shown(turn)}"


def _all_due(db: Connection, urls: Sequence[str], free_at: datetime) -> None:
    """One behind the other since an hour ago, at a host that may be polled at `free_at`."""
    host, feed = _tables.host, _tables.feed
    db.execute(update(host).values(poll_free_at=free_at))
    for number, url in enumerate(urls):
        due_at = runtime.clock() - timedelta(hours=1, seconds=-number)
        db.execute(update(feed).where(feed.c.url == url).values(due_at=due_at))


def test_policies_are_compared_on_recorded_times(command: Command, traces: Path) -> None:
    found = command.json("schedule", "simulate", "--traces", str(traces), "--budget", "2")
    assert set(found) == {"wirewatch", "uniform"}
    assert found["uniform"]["polls_per_feed_hour"] == pytest.approx(2, abs=0.05)
    assert found["wirewatch"]["entries"] > 20
    code, out, _ = command("schedule", "simulate", "--traces", str(traces), "--mode", "hourly")
    assert code == 0
    assert "5 feeds" in out
    assert "hourly" in out


def test_a_chart_shows_delay_against_budget(command: Command, traces: Path) -> None:
    chart = traces / "chart.svg"
    where = ("--traces", str(traces), "--chart", str(chart))
    command("schedule", "simulate", *where, "--policy", "uniform")
    drawn = ElementTree.fromstring(chart.read_text())
    (line,) = drawn.iter("{http://www.w3.org/2000/svg}polyline")
    points = [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]
    assert len(points) == 5
    # the more polls, the further right and the lower
    assert points == sorted(points)
    assert [y for _, y in points] == sorted(y for _, y in points)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "http://nobody.test/feed"), "There is no feed http://nobody.test/feed"),
        (("simulate", "--policy", "magic"), "no policy magic; there are wirewatch, uniform"),
        (("simulate", "--traces", "/nowhere"), "There is no .jsonl file in /nowhere"),
        (("simulate",), "Nothing has been published yet"),
    ],
)
def test_mistakes_are_told_with_what_to_do(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = command("schedule", *arguments)
    assert code == 1
    assert said in err


def test_a_file_that_holds_no_traces_is_named_with_its_line(command: Command, traces: Path) -> None:
    (traces / "broken.jsonl").write_text('{"source": 1}\n')
    code, _, err = command("schedule", "simulate", "--traces", str(traces))
    assert code == 1
    assert "broken.jsonl:1" in err
