"""Receivers of alerts in a process of their own, and what they were sent."""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

from aiohttp import web


class Receipt(NamedTuple):
    """One request to a path: the alert's id, and when (seconds since the epoch)."""

    path: str
    webhook_id: str
    at: float


class Receivers:
    """`/ok/…` takes alerts, `/broken/…` answers 500, `/hanging/…` never answers."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.url = f"http://127.0.0.1:{pipe.recv()}"

    def receipts(self) -> list[Receipt]:
        """What came since they were asked last, the first first."""
        self._pipe.send("told")
        return [Receipt(*one) for one in self._pipe.recv()]

    def count(self) -> int:
        """How many alerts were taken since they were asked for receipts."""
        self._pipe.send("count")
        return int(self._pipe.recv())


@contextmanager
def receiving() -> Iterator[Receivers]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield Receivers(ours)
    finally:
        process.terminate()
        process.join(5)


def _serve(pipe: Connection) -> None:
    asyncio.run(_listen(pipe))


async def _listen(pipe: Connection) -> None:
    seen: list[Sequence[object]] = []

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        seen.append((request.path, request.headers.get("webhook-id", ""), time.time()))
        if request.path.startswith("/hanging/"):
            await asyncio.sleep(3_600)
        return web.Response(status=500 if request.path.startswith("/broken/") else 200)

    def asked() -> None:
        if pipe.recv() == "count":
            pipe.send(sum(1 for path, *_ in seen if str(path).startswith("/ok/")))
            return
        pipe.send(list(seen))
        seen.clear()

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=600)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        await web.SockSite(runner, listening).start()
        pipe.send(listening.getsockname()[1])
        asyncio.get_running_loop().add_reader(pipe.fileno(), asked)
        await asyncio.Event().wait()
