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
from yarl import URL

from worker.bot_walls import wall_of
from worker.errors import Reason, SetupError
from worker.feed_options import PLAIN, FeedOptions
from worker.hosts import host_key
from worker.http.body import ACCEPT_ENCODING, BodyLimits, read_body, read_head
from worker.http.headers import charset_of, fresh_s, retry_after_s
from worker.http.proxy import proxy_address, through_proxy, trouble_of_proxy
from worker.http.reasons import REQUEST_ERRORS, reason_of_error, reason_of_status
from worker.netguard import check_url
from worker.outage import Outage
from worker.records import Failed, Fetch, Fetched, FetchRequest, Hop, NotModified
from worker.secrets_env import conceal, expand, names_in
from worker.settings import Settings
from worker.text import clean_line
from worker.urls import same_site

FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/feed+json;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_MAX_VALIDATOR, _MAX_DETAIL = 1_000, 300
_HEAD_BYTES, _MAX_LINKS = 64 * 1024, 8 * 1024
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)
_USERINFO = re.compile("//[^/?#]*@")
_REDIRECTS = (301, 302, 303, 307, 308)
_SUCCESS = (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION)


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
        outcome = Failed(*reason_of_error(error, "WIREWATCH_FETCH_TIMEOUT_S"))
    if isinstance(outcome, Failed):
        outcome = replace(outcome, detail=_told(web, request, hops, outcome.detail))
    return replace(outcome, hops=tuple(hops)) if hops else outcome


def _told(web: Web, request: FetchRequest, hops: list[Hop], detail: str) -> str:
    """`detail` as it may be stored and shown: where it happened, and without secrets."""
    if hops:
        to = _USERINFO.sub("//…@", hops[-1].url[:100])
        detail = f"A redirect led to {to}. {detail}"
    if secrets := request.options.secret_texts():
        detail = conceal(detail, secrets, web.environ)
    return clean_line(detail, _MAX_DETAIL)


async def _follow(web: Web, request: FetchRequest, hops: list[Hop]) -> Fetch:
    url, most = request.url, web.settings.max_redirects
    seen = {url}
    while True:
        refused = check_url(
            url, allowed=web.settings.allow_networks, longest=web.settings.max_url_chars
        )
        if refused is not None:
            return refused
        outcome = await _ask(web, request, url)
        if not isinstance(outcome, Hop):
            return outcome
        url = outcome.url
        if url in seen:
            told = "It redirects in a circle, as sites do that insist on a cookie."
            return Failed(Reason.TOO_MANY_REDIRECTS, told, outcome.status)
        if len(hops) >= most:
            told = f"It was still redirecting after {most} redirects (WIREWATCH_MAX_REDIRECTS)."
            return Failed(Reason.TOO_MANY_REDIRECTS, told, outcome.status)
        hops.append(outcome)
        seen.add(url)


@dataclass(frozen=True, slots=True)
class _Road:
    """How one request gets there: on which session, asking for what, and with what else."""

    session: aiohttp.ClientSession
    target: URL | str
    headers: dict[str, str] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)
    proxy: URL | None = None


async def _road(web: Web, options: FeedOptions, url: str) -> _Road | Failed:
    if options.proxy is None:
        return _Road(web.direct, url)
    proxy = proxy_address(options.proxy, web.environ)
    if proxy is None:
        return Failed(Reason.PROXY_FAILED, f"{options.proxy} is no usable address of a proxy.")
    pinned = await through_proxy(url, web.resolver, web.settings.allow_networks)
    if isinstance(pinned, Failed):
        return pinned
    knobs = pinned.knobs | {"proxy": proxy}
    return _Road(web.proxied, pinned.target, pinned.headers, knobs, proxy)


async def _ask(web: Web, request: FetchRequest, url: str) -> Fetch | Hop:
    """One request of the chain."""
    headers = _headers(web, request, url)
    road = await _road(web, request.options, url)
    if isinstance(road, Failed):
        return road
    knobs: dict[str, Any] = {} if request.options.verify_tls else {"ssl": False}
    try:
        async with road.session.get(
            road.target,
            headers=headers | road.headers,
            allow_redirects=False,
            **knobs,
            **road.knobs,
        ) as response:
            return await _answer(web, request, url, response)
    except REQUEST_ERRORS as error:
        if road.proxy is not None and (told := trouble_of_proxy(error, road.proxy)):
            return Failed(Reason.PROXY_FAILED, told)
        raise


