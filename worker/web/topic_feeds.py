"""Topics as feeds: `/topics/KEY/NAME.atom`, `.rss` and `.json`, for any reader to follow.

The key belongs to one topic and is made from WIREWATCH_FEED_KEY; without that there are no such
places. A wrong key and a topic that is not there are answered alike.
"""

import asyncio
import hmac
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from worker import store
from worker.errors import NotFoundError
from worker.text import digest
from worker.tools import Tools
from worker.topic_feeds import FORMS, key_of, place_of

ENTRIES = 50


def routes(tools: Tools) -> list[web.RouteDef]:
    """The places of topics' feeds; none where no key is set."""
    secret = tools.settings.feed_key.get_secret_value()
    if not secret:
        return []

    async def serve(request: web.Request) -> web.Response:
        return await _serve(tools, secret, request)

    pattern = f"/topics/{{key}}/{{name}}.{{form:{'|'.join(FORMS)}}}"
    return [web.get(pattern, serve)]


async def _serve(tools: Tools, secret: str, request: web.Request) -> web.Response:
    name, form = request.match_info["name"], request.match_info["form"]
    given, wanted = request.match_info["key"], key_of(secret, name)
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise web.HTTPNotFound
    try:
        feed = await asyncio.to_thread(
            tools.db.read, lambda db: store.topic_feed(db, name, ENTRIES)
        )
    except NotFoundError:
        raise web.HTTPNotFound from None
    write, kind = FORMS[form]
    base = tools.settings.public_url.rstrip("/")
    body = write(feed, f"{base}{place_of(secret, feed.name, form)}" if base else None)
    tag = f'"{digest(body.decode())}"'
    # By the second, as the header has it.
    changed = feed.updated.astimezone(UTC).replace(microsecond=0)
    told = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if _is_known(request, tag, changed):
        return web.Response(status=304, headers=told)
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=told)


def _is_known(request: web.Request, tag: str, changed: datetime) -> bool:
    """Whether the reader has this already (RFC 9110, 13.2.2: a tag goes before a time)."""
    if (tags := request.if_none_match) is not None:
        return any(one.value in ("*", tag.strip('"')) for one in tags)
    since = request.if_modified_since
    return since is not None and changed <= since
