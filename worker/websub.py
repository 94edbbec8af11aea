"""Asking hubs for push: WebSub, section 5.1, and rssCloud's registration, past the guard.

A hub is an address that a feed names, so it is asked as any stranger: guarded, bounded in time and
size, and never followed where a request would change its method.
"""

import asyncio
from http import HTTPStatus
from urllib.parse import urljoin

import aiohttp

from worker.errors import Reason
from worker.fetch import Web
from worker.http.body import read_head
from worker.http.headers import retry_after_s
from worker.http.reasons import REQUEST_ERRORS, reason_of_error, reason_of_status
from worker.netguard import check_url
from worker.records import ClaimedEnd, ClaimedPush, Failed, PushKind
from worker.subscriptions import Keys, form_of, form_of_end, refused_by_cloud
from worker.text import clean_line

_REDIRECTS = (HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT)
_HEAD_BYTES, _MAX_DETAIL = 4 * 1024, 300


async def ask_hub(web: Web, push: ClaimedPush, keys: Keys, lease_s: float) -> Failed | None:
    """Ask a hub to push a topic; None: it has agreed, and has to come back to verify.

    Never raises for the hub. Redirects are followed as far as WebSub has it: 307 and 308.
    """
    return await _ask(web, push.kind, push.hub, form_of(push, keys, lease_s))


async def tell_end(web: Web, end: ClaimedEnd, keys: Keys) -> Failed | None:
    """Ask a hub to push a topic no more; as `ask_hub`."""
    return await _ask(web, PushKind.WEBSUB, end.hub, form_of_end(end, keys))


async def _ask(web: Web, kind: PushKind, hub: str, form: dict[str, str]) -> Failed | None:
    try:
        async with asyncio.timeout(web.settings.fetch_timeout_s):
            return await _follow(web, kind, hub, form)
    except REQUEST_ERRORS as error:
        reason, told = reason_of_error(error, "WIREWATCH_FETCH_TIMEOUT_S")
        return Failed(reason, clean_line(told, _MAX_DETAIL))


async def _follow(web: Web, kind: PushKind, url: str, form: dict[str, str]) -> Failed | None:
    for _ in range(web.settings.max_redirects + 1):
        refused = check_url(
            url, allowed=web.settings.allow_networks, longest=web.settings.max_url_chars
        )
        if refused is not None:
            return refused
        async with web.direct.post(
            url, data=form, headers={"Accept-Encoding": "identity"}, allow_redirects=False
        ) as response:
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                url = urljoin(url, location)
                continue
            return await _answer(web, kind, response)
    told = f"It was still redirecting after {web.settings.max_redirects} redirects."
    return Failed(Reason.TOO_MANY_REDIRECTS, told)


async def _answer(web: Web, kind: PushKind, response: aiohttp.ClientResponse) -> Failed | None:
    # The hub's own words tell what it minds; the status counts even where they never come.
    head = await read_head(response, _HEAD_BYTES, web.settings.rate_grace_s)
    said = head.decode("utf-8", "replace")
    if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        return refused_by_cloud(said) if kind is PushKind.RSSCLOUD else None
    told = clean_line(f"The hub answered {response.status}. {said}", _MAX_DETAIL)
    pause_s = retry_after_s(response.headers.get("Retry-After"), web.clock())
    return Failed(reason_of_status(response.status), told, response.status, pause_s)
