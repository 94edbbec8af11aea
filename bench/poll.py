"""304 polls: claim, conditional GET, settle, against a bare aiohttp loop doing the same GETs."""

import asyncio
import statistics
import time

import aiohttp

from bench.desk import desk, make_due
from bench.site import serving
from worker import pipeline
from worker.tools import Tools

FEEDS, ROUNDS, WIDTH = 1_000, 5, 100


def run() -> None:
    with serving() as base:
        urls = [f"{base}/feed/{n}" for n in range(FEEDS)]
        with desk(urls) as tools:
            pipeline.poll(tools, lambda _: None)
            ours, bare = [], []
            for _ in range(ROUNDS):
                bare.append(_bare(urls))
                ours.append(_ours(tools))
    bare_s, ours_s = (statistics.median(cpu for cpu, _ in runs) for runs in (bare, ours))
    wall = statistics.median(wall for _, wall in ours)
    print(
        f"304 polls on kept connections, {FEEDS} feeds, medians of {ROUNDS} rounds\n"
        f"  bare aiohttp loop    {bare_s:.3f} CPU-s per 1,000\n"
        f"  lease, poll, settle  {ours_s:.3f} CPU-s per 1,000, {FEEDS / wall:,.0f} polls/s\n"
        f"  ratio                {ours_s / bare_s:.2f}   (to reach: 3 or less)"
    )


def _ours(tools: Tools) -> tuple[float, float]:
    make_due(tools, "feed")
    cpu, wall = time.process_time(), time.perf_counter()
    while pipeline.poll(tools, lambda _: None):
        pass
    spent = time.process_time() - cpu, time.perf_counter() - wall
    assert tools.counts["polled"] % FEEDS == 0, "not every feed was polled"
    return spent


def _bare(urls: list[str]) -> tuple[float, float]:
    """The same conditional GETs, 100 at a time, on connections that are warm already."""

    async def loop() -> tuple[float, float]:
        connector = aiohttp.TCPConnector(limit=WIDTH)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def worker(mine: list[str]) -> None:
                for url in mine:
                    etag = f'"{url.rpartition("/")[2]}"'
                    async with session.get(url, headers={"If-None-Match": etag}) as response:
                        assert response.status == 304
                        await response.read()

            shares = [urls[n::WIDTH] for n in range(WIDTH)]
            await asyncio.gather(*(worker(share[:1]) for share in shares))
            cpu, wall = time.process_time(), time.perf_counter()
            await asyncio.gather(*(worker(share) for share in shares))
            return time.process_time() - cpu, time.perf_counter() - wall

    return asyncio.run(loop())
