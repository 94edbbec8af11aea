"""What HTTP statuses, headers and exceptions mean, in our own closed list of reasons. Pure."""

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
from aiohttp import http_exceptions

from worker.errors import ForbiddenAddressError, Reason

# What a request may raise; anything else is a defect of ours.
REQUEST_ERRORS = (
    aiohttp.ClientError,
    http_exceptions.HttpProcessingError,
    OSError,  # TimeoutError among them
    ValueError,
)
_LONGEST_WISH_S = 1e9  # adding more to a date would leave the calendar
_BY_STATUS = {
    304: Reason.BAD_RESPONSE,  # an answer to a question that was not asked
    401: Reason.ACCESS_DENIED,
    403: Reason.ACCESS_DENIED,
    404: Reason.NOT_FOUND,
    410: Reason.GONE,
    429: Reason.RATE_LIMITED,
    451: Reason.ACCESS_DENIED,
}


def reason_of_status(status: int) -> Reason:
    """The reason for which an answer with this status is no success."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.SERVER_ERROR
    if status >= HTTPStatus.BAD_REQUEST:
        return Reason.CLIENT_ERROR
    return Reason.REDIRECTED if status >= HTTPStatus.MULTIPLE_CHOICES else Reason.BAD_RESPONSE


def retry_after_s(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms (RFC 9110, 10.2.3)."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), _LONGEST_WISH_S)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - now).total_seconds()), _LONGEST_WISH_S)


def reason_of_error(error: Exception) -> tuple[Reason, str]:
    """The reason for an exception of `REQUEST_ERRORS`, and what to tell the operator."""
    cause = getattr(error, "os_error", None) or error
    if isinstance(cause, ForbiddenAddressError):
        return Reason.FORBIDDEN_ADDRESS, cause.told
    return _reason(error, cause), _told(error, cause)[:300]


def _told(error: Exception, cause: BaseException) -> str:
    match error:
        case aiohttp.TooManyRedirects():
            return f"It was still redirecting after {len(error.history) - 1} redirects."
        case aiohttp.NonHttpUrlClientError():
            return "Only http and https are fetched."
        case aiohttp.ClientConnectorDNSError():
            return f"No address was found for {error.host}."
        case aiohttp.ClientResponseError():
            return error.message or type(error).__name__  # str() would quote the whole URL
        case TimeoutError():
            return str(error) or "The time allowed for the request ran out."
    return str(cause) or type(cause).__name__


def _reason(error: Exception, cause: BaseException) -> Reason:
    match error:
        case aiohttp.TooManyRedirects():
            return Reason.TOO_MANY_REDIRECTS
        case aiohttp.NonHttpUrlClientError():
            return Reason.FORBIDDEN_SCHEME
        case aiohttp.InvalidURL():
            return Reason.BAD_URL
        case aiohttp.ClientConnectorDNSError():
            return Reason.HOST_UNKNOWN
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Reason.TLS_FAILED
        case TimeoutError():
            return Reason.TIMED_OUT
        case aiohttp.ClientPayloadError() if "decod" in str(error).lower():
            return Reason.BAD_COMPRESSION
        case aiohttp.ClientResponseError() | http_exceptions.HttpProcessingError():
            return Reason.BAD_RESPONSE
        case ValueError():
            return Reason.BAD_URL
    refused = isinstance(cause, ConnectionRefusedError) or "Connect call failed" in str(cause)
    return Reason.CONNECTION_REFUSED if refused else Reason.CONNECTION_LOST
