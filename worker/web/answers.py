"""How requests are read, answered and refused: within limits, and always by a name."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from worker.pipeline import Nudge

NUDGE: web.AppKey[Nudge] = web.AppKey("nudge")
# Bodies that are read at the same time; each may be as large as its limit.
BODIES = web.AppKey("bodies", asyncio.Semaphore)
_CHUNK = 64 * 1024


class RefusedError(Exception):
    """A request that is not served: `error` is a name to program by, `detail` says what to do."""

    def __init__(
        self, status: int, error: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.error, self.detail, self.headers = status, error, detail, headers
        super().__init__(f"{status} {error}: {detail}")

    @property
    def answer(self) -> web.Response:
        told = {"error": self.error, "detail": self.detail}
        return answered(told, status=self.status, headers=self.headers)


def answered(
    data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """`data` as JSON that nobody keeps."""
    return web.Response(
        text=json.dumps(data, ensure_ascii=False, default=str),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


async def read_body(request: web.Request, most_bytes: int) -> bytes:
    """The body as it was sent; raises RefusedError at the first byte too many.

    To be asked for only once it is known that who sends it may.
    """
    if (request.content_length or 0) > most_bytes:
        raise _too_large(most_bytes)
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity"):
        told = "Send the body as it is, without Content-Encoding."
        raise RefusedError(415, "compressed-body", told)
    body = bytearray()
    async with request.app[BODIES]:
        async for chunk in request.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > most_bytes:
                raise _too_large(most_bytes)
    return bytes(body)


def _too_large(most_bytes: int) -> RefusedError:
    return RefusedError(413, "too-large", f"A body may have {most_bytes:,} bytes at the most.")