async def _answer(
    web: Web, request: FetchRequest, url: str, response: aiohttp.ClientResponse
) -> Fetch | Hop:
    status = response.status
    if status == HTTPStatus.NOT_MODIFIED and (request.etag or request.last_modified):
        return NotModified(*_validators(response), fresh_s=fresh_s(response.headers, web.clock()))
    if status in _REDIRECTS and (location := response.headers.get("Location")):
        return _hop(url, location, status)
    if status in _SUCCESS:
        return await _read(web, request, url, response)
    return await _refused(web, request, response)


def _hop(url: str, location: str, status: int) -> Hop | Failed:
    """Where a redirect leads; whether that may be asked is judged with the next request."""
    # Bytes that are no UTF-8 come as lone surrogates; sites mean them as they are.
    location = _NOT_UTF8.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location.strip())
    try:
        # To join what is absolute already would mend what must be refused.
        to = location if _SCHEME.match(location) else urljoin(url, location)
    except ValueError:
        told = f"It redirects to {location[:100]!r}, which is no address."
        return Failed(Reason.BAD_URL, told, status)
    return Hop(status, to.partition("#")[0])


_NOT_UTF8 = re.compile("[\udc80-\udcff]")


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
    if options is PLAIN or not _is_trusted(request, url):
        return headers
    own = _secrets(options, web.environ)
    replaced = {name.lower() for name in own}
    return {name: value for name, value in headers.items() if name.lower() not in replaced} | own


def _secrets(options: FeedOptions, environ: Mapping[str, str]) -> dict[str, str]:
    told = {name: _filled(value, environ) for name, value in options.headers}
    if options.auth:
        user, _, password = _filled(options.auth, environ).partition(":")
        told["Authorization"] = aiohttp.encode_basic_auth(user, password)
    if options.cookie:
        told["Cookie"] = _filled(options.cookie, environ)
    return told


def _filled(value: str, environ: Mapping[str, str]) -> str:
    filled = expand(value, environ)
    if not filled.isprintable():
        names = " and ".join(names_in(value)) or "a header"
        raise SetupError(f"{names} has line breaks or control characters in it. Take them out.")
    return filled


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
    content_type = clean_line(response.headers.get("Content-Type", ""), _MAX_DETAIL)
    return Fetched(
        url=url,
        status=response.status,
        body=body,
        content_type=content_type,
        charset=request.options.encoding or charset_of(content_type),
        etag=etag,
        last_modified=last_modified,
        whole=whole,
        links=", ".join(response.headers.getall("Link", ()))[:_MAX_LINKS],
        fresh_s=fresh_s(response.headers, web.clock()),
    )


def _validators(response: aiohttp.ClientResponse) -> tuple[str | None, str | None]:
    """ETag and Last-Modified exactly as sent, where they are fit to be sent back."""
    etag, modified = (
        value if value and len(value) <= _MAX_VALIDATOR and value.isprintable() else None
        for value in (response.headers.get("ETag"), response.headers.get("Last-Modified"))
    )
    return etag, modified


async def _refused(web: Web, request: FetchRequest, response: aiohttp.ClientResponse) -> Failed:
    status = response.status
    told = f"The site answered {status} {clean_line(response.reason or '', 100)}".strip() + "."
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and request.options.proxy:
        return Failed(Reason.PROXY_FAILED, told.replace("site", "proxy", 1), status)
    if status in _REDIRECTS:
        told += " It does not say where to."
    pause_s = retry_after_s(response.headers.get("Retry-After"), web.clock())
    # The status counts even where the body never comes.
    head = await read_head(response, _HEAD_BYTES, web.settings.rate_grace_s)
    if wall := _wall(response, head):
        return replace(_walled(wall, status), retry_after_s=pause_s)
    return Failed(reason_of_status(status), told, status, pause_s)


def _wall(response: aiohttp.ClientResponse, head: bytes) -> str | None:
    return wall_of(response.status, response.headers, head)


def _walled(wall: str, status: int) -> Failed:
    told = (
        f"{wall} takes us for a bot (status {status}). Ask the site to let the feed's readers "
        "through, or give this feed headers, a cookie or a proxy of its own in feeds.yml."
    )
    return Failed(Reason.BOT_PROTECTION, told, status)
