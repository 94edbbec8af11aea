"""The daemon's own way to fetch on its own kind of loop, for tests to fetch with."""

from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_network
from typing import Any, TypeVar

from aiohttp.abc import AbstractResolver

from worker import runtime
from worker.channels import Means
from worker.feed_options import PLAIN, FeedOptions
from worker.fetch import FEED_TYPES, Web, fetch
from worker.flights import LoopThread
from worker.records import Fetch, FetchRequest
from worker.settings import Settings

T = TypeVar("T")
LOOPBACK = (ip_network("127.0.0.0/8"),)


class Browser:
    """What fetches as `runtime` builds it; loopback is allowed unless `knobs` says otherwise."""

    def __init__(
        self,
        *,
        timeout_s: float = 10,
        resolver: Callable[[], AbstractResolver] | None = None,
        environ: Mapping[str, str] | None = None,
        **knobs: Any,
    ) -> None:
        timeouts = {"fetch_timeout_s": timeout_s, "deliver_timeout_s": timeout_s}
        given: dict[str, Any] = {"allow_networks": LOOPBACK, **timeouts, **knobs}
        self.settings = Settings(**given)
        self.loop = LoopThread()

        async def opened() -> Web:
            made = resolver() if resolver else None
            return await runtime.open_web(self.settings, made, environ or {})

        self.web = self.loop.run(opened())
        self.delivering = self.loop.run(runtime.open_means(self.settings, environ or {}))

    def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        max_bytes: int = 1024**2,
        options: FeedOptions = PLAIN,
        home: str | None = None,
    ) -> Fetch:
        request = FetchRequest(url, FEED_TYPES, max_bytes, etag, last_modified, options, home)
        return self.run(lambda web: fetch(web, request))

    def run(self, work: Callable[[Web], Awaitable[T]]) -> T:
        """Await `work(web)` on the browser's loop."""
        return self._awaited(lambda: work(self.web))

    def deliver(self, work: Callable[[Means], Awaitable[T]]) -> T:
        """Await `work(means)` with what delivers alerts."""
        return self._awaited(lambda: work(self.delivering))

    def _awaited(self, work: Callable[[], Awaitable[T]]) -> T:
        async def awaited() -> T:
            return await work()

        return self.loop.run(awaited(), timeout_s=60)

    def close(self) -> None:
        self.loop.run(self.delivering.close(), timeout_s=5)
        self.loop.run(runtime.close_web(self.web), timeout_s=5)
        self.loop.close()
