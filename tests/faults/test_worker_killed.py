"""kill -9 in the middle of each stage: the lease runs out, another worker finishes."""

import asyncio

import pytest
from aiohttp import web

from tests.fleet import Fleet
from tests.site import Seen, Site, page, rss
from tests.waiting import wait_until
from worker import store
from worker.store import Database

TEXT = "Talks on Syria resume in Geneva on Monday, said the envoy, after weeks of silence there."


class Trap:
    """Answers at a path, but hangs the first request for good."""

    def __init__(self, site: Site, path: str, body: str, kind: str) -> None:
        self._answer = {"text": body, "content_type": kind}
        self.sprung = False
        self.url = site.at(path, self._serve)

    async def _serve(self, _request: web.Request) -> web.Response:
        if not self.sprung:
            self.sprung = True
            await asyncio.sleep(60)
        return web.Response(**self._answer)  # type: ignore[arg-type]


@pytest.fixture
def short_leases(fleet: Fleet) -> Fleet:
    fleet.knobs["WIREWATCH_LEASE_S"] = "2"
    return fleet


@pytest.mark.parametrize("stage", ["poll", "ingest", "deliver"])
def test_another_worker_finishes_what_a_killed_one_held(
    short_leases: Fleet, db: Database, site: Site, stage: str
) -> None:
    fleet = short_leases
    body = page("Talks on Syria", TEXT)
    trap, link = None, site.put("/page", body)
    feed = site.put("/feed", rss([{"title": "Talks on Syria", "link": link}]), kind="text/xml")
    hook = site.put("/hook")
    if stage == "poll":
        trap = Trap(site, "/feed", rss([{"title": "Talks on Syria", "link": link}]), "text/xml")
    elif stage == "ingest":
        trap = Trap(site, "/page", body, "text/html")
    else:
        trap = Trap(site, "/hook", "", "text/plain")
    fleet.write_config([feed], hook)
    fleet.start("beat")
    first = fleet.start("worker")
    try:
        wait_until(lambda: trap.sprung, timeout_s=30, what=f"{stage} is in the middle of its work")
        fleet.kill(first)
        fleet.start("worker")
        wait_until(
            lambda: db.read(store.overview).delivered == 1,
            timeout_s=30,
            what="another worker finished",
        )
    except AssertionError as error:
        raise AssertionError(f"{error}\n{fleet.log()}") from None
    seen = db.read(store.overview)
    assert (seen.articles, seen.stories, seen.alerts) == (1, 1, 1)
    assert len({hook.headers["webhook-id"] for hook in _hooks(site)}) == 1


def _hooks(site: Site) -> list[Seen]:
    return [seen for seen in site.requests if seen.path == "/hook"]
