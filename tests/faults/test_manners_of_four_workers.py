"""Four worker processes and one host: seen from the host, they are as polite as one."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from time import monotonic

from aiohttp import web
from sqlalchemy import text

from tests.fleet import Fleet
from tests.site import Site, page, rss
from tests.waiting import wait_until
from worker.store import Database

CONNECTIONS, GAP_S, ANSWER_S = 2, 0.4, 0.3
# How much later than its sender meant to a request may arrive on a busy machine.
JITTER_S = 0.15
FEEDS, ARTICLES = 3, 4
TEXT = "The harbour was closed for the night, said its master, because of the wind from the east."


@dataclass
class Visitors:
    """What one host sees of those who ask it: when each request began, and how many were there.

    `connected` is the most connections that were open, whether something was asked on them or not.
    """

    site: Site
    here: int = 0
    most: int = 0
    connected: int = 0
    began: dict[str, list[float]] = field(default_factory=dict)
    askers: Counter[str] = field(default_factory=Counter)

    def at(self, path: str, body: str, kind: str) -> str:
        async def answer(request: web.Request) -> web.Response:
            self.began.setdefault(path, []).append(monotonic())
            self.askers[request.headers["User-Agent"]] += 1
            self.here += 1
            self.most = max(self.most, self.here)
            self.connected = max(self.connected, self.open_connections())
            await asyncio.sleep(ANSWER_S)
            self.here -= 1
            return web.Response(text=body, content_type=kind)

        return self.site.at(path, answer)

    def open_connections(self) -> int:
        server = self.site._runner.server
        assert server is not None
        return len(server.connections)

    def pages(self) -> list[float]:
        return sorted(at for path, times in self.began.items() if "page" in path for at in times)


def publish(visitors: Visitors) -> list[str]:
    visitors.at("/robots.txt", "User-agent: *\nDisallow:", "text/plain")
    feeds = []
    for feed in range(FEEDS):
        items = []
        for number in range(ARTICLES):
            title = f"Harbour {feed} closed for night {number}"
            link = visitors.at(f"/page/{feed}/{number}", page(title, TEXT, title), "text/html")
            items.append({"title": title, "link": link, "description": "Closed."})
        feeds.append(visitors.at(f"/feed/{feed}", rss(items), "text/xml"))
    return feeds


def pages_stored(db: Database) -> int:
    query = text("SELECT count(*) FROM article WHERE fetched_at IS NOT NULL AND due_at IS NULL")
    return int(db.read(lambda c: c.execute(query).scalar_one()))


def test_four_workers_ask_a_host_as_politely_as_one(fleet: Fleet, db: Database, site: Site) -> None:
    visitors = Visitors(site)
    fleet.write_config(publish(visitors), site.put("/hook"))
    fleet.knobs |= {
        "WIREWATCH_CONNECTIONS_PER_HOST": str(CONNECTIONS),
        "WIREWATCH_PAGE_GAP_S": str(GAP_S),
        "WIREWATCH_PAGE_WAIT_S": "1",  # some are judged meanwhile, and read later
        "WIREWATCH_POLL_INTERVAL_S": "1",
    }
    fleet.start("beat")
    workers = []
    # Redis serves waiting workers in turn: of as many as a tick has nudges, each would always get
    # the same one.
    for number in range(5):
        fleet.knobs["WIREWATCH_USER_AGENT"] = f"wirewatch/{number}"
        workers.append(fleet.start("worker", "--concurrency", "3"))
    try:
        wait_until(
            lambda: pages_stored(db) == FEEDS * ARTICLES and len(visitors.askers) >= 4,
            timeout_s=60,
            what="every page is read, and four workers have had work",
            every_s=0.1,
        )
    except AssertionError as error:
        seen = f"{pages_stored(db)} pages, {visitors.askers}"
        raise AssertionError(f"{error}: {seen}\n{fleet.log()}") from None
    assert all(worker.poll() is None for worker in workers), fleet.log()
    assert visitors.most == CONNECTIONS
    assert visitors.connected == CONNECTIONS
    pages = visitors.pages()
    assert len(pages) == FEEDS * ARTICLES, "each page is asked for once"
    assert min(later - earlier for earlier, later in pairwise(pages)) > GAP_S - JITTER_S
    assert len(visitors.began["/robots.txt"]) == 1
