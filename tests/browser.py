"""The daemon's own HTTP session on its own kind of loop, for tests to fetch with."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from typing import Any, TypeVar

import aiohttp

from worker import runtime
from worker.fetch import FEED_TYPES, fetch
from worker.flights import LoopThread
from worker.records import Fetch, FetchRequest
from worker.settings import Settings

T = TypeVar("T")
LOOPBACK = (ip_network("127.0.0.0/8"),)


class Browser:
    """A session as `runtime` builds it; loopback is allowed unless `knobs` says otherwise."""

    def __init__(self, *, timeout_s: float = 10, **knobs: Any) -> None:
        self.settings = Settings(**({"allow_networks": LOOPBACK} | knobs))
        self.loop = LoopThread()
        self.session: aiohttp.ClientSession = self.loop.run(
            runtime.http_session(self.settings, timeout_s)
        )

    def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int = 1024**2,
    ) -> Fetch:
        request = FetchRequest(url, FEED_TYPES, max_bytes, etag, last_modified)
        redirects = self.settings.max_redirects
        return self.run(lambda session: fetch(session, request, max_redirects=redirects))

    def run(self, work: Callable[[aiohttp.ClientSession], Awaitable[T]]) -> T:
        """Await `work(session)` on the browser's loop."""

        async def awaited() -> T:
            return await work(self.session)

        return self.loop.run(awaited(), timeout_s=60)

    def close(self) -> None:
        self.loop.run(self.session.close(), timeout_s=5)
        self.loop.close()
