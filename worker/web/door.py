"""The door itself: it listens, gives up on who is silent, and closes in order.

aiohttp waits for ever for the first request of a connection, and for the rest of a header. Here a
connection on which no request is under way has some seconds to send one, whole.
"""

import asyncio
import contextlib
import logging
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from worker import tasks
from worker.errors import SetupError
from worker.pipeline import Nudge
from worker.tools import Tools
from worker.web.server import build_web

log = structlog.get_logger(__name__)

_HEADERS_S, _MOST_CONNECTIONS = 15.0, 1_000
_CLOSING_S = 5.0


class Door:
    """Serves the web application on the tools' loop from `open` to `close`."""

    def __init__(
        self, tools: Tools, nudge: Nudge = tasks.nudge, *, headers_s: float = _HEADERS_S
    ) -> None:
        self._tools, self._nudge, self._headers_s = tools, nudge, headers_s
        self._place = tools.settings.listen_place
        self._waiting: dict[Any, asyncio.TimerHandle] = {}

    def open(self) -> int:
        """Listen; returns the port. Raises SetupError where that cannot be done."""
        self._tools.loop.run(self._open())
        log.info("web.listening", host=self._place[0], port=self.port)
        return self.port

    def close(self) -> None:
        """Take no more, and give what is under way a moment to be answered."""
        with contextlib.suppress(TimeoutError):  # the process is about to end, and takes it along
            self._tools.loop.run(self._close(), timeout_s=_CLOSING_S)
        log.info("web.closed")

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        app = build_web(self._tools, self._nudge)
        app.middlewares.insert(0, self._watched)
        self._runner = web.AppRunner(
            app,
            access_log=None,  # paths may be secrets
            # What strangers send that is no HTTP would fill the log, a traceback each.
            logger=logging.Logger("strangers", logging.CRITICAL),
            keepalive_timeout=self._headers_s,
            lingering_time=2.0,
            auto_decompress=False,
            shutdown_timeout=_CLOSING_S / 2,
        )
        await self._runner.setup()
        host, port = self._place
        try:
            self._server = await loop.create_server(self._connection, host, port, backlog=256)
        except OSError as error:
            await self._runner.cleanup()
            raise SetupError(
                f"WIREWATCH_LISTEN: {host}:{port} cannot be listened on ({error.strerror}). Choose "
                "another address or port, or end what listens there."
            ) from None
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        await self._runner.cleanup()
        for timer in self._waiting.values():
            timer.cancel()

    def _connection(self) -> asyncio.BaseProtocol:
        server = self._runner.server
        assert server is not None
        made: asyncio.BaseProtocol = server()
        crowded = len(server.connections) >= _MOST_CONNECTIONS
        self._wait_for(made, 0 if crowded else self._headers_s)
        return made

    @web.middleware
    async def _watched(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A request is there, whole but for its body; behind it the next one is waited for."""
        if timer := self._waiting.pop(request.protocol, None):
            timer.cancel()
        try:
            return await handler(request)
        finally:
            self._wait_for(request.protocol, self._headers_s)

    def _wait_for(self, connection: Any, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting[connection] = loop.call_later(seconds, self._give_up, connection)

    def _give_up(self, connection: Any) -> None:
        del self._waiting[connection]
        if connection.transport is not None:
            connection.transport.abort()
