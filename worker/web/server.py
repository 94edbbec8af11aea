"""The web application: every place that can be asked for, and how what goes wrong is told.

Whoever asks is told a name and a remedy, and never what our own code looks like inside. Logs name a
route by its pattern: a path may be a secret, as those are that hubs push to.
"""

import asyncio
from http import HTTPStatus
from traceback import format_exc

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from worker import tasks
from worker.errors import StoreUnavailableError
from worker.pipeline import Nudge
from worker.tools import Tools
from worker.web import health, ingest, mutes, push, topic_feeds
from worker.web.answers import BODIES, NUDGE, RefusedError

log = structlog.get_logger(__name__)

# Each has `routes(tools) -> list[web.RouteDef]`.
ROOMS = (health, push, ingest, mutes, topic_feeds)
# For what is read by aiohttp itself; `read_body` has limits of its own.
_MOST_BYTES = 1024**2
_BODIES_AT_ONCE = 16
_REQUEST_S = 30.0


def build_web(tools: Tools, nudge: Nudge = tasks.nudge) -> web.Application:
    """All the routes over one process's tools, to be served on the tools' own loop.

    Handlers find `nudge`, which tells the stages of work, at `request.app[NUDGE]`, and do SQL in
    `asyncio.to_thread`.
    """
    app = web.Application(client_max_size=_MOST_BYTES, middlewares=[_named_errors])
    app[NUDGE] = nudge
    app[BODIES] = asyncio.Semaphore(_BODIES_AT_ONCE)
    for room in ROOMS:
        app.add_routes(room.routes(tools))
    app.on_response_prepare.append(_say_little)
    return app


async def _say_little(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "wirewatch"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")


@web.middleware
async def _named_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer in time, and every failure by a name."""
    try:
        async with asyncio.timeout(_REQUEST_S):
            return await handler(request)
    except RefusedError as error:
        return error.answer
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _of_aiohttp(error).answer
    except TimeoutError:
        told = f"The request was not there and answered within {_REQUEST_S:g} s."
        return RefusedError(408, "too-slow", told).answer
    except StoreUnavailableError:
        log.warning("web.store_away", method=request.method, place=_place(request))
        told = "The store does not answer. Nothing was taken; try again."
        return RefusedError(503, "store-away", told, {"Retry-After": "30"}).answer
    except Exception:
        # Not as an exception: on a terminal its frames would be shown with all that is in them.
        log.error(
            "web.failed", method=request.method, place=_place(request), trace=format_exc(limit=-8)
        )
        return RefusedError(500, "unexpected", "This is our mistake; our log tells more.").answer


def _of_aiohttp(error: web.HTTPException) -> RefusedError:
    status = HTTPStatus(error.status)
    name = status.phrase.lower().replace(" ", "-").replace("'", "")
    allowed = error.headers.get("Allow")
    return RefusedError(
        status,
        name,
        f"{status.description or status.phrase}.",
        {"Allow": allowed} if allowed else None,
    )


def _place(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "nowhere"
