"""One URL in, one outcome out: fetched, not modified, or failed with a reason."""

from datetime import UTC, datetime
from http import HTTPStatus

import aiohttp

from worker.errors import Reason
from worker.http_reasons import REQUEST_ERRORS, reason_of_error, reason_of_status, retry_after_s
from worker.records import Failed, Fetch, Fetched, FetchRequest, NotModified

FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1"
)
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_CHUNK = 64 * 1024
_MAX_VALIDATOR = 1_000


async def fetch(
    session: aiohttp.ClientSession, request: FetchRequest, *, max_redirects: int
) -> Fetch:
    """GET `request.url`, conditionally where it carries validators; never raises for the site.

    The session brings time limits, User-Agent and the guard over addresses. The body is read up to
    `request.max_bytes` after decompression, counted as it streams in.
    """
    headers = {"Accept": request.accept}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    try:
        async with session.get(
            # aiohttp counts the request that it refuses to make, too
            request.url,
            headers=headers,
            max_redirects=max_redirects + 1,
        ) as response:
            asked = bool(request.etag or request.last_modified)
            if response.status == HTTPStatus.NOT_MODIFIED and asked:
                return NotModified(*_validators(response))
            if response.status != HTTPStatus.OK:
                return _refused(response)
            return await _read(response, request.max_bytes)
    except REQUEST_ERRORS as error:
        return Failed(*reason_of_error(error))


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> Fetch:
    size, chunks = 0, []
    async for chunk in response.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            # Nothing more of this body is wanted, so its connection cannot be used again.
            response.close()
            told = f"The body is over {max_bytes:,} bytes."
            return Failed(Reason.TOO_LARGE, told, response.status)
        chunks.append(chunk)
    etag, last_modified = _validators(response)
    return Fetched(
        url=str(response.url),
        status=response.status,
        body=b"".join(chunks),
        content_type=response.headers.get("Content-Type", ""),
        charset=response.charset,
        etag=etag,
        last_modified=last_modified,
    )


def _validators(response: aiohttp.ClientResponse) -> tuple[str | None, str | None]:
    """ETag and Last-Modified exactly as sent, where they are fit to be sent back."""
    etag, modified = (
        value if value and len(value) <= _MAX_VALIDATOR and value.isprintable() else None
        for value in (response.headers.get("ETag"), response.headers.get("Last-Modified"))
    )
    return etag, modified


def _refused(response: aiohttp.ClientResponse) -> Failed:
    told = f"The site answered {response.status} {response.reason or ''}".strip()[:200]
    pause_s = retry_after_s(response.headers.get("Retry-After"), datetime.now(UTC))
    return Failed(reason_of_status(response.status), told, response.status, pause_s)
