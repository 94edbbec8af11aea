"""One URL in, one outcome out: fetched, not modified, or failed with a reason.

Redirects are followed here, not by aiohttp: each hop is judged by the guard before it is asked,
secrets stay on the feed's own site, and a move for good is told from a passing one.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver

from worker.bot_walls import wall_of
from worker.errors import Reason, SetupError
from worker.feed_options import PLAIN, FeedOptions
from worker.hosts import host_key
from worker.http.body import ACCEPT_ENCODING, BodyLimits, read_body, read_head
from worker.http.headers import fresh_s, retry_after_s
from worker.http.proxy import through_proxy
from worker.http.reasons import REQUEST_ERRORS, reason_of_error, reason_of_status
from worker.netguard import check_url
from worker.outage import Outage
from worker.records import Failed, Fetch, Fetched, FetchRequest, Hop, NotModified
from worker.secrets_env import conceal, expand
from worker.settings import Settings
from worker.urls import same_site

FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/feed+json;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_MAX_VALIDATOR = 1_000
_HEAD_BYTES = 16 * 1024
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Web:
    """What fetching needs: sessions, the one of proxies apart, for it may reach their addresses.

    `environ` holds what each `${NAME}` stands for.
    """

    direct: aiohttp.ClientSession
    proxied: aiohttp.ClientSession
    resolver: AbstractResolver
    settings: Settings
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    outage: Outage = field(default_factory=Outage)


async def fetch(web: Web, request: FetchRequest) -> Fetch:
    """GET `request.url`, conditionally where it carries validators; never raises for the site.

    While our own network is down, hardly anything is asked: the rest fails as offline at once.
    """
    if not web.outage.may_ask(web.clock()):
        return Failed(Reason.OFFLINE, "No site answers at all: our own network seems to be down.")
    outcome = await _fetch(web, request)
    reason = outcome.reason if isinstance(outcome, Failed) else None
    web.outage.note(host_key(request.url), reason, web.clock())
    return outcome


async def _fetch(web: Web, request: FetchRequest) -> Fetch:
    hops: list[Hop] = []
    try:
        async with asyncio.timeout(web.settings.fetch_timeout_s):
            outcome = await _follow(web, request, hops)
    except SetupError as error:
        outcome = Failed(Reason.SECRET_MISSING, f"Of this feed's options {error}")
    except REQUEST_ERRORS as error:
        outcome = Failed(*reason_of_error(error))
    if isinstance(outcome, Failed) and (secrets := request.options.secret_texts()):
        outcome = replace(outcome, detail=conceal(outcome.detail, secrets, web.environ))
    return replace(outcome, hops=tuple(hops)) if hops else outcome


async def _follow(web: Web, request: FetchRequest, hops: list[Hop]) -> Fetch:
    url = request.url
    while True:
        refused = check_url(
            url, allowed=web.settings.allow_networks, longest=web.settings.max_url_chars
        )
        if refused is not None:
            return refused
        outcome = await _ask(web, request, url)
        if not isinstance(outcome, Hop):
            return outcome
        if len(hops) >= web.settings.max_redirects:
            told = f"It was still redirecting after {len(hops)} redirects."
            return Failed(Reason.TOO_MANY_REDIRECTS, told, outcome.status)
        hops.append(outcome)
        url = outcome.url


async def _ask(web: Web, request: FetchRequest, url: str) -> Fetch | Hop:
    """One request of the chain."""
    headers = _headers(web, request, url)
    knobs: dict[str, Any] = {} if request.options.verify_tls else {"ssl": False}
    session, target = web.direct, url
    if request.options.proxy:
        proxy = expand(request.options.proxy, web.environ)
        session = web.proxied
        target, pinned = await through_proxy(url, web.resolver, web.settings.allow_networks)
        headers, knobs = headers | pinned.headers, knobs | {"proxy": proxy} | pinned.knobs
    async with session.get(target, headers=headers, allow_redirects=False, **knobs) as response:
        asked = bool(request.etag or request.last_modified)
        status = response.status
        if status == HTTPStatus.NOT_MODIFIED and asked:
            fresh = fresh_s(response.headers, web.clock())
            return NotModified(*_validators(response), fresh_s=fresh)
        if status in _REDIRECTS and (location := response.headers.get("Location")):
            return _hop(url, location, status)
        if status != HTTPStatus.OK:
            return await _refused(web, response)
        return await _read(web, request, url, response)


def _hop(url: str, location: str, status: int) -> Hop | Failed:
    """Where a redirect leads; whether that may be asked is judged with the next request."""
    location = location.strip()
    try:
        # To join what is absolute already would mend what must be refused.
        to = location if _SCHEME.match(location) else urljoin(url, location)
    except ValueError:
        told = f"It redirects to {location[:100]!r}, which is no address."
        return Failed(Reason.BAD_URL, told, status)
    return Hop(status, to.partition("#")[0])


def _is_trusted(request: FetchRequest, url: str) -> bool:
    """Whether `url` may see the feed's secrets: its own site, and not where others read along."""
    home = request.home or request.url
    downgraded = home.lower().startswith("https:") and not url.lower().startswith("https:")
    return same_site(home, url) and not downgraded


