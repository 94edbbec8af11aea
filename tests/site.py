"""A web site on loopback whose every page a test can make behave as it likes."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """One request as the site got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Site:
    """Serves what was put at a path; counts and keeps every request."""

    port: int = 0
    requests: list[Seen] = field(default_factory=list)
    _handlers: dict[str, Handler] = field(default_factory=dict)

    def start(self) -> None:
        started = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(10), "the test site did not start"

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        """Answers that never come are ended too, lest they be told of in somebody else's log."""
        await self._runner.cleanup()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _listen(self) -> None:
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        place = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await place.start()
        server: Any = place._server
        self.port = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.method, request.path, dict(request.headers), await request.read())
        self.requests.append(seen)
        handler = self._handlers.get(request.path)
        return await handler(request) if handler else web.Response(status=404, text="no such page")

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def at(self, path: str, handler: Handler) -> str:
        """Let `handler` answer at `path`; returns the URL."""
        self._handlers[path] = handler
        return self.url(path)

    def put(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        kind: str = "text/html; charset=utf-8",
        **headers: str,
    ) -> str:
        """Serve a fixed answer at `path`; `etag` among the headers makes it conditional."""
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}

        async def answer(request: web.Request) -> web.StreamResponse:
            etag = named.get("Etag")
            if etag and request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers=named)
            return web.Response(status=status, body=content, headers={"Content-Type": kind} | named)

        return self.at(path, answer)

    def put_feed(self, path: str, items: list[dict[str, str]], **headers: Any) -> str:
        """Serve an RSS 2.0 feed of items with title, link, guid, description, pubDate."""
        return self.put(path, rss(items), kind="application/rss+xml", **headers)

    def paths(self) -> list[str]:
        return [seen.path for seen in self.requests]


def rss(items: list[dict[str, str]], title: str = "A feed") -> str:
    """An RSS 2.0 document; each item's keys are its elements."""
    told = "".join(
        "<item>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in item.items()) + "</item>"
        for item in items
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{escape(title)}</title>'
        f"<link>http://example.org/</link>{told}</channel></rss>"
    )


def page(title: str, *paragraphs: str) -> str:
    """An article page with some furniture around the text."""
    text = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{escape(title)} | The Site</title></head>"
        "<body><nav><a href='/'>Home</a> <a href='/news'>News</a></nav>"
        f"<article><h1>{escape(title)}</h1>{text}</article>"
        "<footer>© The Site</footer></body></html>"
    )
