"""Connections as aiohttp keeps them, less credulous: one question, one answer, and then silence.

What aiohttp 3.14 leaves open: what a server says on a kept connection before it is asked is taken
for the answer to the next request; interim responses without end stop the event loop; and of a body
whose framing breaks in the middle the reader never hears.
"""

from functools import partial
from typing import Any

import aiohttp
from aiohttp import http_exceptions
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

_MOST_INTERIM = 20
_END_OF_HEAD = b"\r\n\r\n"


class Connector(aiohttp.TCPConnector):
    """A TCPConnector of such connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # aiohttp has no public place for it; tests/hostile would see it gone.
        factory: Any = partial(_Connection, loop=self._loop)
        self._factory = factory


class Response(aiohttp.ClientResponse):
    """A response that knows which address gave it, also once its connection is free again."""

    address: str | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Take the head of the answer."""
        if connection.transport is not None:
            peer = connection.transport.get_extra_info("peername")
            self.address = str(peer[0]) if peer else None
        return await super().start(connection)


class _Connection(ResponseHandler):
    _awaits_answer = False
    _interim = 0
    _body: StreamReader | None = None

    def set_response_params(self, **params: Any) -> None:
        """A request is about to be sent: from here on there is something to answer."""
        self._awaits_answer, self._interim, self._body = True, 0, None
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Take bytes, heads by themselves: rubbish behind a body is not to spoil what is before."""
        end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD) if self._awaits_answer else 0
        if len(_END_OF_HEAD) <= end < len(data):
            super().data_received(data[:end])
            data = data[end:]
        super().data_received(data)
        if self._interim and self._awaits_answer:
            self.start_timeout()  # which aiohttp ends with the first head that has no body

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of a response."""
        message, body = data
        interim = 100 <= message.code <= 199 and message.code != 101
        if interim and self._awaits_answer and self._interim < _MOST_INTERIM:
            self._interim += 1
            return
        if interim and self._awaits_answer:
            self.set_exception(http_exceptions.BadHttpMessage("Too many interim responses"))
        elif self._awaits_answer:
            self._awaits_answer, self._body = False, body
            super().feed_data(data, size)
            return
        self._awaits_answer = False
        if self.transport is not None:
            self.transport.close()

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Give up, and let whoever reads the body know."""
        super().set_exception(exc, *cause)
        body = self._body
        if body is None or body.is_eof():
            return
        told = body.exception() or exc
        body.set_exception(told, *cause)
        # Who was woken by the end of a chunk, and has not run yet, will wait once more.
        self._loop.call_soon(body.set_exception, told)
