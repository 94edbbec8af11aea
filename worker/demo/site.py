"""The demo's local site: feeds and article pages that publish by the clock.

`/log.json` is the ground truth: what was published when, to the microsecond, what it is, and
whether the shipped topic should find it.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from random import Random
from typing import Any

from aiohttp import web

from worker.demo import pages
from worker.demo.newsroom import Item, Kind, Newsroom
from worker.demo.outlets import BY_SLUG, OUTLETS

_IN_FEED = 20
_IN_MEMORY = 5_000  # articles a site that runs on for ever keeps pages of
_JITTER = 1 / 3  # of the pause between two items, either way: 1 to 2 s around 1.5


@dataclass(frozen=True, slots=True)
class Publication:
    """An item on the site; `live` says that it is none of the history the site began with."""

    item: Item
    at: datetime
    live: bool

    def as_json(self, base_url: str) -> dict[str, Any]:
        item = self.item
        return {
            "kind": item.kind,
            "story": item.story,
            "outlet": item.outlet.slug,
            "url": base_url + item.path,
            "feeds": [f"{base_url}/{item.outlet.slug}/{name}" for name in item.feeds],
            "headline": item.headline,
            "subject": item.subject,
            "matches": item.matches,
            "at": self.at.isoformat(),
            "live": self.live,
        }


@dataclass(frozen=True, slots=True)
class _Resource:
    body: bytes
    content_type: str
    etag: str
    changed: datetime


class Site:
    """What is published, and the web application that serves it.

    `items` limits what is published after the history; None goes on for ever.
    """

    def __init__(
        self, base_url: str, *, seed: int, items: int | None, every_s: float, history: int = 3
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.log: list[Publication] = []
        self.articles = 0  # distinct addresses published so far
        self.finished = asyncio.Event()
        self.every_feed_read = asyncio.Event()
        self._newsroom, self._rng = Newsroom(seed), Random(seed)
        self._items, self._every_s = items, every_s
        self._in_feed: dict[str, list[Item]] = {
            f"/{outlet.slug}/{name}": [] for outlet in OUTLETS for name in outlet.feeds
        }
        self._unread = set(self._in_feed)
        self._resources: dict[str, _Resource] = {}
        now = datetime.now(UTC)
        for item in self._newsroom.history(now, history):
            self._put(Publication(item, item.published, live=False), now)
        for path in self._in_feed:
            self._render_feed(path, now)

    def publish_next(self) -> Publication:
        """Write the next item and put it on the site, in its feeds and at its address."""
        now = datetime.now(UTC)
        publication = Publication(self._newsroom.write(now), now, live=True)
        self._put(publication, now)
        for name in publication.item.feeds:
            self._render_feed(f"/{publication.item.outlet.slug}/{name}", now)
        return publication

    async def publish(self) -> None:
        """Publish by the clock until there have been as many items as wanted."""
        published = 0
        while self._items is None or published < self._items:
            await asyncio.sleep(self._every_s * self._rng.uniform(1 - _JITTER, 1 + _JITTER))
            self.publish_next()
            published += 1
        self.finished.set()

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/healthz", self._health),
                web.get("/log.json", self._show_log),
                web.get("/feeds.opml", self._show_opml),
                web.get("/{outlet}/{name}", self._show),
            ]
        )
        return app

    def _put(self, publication: Publication, now: datetime) -> None:
        item = publication.item
        self.log.append(publication)
        self.articles += item.kind is not Kind.UPDATE
        related = [one.item for one in self.log[-5:-1] if one.item.outlet is not item.outlet]
        html = pages.page(item, self.base_url, related)
        self._resources[item.path] = _resource(html, "text/html", item.updated)
        for name in item.feeds:
            listed = self._in_feed[f"/{item.outlet.slug}/{name}"]
            kept = [one for one in listed if one.guid != item.guid]
            listed[:] = [item, *kept][:_IN_FEED]
        if len(self.log) > _IN_MEMORY:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        """A page goes with the last mention of it in the log."""
        path = self.log.pop(0).item.path
        if all(one.item.path != path for one in self.log):
            self._resources.pop(path, None)

    def _render_feed(self, path: str, now: datetime) -> None:
        slug, name = path.strip("/").split("/")
        outlet = BY_SLUG[slug]
        xml = pages.feed(outlet, name, self._in_feed[path], self.base_url, now)
        content_type = f"application/{'atom' if 'Atom' in xml[:90] else 'rss'}+xml"
        self._resources[path] = _resource(xml, content_type, now)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        if (resource := self._resources.get(request.path)) is None:
            raise web.HTTPNotFound
        self._unread.discard(request.path)
        if not self._unread:
            self.every_feed_read.set()
        headers = {
            "ETag": resource.etag,
            "Last-Modified": format_datetime(resource.changed, usegmt=True),
            "Vary": "Accept-Encoding",
        }
        if _has_it(request, resource):
            return web.Response(status=304, headers=headers)
        response = web.Response(
            body=resource.body, content_type=resource.content_type, charset="utf-8", headers=headers
        )
        response.enable_compression()
        return response

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "published": len(self.log)})

    async def _show_log(self, _request: web.Request) -> web.Response:
        log = [publication.as_json(self.base_url) for publication in self.log]
        return web.json_response({"finished": self.finished.is_set(), "published": log})

    async def _show_opml(self, _request: web.Request) -> web.Response:
        return web.Response(text=pages.opml(self.base_url), content_type="text/x-opml")


def _resource(text: str, content_type: str, changed: datetime) -> _Resource:
    body = text.encode()
    # Weak: the same page goes out with and without gzip.
    etag = f'W/"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
    return _Resource(body, content_type, etag, changed.astimezone(UTC).replace(microsecond=0))


def _has_it(request: web.Request, resource: _Resource) -> bool:
    """Whether the client has this very version: its ETag decides where it sends one (RFC 9110)."""
    if wanted := request.headers.get("If-None-Match"):
        return wanted.strip() == "*" or resource.etag in [tag.strip() for tag in wanted.split(",")]
    if since := request.headers.get("If-Modified-Since"):
        with contextlib.suppress(ValueError, TypeError):
            return resource.changed <= parsedate_to_datetime(since)
    return False


def serve(
    host: str, port: int, base_url: str, every_s: float, items: int | None, seed: int
) -> None:
    """Serve and publish until SIGTERM or SIGINT; `base_url` is how others reach the site."""

    async def build() -> web.Application:
        site = Site(base_url, seed=seed, items=items, every_s=every_s)
        app = site.app()
        app.cleanup_ctx.append(publishing)
        app[_SITE] = site
        return app

    web.run_app(build(), host=host, port=port, print=None, shutdown_timeout=1)


_SITE = web.AppKey("site", Site)


async def publishing(app: web.Application) -> AsyncIterator[None]:
    """Publish for as long as the application runs."""
    task = asyncio.create_task(app[_SITE].publish())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
