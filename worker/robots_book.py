"""robots.txt of every host whose pages are read: asked for once a day, kept in the store."""

import asyncio
from collections import OrderedDict, defaultdict
from datetime import datetime
from urllib.parse import urlsplit

from worker import robots, store
from worker.errors import Reason
from worker.fetch import Web, fetch
from worker.hosts import host_key
from worker.records import Failed, Fetched, FetchRequest
from worker.robots import RobotsCopy
from worker.store import Database

_MOST_HOSTS = 2_000


class RobotsBook:
    """What hosts allow, for one process. Used from one event loop only."""

    def __init__(self, web: Web, db: Database, user_agent: str) -> None:
        self._web, self._db, self._user_agent = web, db, user_agent
        self._copies: OrderedDict[str, RobotsCopy] = OrderedDict()
        self._failed: dict[str, Reason] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def refusal(self, request: FetchRequest) -> Failed | None:
        """Why the page of `request` must not be fetched, None where it may be."""
        host = host_key(request.url)
        copy = self._fresh(host)
        if copy is None:
            lock = self._asking[host]
            async with lock:  # several pages of one host, one question
                copy = self._fresh(host) or await self._looked_up(host, request)
            if not lock.locked():
                self._asking.pop(host, None)
        verdict = robots.verdict(
            copy,
            request.url,
            user_agent=request.options.user_agent or self._user_agent,
            now=self._web.clock(),
            longest_delay_s=self._web.settings.max_crawl_delay_s,
        )
        if verdict.allowed:
            return None
        if copy.served_at is None:  # it may open again: the page is worth another try
            told = f"The robots.txt of {host} cannot be had, which closes its pages for a day."
            return Failed(self._failed.get(host, Reason.SERVER_ERROR), told)
        told = f"The robots.txt of {host} closes this page; `robots: off` in feeds.yml passes it."
        return Failed(Reason.ROBOTS_DISALLOW, told)

    def forget_failing(self, since: datetime) -> None:
        """Ask anew for what has failed since then for no fault of the hosts."""
        for host, copy in list(self._copies.items()):
            if copy.failing_since is not None and copy.failing_since >= since:
                del self._copies[host]

    def _fresh(self, host: str) -> RobotsCopy | None:
        copy = self._copies.get(host)
        if copy is None or robots.due_at(copy) <= self._web.clock():
            return None
        self._copies.move_to_end(host)
        return copy

    async def _looked_up(self, host: str, request: FetchRequest) -> RobotsCopy:
        """The copy that the store has, where it is fresh, else a new one that goes there."""
        copy = await asyncio.to_thread(self._db.read, lambda db: store.robots_of(db, host))
        if copy is None or robots.due_at(copy) <= self._web.clock():
            copy = await self._asked(host, request, copy)
        self._copies[host] = copy
        if len(self._copies) > _MOST_HOSTS:
            self._copies.popitem(last=False)
        return copy

    async def _asked(self, host: str, page: FetchRequest, old: RobotsCopy | None) -> RobotsCopy:
        parts = urlsplit(page.url)
        got = await fetch(
            self._web,
            FetchRequest(
                url=f"{parts.scheme}://{parts.netloc}/robots.txt",
                accept="text/plain, */*;q=0.1",
                # What is over the bound is cut off, not refused: RFC 9309, 2.5.
                max_bytes=self._web.settings.max_page_bytes,
                options=page.options,
                home=page.home,
            ),
        )
        if isinstance(got, Failed):
            self._failed[host] = got.reason
        now = self._web.clock()
        if isinstance(got, Failed) and got.reason is Reason.OFFLINE:
            return old or RobotsCopy("", now, failing_since=now)  # nobody was asked
        copy = robots.take(old, *_answer(got), now)
        delay_s = robots.verdict(
            copy,
            page.url,
            user_agent=self._user_agent,
            now=now,
            longest_delay_s=self._web.settings.max_crawl_delay_s,
        ).delay_s
        kept = copy
        await asyncio.to_thread(
            self._db.write, lambda db: store.keep_robots(db, host, kept, delay_s)
        )
        return copy


def _answer(got: object) -> tuple[int | None, bytes]:
    """Status and body as RFC 9309 asks for them: too many redirects mean that there is none."""
    if isinstance(got, Fetched):
        return got.status, got.body
    if isinstance(got, Failed):
        if got.reason is Reason.TOO_MANY_REDIRECTS:
            return 404, b""
        # A wall against bots is no answer of the site's own to what may be fetched.
        return (None if got.reason is Reason.BOT_PROTECTION else got.status), b""
    return None, b""
