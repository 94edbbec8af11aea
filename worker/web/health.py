"""`/healthz`: whether this process can do its work."""

import asyncio

from aiohttp import web

from worker import store
from worker.tools import Tools
from worker.web.answers import RefusedError, answered

# Who asks for health wants to know soon, not after the store's whole patience.
_PATIENCE_S = 5


def routes(tools: Tools) -> list[web.RouteDef]:
    async def healthz(_request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await asyncio.to_thread(tools.db.read, store.database_time)
        except TimeoutError:
            raise RefusedError(503, "store-away", "The store does not answer.") from None
        return answered({"status": "ok"})

    return [web.get("/healthz", healthz)]
