"""A feed and page server in a process of its own, so that its CPU is never counted as ours."""

import asyncio
import gzip
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web


@contextmanager
def serving(pages: Path | None = None) -> Iterator[str]:
    """Serve `/feed/N` (one item each, 304 to its ETag) and `/page/FILE`; yields the base URL."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, pages), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join(5)


def _serve(pipe: Connection, pages: Path | None) -> None:
    app = web.Application()
    app.router.add_get("/feed/{n}", _feed)
    if pages is not None:
        bodies = {file.name: gzip.decompress(file.read_bytes()) for file in pages.glob("*.gz")}

        async def page(request: web.Request) -> web.Response:
            return web.Response(body=bodies[request.match_info["name"]], content_type="text/html")

        app.router.add_get("/page/{name}", page)
    asyncio.run(_listen(app, pipe))


async def _listen(app: web.Application, pipe: Connection) -> None:
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=600)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        await web.SockSite(runner, listening).start()
        pipe.send(listening.getsockname()[1])
        await asyncio.Event().wait()


async def _feed(request: web.Request) -> web.Response:
    etag = f'"{request.match_info["n"]}"'
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers={"ETag": etag})
    link = f"http://news.test/{request.match_info['n']}"
    body = (
        '<rss version="2.0"><channel><title>A feed</title>'
        f"<item><title>An item</title><link>{link}</link></item></channel></rss>"
    )
    return web.Response(text=body, content_type="application/rss+xml", headers={"ETag": etag})
