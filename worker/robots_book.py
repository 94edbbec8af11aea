"""robots.txt of every host whose pages are read: asked for once a day, kept in the store."""

import asyncio
from collections import OrderedDict
from datetime import datetime
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from worker import robots, store
from worker.errors import Reason
from worker.fetch import Web, fetch
from worker.hosts import NOT_ASKED, host_key
from worker.records import Failed, Fetch, Fetched, FetchRequest
from worker.robots import RobotsCopy, Verdict
from worker.store import Database

# Copies that one process has at hand: the store has all of them.
_MOST_HOSTS, _MOST_CHARS = 2_000, 16 * 1024**2


class RobotsBook:
    """What hosts allow, for one process. Used from one event loop only."""

    def __init__(self, web: Web, db: Database, user_agent: str) -> None:
        self._web, self._db, self._user_agent = web, db, user_agent
        self._copies: OrderedDict[str, RobotsCopy] = OrderedDict()
        self._chars = 0
        self._whys: dict[str, str] = {}
        # A lock is there for as long as somebody holds it or waits for it.
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def refusal(self, request: FetchRequest) -> Failed | None:
        """Why the page of `request` must not be fetched, None where it may be.

        What keeps us from asking for robots.txt at all, such as a private address, would keep us
        from the page, too: that is told as it is.
        """
        host = host_key(request.url)
        copy: RobotsCopy | Failed | None = self._fresh(host)
        if copy is None:
            lock = self._asking.setdefault(host, asyncio.Lock())
            async with lock:  # several pages of one host, one question
                copy = self._fresh(host) or await self._looked_up(host, request)
        if isinstance(copy, Failed):
            return copy
        if self._verdict(copy, request).allowed:
            return None
        if copy.served_at is not None:
            told = f"The robots.txt of {host} closes this page; `robots: off` in feeds.yml passes."
            return Failed(Reason.ROBOTS_DISALLOW, told)
        why = self._whys.get(host, "")
        told = f"The robots.txt of {host} cannot be had, which closes its pages for a day at most."
        told = f"{told} {why}".rstrip()
        again_s = (robots.due_at(copy) - self._web.clock()).total_seconds()
        return Failed(Reason.ROBOTS_UNREACHABLE, told, retry_after_s=again_s)

    def _verdict(self, copy: RobotsCopy, request: FetchRequest) -> Verdict:
        return robots.verdict(
            copy,
            request.url,
            user_agent=request.options.user_agent or self._user_agent,
            now=self._web.clock(),
            longest_delay_s=self._web.settings.max_crawl_delay_s,
        )

    def forget_failing(self, since: datetime) -> None:
        """Ask anew for what has failed since then for no fault of the hosts."""
        for host, copy in list(self._copies.items()):
            if copy.failing_since is not None and copy.failing_since >= since:
                self._chars -= len(self._copies.pop(host).text)

    def _fresh(self, host: str) -> RobotsCopy | None:
        copy = self._copies.get(host)
        if copy is None or robots.due_at(copy) <= self._web.clock():
            return None
        self._copies.move_to_end(host)
        return copy

    async def _looked_up(self, host: str, page: FetchRequest) -> RobotsCopy | Failed:
        """The copy that the store has, where it is fresh, else a new one that goes there."""
        copy = await asyncio.to_thread(self._db.read, lambda db: store.robots_of(db, host))
        if copy is None or robots.due_at(copy) <= self._web.clock():
            got = await self._asked(page)
            if isinstance(got, Failed) and self._never_got_there(got.reason):
                return got
            copy = robots.take(copy, *_answer(got), self._web.clock())
            await self._keep(host, copy, self._verdict(copy, page).delay_s)
            if isinstance(got, Failed):
                self._whys[host] = got.detail
        self._put(host, copy)
        return copy

    def _never_got_there(self, reason: Reason) -> bool:
        return reason in NOT_ASKED or self._web.outage.is_blamed(reason)

    async def _asked(self, page: FetchRequest) -> Fetch:
        parts = urlsplit(page.url)
        return await fetch(
            self._web,
            FetchRequest(
                url=f"{parts.scheme}://{parts.netloc}/robots.txt",
                accept="text/plain, */*;q=0.1",
                # What is over robots' own bound is cut off, not refused: RFC 9309, 2.5.
                max_bytes=self._web.settings.max_page_bytes,
                options=page.options,
                home=page.home,
            ),
        )

    async def _keep(self, host: str, copy: RobotsCopy, delay_s: float | None) -> None:
        await asyncio.to_thread(
            self._db.write, lambda db: store.keep_robots(db, host, copy, delay_s)
        )

    def _put(self, host: str, copy: RobotsCopy) -> None:
        if (old := self._copies.pop(host, None)) is not None:
            self._chars -= len(old.text)
        self._copies[host] = copy
        self._chars += len(copy.text)
        while len(self._copies) > _MOST_HOSTS or self._chars > _MOST_CHARS:
            name, oldest = self._copies.popitem(last=False)
            self._chars -= len(oldest.text)
            self._whys.pop(name, None)


def _answer(got: Fetch) -> tuple[int | None, bytes]:
    """Status and body as RFC 9309 asks for them; None stands for no answer that could be read."""
    if isinstance(got, Fetched):
        return got.status, got.body
    if not isinstance(got, Failed):
        return None, b""
    if got.reason is Reason.TOO_MANY_REDIRECTS:  # then there is none: 2.3.1.2
        return 404, b""
    # A wall against bots is no answer of the site's own to what may be fetched.
    if got.reason is Reason.BOT_PROTECTION or got.status in (None, 200, 304):
        return None, b""
    return got.status, b""