def _headers(web: Web, request: FetchRequest, url: str) -> dict[str, str]:
    options = request.options
    headers = {"Accept": request.accept, "Accept-Encoding": ACCEPT_ENCODING}
    if options.user_agent:
        headers["User-Agent"] = options.user_agent
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    if options is not PLAIN and _is_trusted(request, url):
        headers |= _secrets(options, web.environ)
    return headers


def _secrets(options: FeedOptions, environ: Mapping[str, str]) -> dict[str, str]:
    told = {name: expand(value, environ) for name, value in options.headers}
    if options.auth:
        user, _, password = expand(options.auth, environ).partition(":")
        told["Authorization"] = aiohttp.BasicAuth(user, password, "utf-8").encode()
    if options.cookie:
        told["Cookie"] = expand(options.cookie, environ)
    return told


async def _read(
    web: Web, request: FetchRequest, url: str, response: aiohttp.ClientResponse
) -> Fetch:
    settings = web.settings
    limits = BodyLimits(
        request.max_bytes, settings.max_expansion, settings.min_rate_bytes_s, settings.rate_grace_s
    )
    got = await read_body(response, limits)
    if isinstance(got, Failed):
        return replace(got, status=response.status)
    body, whole = got
    if wall := _wall(response, body[:_HEAD_BYTES]):
        return _walled(wall, response.status)
    # A body that was cut off must be asked for again: its validators would hide the rest.
    etag, last_modified = _validators(response) if whole else (None, None)
    return Fetched(
        url=url,
        status=response.status,
        body=body,
        content_type=response.headers.get("Content-Type", ""),
        charset=request.options.encoding or response.charset,
        etag=etag,
        last_modified=last_modified,
        whole=whole,
        fresh_s=fresh_s(response.headers, web.clock()),
    )


def _validators(response: aiohttp.ClientResponse) -> tuple[str | None, str | None]:
    """ETag and Last-Modified exactly as sent, where they are fit to be sent back."""
    etag, modified = (
        value if value and len(value) <= _MAX_VALIDATOR and value.isprintable() else None
        for value in (response.headers.get("ETag"), response.headers.get("Last-Modified"))
    )
    return etag, modified


async def _refused(web: Web, response: aiohttp.ClientResponse) -> Failed:
    status = response.status
    pause_s = retry_after_s(response.headers.get("Retry-After"), web.clock())
    if wall := _wall(response, await _head(response)):
        return replace(_walled(wall, status), retry_after_s=pause_s)
    told = f"The site answered {status} {response.reason or ''}".strip()[:200]
    return Failed(reason_of_status(status), told, status, pause_s)


async def _head(response: aiohttp.ClientResponse) -> bytes:
    """The start of a refusal's body; the status counts even where the body cannot be read."""
    try:
        return await read_head(response, _HEAD_BYTES)
    except REQUEST_ERRORS:
        return b""


def _wall(response: aiohttp.ClientResponse, head: bytes) -> str | None:
    return wall_of(response.status, response.headers, head)


def _walled(wall: str, status: int) -> Failed:
    told = (
        f"{wall} takes us for a bot (status {status}). Ask the site to let the feed's readers "
        "through, or give this feed headers, a cookie or a proxy of its own in feeds.yml."
    )
    return Failed(Reason.BOT_PROTECTION, told, status)
