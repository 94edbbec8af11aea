"""The page behind a message's mute link: it asks, and only its button mutes.

Mail scanners and the previews of chats follow every link of a message, so that GET must do nothing.
"""

import asyncio
from html import escape

from aiohttp import web

from worker import links, store
from worker.errors import LinkExpiredError, LinkForgedError, NotFoundError
from worker.links import MuteAsked
from worker.records import MuteWhat
from worker.spans import write_span
from worker.store import Connection
from worker.tools import Tools

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto }}
button {{ font: inherit; padding: .5rem 1.5rem }}
</style>
<h1>{title}</h1>
{content}
</html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_CALLED: dict[MuteWhat, str] = {
    "story": "the story",
    "source": "everything from",
    "topic": "the topic",
}


def routes(tools: Tools) -> list[web.RouteDef]:
    """What answers a mute link: GET asks, POST mutes."""

    async def ask(request: web.Request) -> web.Response:
        try:
            asked = _asked(tools, request)
            name = await asyncio.to_thread(tools.db.read, lambda db: _name(db, asked))
        except (LinkExpiredError, LinkForgedError, NotFoundError) as error:
            return _refused(error)
        told = (
            f"<p>Nobody will be told of {_of(asked, name)} for {_span(asked)}{_where(asked)}.</p>"
        )
        return _page(200, "Mute?", f'{told}<form method="post"><button>Mute</button></form>')

    async def mute(request: web.Request) -> web.Response:
        try:
            asked, now = _asked(tools, request), tools.clock()
            name = await asyncio.to_thread(tools.db.read, lambda db: _name(db, asked))
            until = now + asked.span
            await asyncio.to_thread(
                tools.db.write,
                lambda db: store.add_mute(
                    db, asked.what, asked.which, until, now, channel=asked.channel, made_by="link"
                ),
            )
        except (LinkExpiredError, LinkForgedError, NotFoundError) as error:
            return _refused(error)
        told = f"Nobody will be told of {_of(asked, name)} until {until:%Y-%m-%d %H:%M} UTC"
        undo = "<p><code>wirewatch alerts unmute</code> takes it back.</p>"
        return _page(200, "Muted", f"<p>{told}{_where(asked)}.</p>{undo}")

    path = f"{links.PATH}{{token}}"
    return [web.get(path, ask), web.post(path, mute)]


def _asked(tools: Tools, request: web.Request) -> MuteAsked:
    return links.read_mute(
        request.match_info["token"], tools.settings.link_key.get_secret_value(), tools.clock()
    )


def _name(db: Connection, asked: MuteAsked) -> str:
    return store.mute_name(db, asked.what, asked.which)


def _of(asked: MuteAsked, name: str) -> str:
    return f"{_CALLED[asked.what]} <strong>{escape(name)}</strong>"


def _span(asked: MuteAsked) -> str:
    days = asked.span.total_seconds() / 86_400
    return f"{days:.0f} days" if days >= 2 and days.is_integer() else write_span(asked.span)


def _where(asked: MuteAsked) -> str:
    return f", in the channel {escape(asked.channel)}" if asked.channel else ""


def _refused(error: LinkExpiredError | LinkForgedError | NotFoundError) -> web.Response:
    content = f"<p>{escape(str(error))}</p>"
    match error:
        case LinkExpiredError():
            return _page(410, "This link has expired", content)
        case LinkForgedError():
            return _page(403, "This link does not hold", content)
        case _:
            return _page(404, "It is no longer there", content)


def _page(status: int, title: str, content: str) -> web.Response:
    return web.Response(
        status=status,
        text=_PAGE.format(title=escape(title), content=content),
        content_type="text/html",
        headers=_HEADERS,
    )
