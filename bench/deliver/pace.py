"""1,000 alerts to 50 channels that are well while 5 hang and 5 fail; and how many a second at best.

The baseline is a bare aiohttp loop that POSTs the same bodies to the same receivers, unsigned, 64
at once. Both run in this process; the receivers in one of their
own.
"""

import asyncio
import os
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from pathlib import Path

import aiohttp

from bench.deliver.owing import body_of, make_channels, owe
from bench.deliver.receivers import Receivers, receiving
from tests.servers import PostgresServer
from worker import logs, pipeline, runtime, store
from worker.settings import Settings
from worker.tools import Tools

_WIDTH = 64
WELL, ILL, ALERTS, ROUNDS, BACKLOG = 50, 5, 1_000, 3, 3_000


def run() -> None:
    for name in ("SQLite, embedded", "Postgres"):
        with _logging(), receiving() as receivers, _tools(name) as tools:
            latencies, lost, doubled = _beside_the_ill(tools, receivers)
            ratios, rates = _at_best(tools, receivers)
        print(
            f"{name}\n"
            f"  {ALERTS} alerts to {WELL} channels, owed at once, beside {ILL} that hang and {ILL} "
            f"that answer 500:\n"
            f"    from commit to receipt: median {statistics.median(latencies):.2f} s, p95 "
            f"{_p95(latencies):.2f} s, longest {max(latencies):.2f} s   (to reach: p95 1 s)\n"
            f"    missed {lost}, received under a second id or twice {doubled}   (to reach: 0)\n"
            f"  {BACKLOG} alerts to the {WELL}: {statistics.median(rates):,.0f} a second, "
            f"{statistics.median(ratios):.2f} of a bare aiohttp loop "
            f"(rounds: {', '.join(f'{r:.2f}' for r in ratios)})   (to reach: 0.6)",
            flush=True,
        )


@contextmanager
def _logging() -> Iterator[None]:
    """A line for each delivery, as the daemon writes it, but to nowhere: its cost is ours."""
    with Path(os.devnull).open("w") as nowhere, redirect_stderr(nowhere):
        logs.configure(Settings(log_format="json"))
        yield


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


@contextmanager
def _tools(name: str) -> Iterator[Tools]:
    with tempfile.TemporaryDirectory() as folder:
        server = None if name.startswith("SQLite") else PostgresServer("any")
        if server is not None:
            server.start()
        url = server.create_database() if server else f"sqlite:///{Path(folder) / 'bench.db'}"
        tools = runtime.build(Settings(database_url=url, allow_networks="127.0.0.0/8"))
        store.upgrade(tools.db)
        try:
            yield tools
        finally:
            runtime.close(tools)
            if server is not None:
                server.close()


class _Nudged:
    """The deliver stage in a thread, run as its task is: whenever it is nudged, or a tick comes."""

    def __init__(self, tools: Tools) -> None:
        self._nudge, self._ended = threading.Event(), False
        self._tools = replace(tools, stopping=lambda: self._ended)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended:
            self._nudge.wait(self._tools.settings.tick_s)
            self._nudge.clear()
            while not self._ended and pipeline.deliver(self._tools, lambda _: None):
                pass

    def nudge(self) -> None:
        self._nudge.set()

    def end(self) -> None:
        self._ended = True
        self._thread.join(self._tools.settings.deliver_timeout_s + 5)


def _beside_the_ill(tools: Tools, receivers: Receivers) -> tuple[list[float], int, int]:
    """Seconds from commit to receipt of what the well were sent; how many missed, and doubled."""
    paths = [f"/hanging/{n}" for n in range(ILL)] + [f"/broken/{n}" for n in range(ILL)]
    paths += [f"/ok/{n}" for n in range(WELL)]
    channels = make_channels(tools.db, [receivers.url + path for path in paths])
    ill, well = channels[: 2 * ILL], channels[2 * ILL :]
    stage = _Nudged(tools)
    committed: dict[str, float] = {}
    for _ in range(ALERTS // WELL):  # what is ill is owed as much, and before the others
        owe(tools.db, ill)
        ids, at = owe(tools.db, well)
        committed |= dict.fromkeys(ids, at)
        stage.nudge()
    _wait_for(receivers, ALERTS)
    time.sleep(1)  # for what might come twice
    taken = [one for one in receivers.receipts() if one.path.startswith("/ok/")]
    stage.end()
    counts = Counter(one.webhook_id for one in taken)
    first = {one.webhook_id: one.at for one in reversed(taken)}
    latencies = [first[i] - at for i, at in committed.items() if i in first]
    doubled = len(taken) - len(counts) + len(counts.keys() - committed.keys())
    return latencies, len(committed.keys() - counts.keys()), doubled


def _wait_for(receivers: Receivers, count: int, within_s: float = 60) -> None:
    until = time.monotonic() + within_s
    while receivers.count() < count and time.monotonic() < until:
        time.sleep(0.02)


def _at_best(tools: Tools, receivers: Receivers) -> tuple[list[float], list[float]]:
    """Our pace as a share of the bare loop's, and in alerts a second, for each round."""
    urls = [f"{receivers.url}/ok/{n}" for n in range(WELL)]
    channels = make_channels(tools.db, urls)
    ratios, rates = [], []
    for _ in range(ROUNDS):
        bare_s = _bare(urls, _WIDTH)
        for _ in range(BACKLOG // WELL):
            owe(tools.db, channels)
        before, began = tools.counts["delivered"], time.perf_counter()
        _as_two_tasks(tools)
        ours_s = time.perf_counter() - began
        assert tools.counts["delivered"] - before >= BACKLOG, "not every alert was delivered"
        ratios.append(bare_s / ours_s)
        rates.append(BACKLOG / ours_s)
    receivers.receipts()
    return ratios, rates


def _as_two_tasks(tools: Tools) -> None:
    """Deliver what is due in two threads, as many as a process has tasks of one stage."""

    def task() -> None:
        while pipeline.deliver(tools, lambda _: None):
            pass

    threads = [threading.Thread(target=task) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _bare(urls: list[str], width: int) -> float:
    async def loop() -> float:
        connector = aiohttp.TCPConnector(limit=width)
        async with aiohttp.ClientSession(connector=connector) as session:
            waiting = iter([(urls[n % WELL], body_of(n).encode()) for n in range(BACKLOG)])

            async def worker() -> None:
                for url, body in waiting:
                    async with session.post(url, data=body) as response:
                        assert response.status == 200
                        await response.read()

            began = time.perf_counter()
            await asyncio.gather(*(worker() for _ in range(width)))
            return time.perf_counter() - began

    return asyncio.run(loop())
