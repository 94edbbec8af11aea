"""Pushes what some feeds publish as they do, and times how long it takes to a webhook."""

import asyncio
import hmac
import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from bench.schedule_daemon.clock import Clock
from bench.schedule_daemon.feeds import counted
from bench.schedule_daemon.site import MIME, Shown, base_of, document, title_of
from tests.hub import Hub
from tests.site import Site
from tests.waiting import wait_until
from worker.simulate import World


@dataclass
class Desk:
    """A webhook and a hub of ours; `sent` and `got` have when each entry was pushed and when it
    came, by title, in real seconds.
    """

    site: Site = field(default_factory=Site)
    sent: dict[str, float] = field(default_factory=dict)
    got: dict[str, float] = field(default_factory=dict)

    def open(self) -> None:
        self.site.start()
        self.hook = self.site.at("/hook", self._receive)
        self.hub = Hub(self.site, lease_s=30 * 86_400)

    async def _receive(self, request: web.Request) -> web.Response:
        told = json.loads(await request.read())
        self.got.setdefault(told["article"]["headline"], time.perf_counter())
        return web.Response()

    def took(self) -> list[float]:
        """The real seconds from each push to the webhook, once all have come; waits a minute."""
        sent, got = self.sent, self.got
        wait_until(lambda: sent.keys() <= got.keys(), timeout_s=60, what="all pushed entries came")
        return [got[title] - at for title, at in sent.items()]


@dataclass(frozen=True, slots=True)
class Push:
    """Entries of a feed that are published at one moment, and go out in one document."""

    at: float
    feed: int
    numbers: tuple[int, ...]


def pushes_of(world: World, feeds: Collection[int]) -> list[Push]:
    """What a hub has to push while it counts, by time."""
    found: dict[tuple[float, int], list[int]] = {}
    for feed in feeds:
        for number in counted(world, feed):
            found.setdefault((world.times[feed][number], feed), []).append(number)
    return [Push(at, feed, tuple(numbers)) for (at, feed), numbers in sorted(found.items())]


async def push_all(
    desk: Desk, shown: Shown, clock: Clock, port: int, pushes: Sequence[Push]
) -> None:
    """Push each when it is published."""
    subscribed = {form["hub.topic"]: form for form in desk.hub.asked}
    async with aiohttp.ClientSession() as session:

        async def send(push: Push) -> None:
            base = base_of(push.feed, port)
            form = subscribed[f"{base}/feed/{push.feed}"]
            body = document(shown, push.feed, push.numbers, base).encode()
            signature = hmac.new(form["hub.secret"].encode(), body, "sha256").hexdigest()
            headers = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": MIME}
            at = time.perf_counter()
            desk.sent |= {title_of(push.feed, n, pushed=True): at for n in push.numbers}
            async with session.post(form["hub.callback"], data=body, headers=headers) as answer:
                assert answer.status == 202, await answer.text()

        async with asyncio.TaskGroup() as group:
            for push in pushes:
                await asyncio.sleep(max(0.0, clock.real(push.at) - time.time()))
                group.create_task(send(push))
