"""`wirewatch run` on a machine whose network goes away and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet import Fleet
from tests.site import Site
from tests.waiting import wait_until
from worker import store
from worker.store import Database

SITES = 6


@pytest.fixture
def fleet(sqlite_url: str, tmp_path: Path) -> Iterator[Fleet]:
    knobs = {"POLL_INTERVAL_S": "0.5", "OFFLINE_AFTER_S": "1", "OFFLINE_RETRY_S": "12"}
    fleet = Fleet(
        sqlite_url, "memory://", tmp_path, {f"WIREWATCH_{k}": v for k, v in knobs.items()}
    )
    yield fleet
    fleet.close()


def connected(ports: list[int]) -> list[Site]:
    sites = [Site(port) for port in ports]
    for site in sites:
        site.start()
        for path in ("/a", "/b"):
            site.put_feed(path, [{"title": f"News of {site.port}", "link": "http://news.test/1"}])
    return sites


def test_all_sites_are_polled_within_seconds_of_the_networks_return(
    fleet: Fleet, sqlite_url: str
) -> None:
    sites = connected([0] * SITES)
    db = Database(sqlite_url)
    urls = [site.url(path) for site in sites for path in ("/a", "/b")]
    fleet.write_config(urls, sites[0].url("/hook"))
    fleet.start("run")
    wait_until(lambda: all(len(s.requests) > 3 for s in sites), timeout_s=30, what="all are polled")
    for site in sites:
        site.stop()
    wait_until(
        lambda: db.read(store.overview).feeds_offline == len(urls),
        timeout_s=30,
        what="all wait for the network",
    )
    sites = connected([site.port for site in sites])
    wait_until(
        lambda: all({"/a", "/b"} <= set(site.paths()) for site in sites),
        timeout_s=8,
        what="all are polled again",
    )
    wait_until(
        lambda: not any(row["failures"] for row in db.read(store.list_feeds)),
        what="no feed is blamed",
    )
    assert db.read(store.overview).feeds_offline == 0
    log = fleet.log()
    assert (log.count("network.down"), log.count("network.back")) == (1, 1)
    db.close()
    for site in sites:
        site.stop()
