"""What HTTP statuses, headers and exceptions mean, in our own closed list of reasons. Pure."""

import ssl
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


def reason_of_error(error: Exception) -> tuple[Reason, str]:
    """The reason for an exception of `REQUEST_ERRORS`, and what to tell the operator."""
    cause = getattr(error, "os_error", None) or error
    if isinstance(cause, ForbiddenAddressError):
        return Reason.FORBIDDEN_ADDRESS, cause.told
    return _reason(error, cause), _told(error, cause)[:300]


_LONG_HEADER = "A header, or the status line, is longer than WIREWATCH_MAX_HEADER_BYTES."
_MANY_HEADERS = "The answer has more headers than anybody needs."


def _told(error: Exception, cause: BaseException) -> str:
    match error:
        case aiohttp.NonHttpUrlClientError():
            return "Only http and https are fetched."
        case aiohttp.ClientConnectorDNSError():
            return f"No address was found for {error.host}."
        case aiohttp.ClientHttpProxyError():
            return f"The proxy answered {error.status} {error.message}".strip()
        case http_exceptions.LineTooLong():
            return _LONG_HEADER
        case aiohttp.ClientResponseError() if _is_of_headers(error):
            return _MANY_HEADERS if "many" in error.message else _LONG_HEADER
        case aiohttp.ClientResponseError():
            return error.message or type(error).__name__  # str() would quote the whole URL
        case aiohttp.ConnectionTimeoutError():
            return "No connection within WIREWATCH_CONNECT_TIMEOUT_S."
        case aiohttp.SocketTimeoutError():
            return "The site was silent for WIREWATCH_FIRST_BYTE_TIMEOUT_S."
        case TimeoutError():
            return str(error) or "The time allowed for the request ran out."
    return str(cause) or type(cause).__name__


def _reason(error: Exception, cause: BaseException) -> Reason:
    match error:
        case aiohttp.NonHttpUrlClientError():
            return Reason.FORBIDDEN_SCHEME
        case aiohttp.InvalidURL():
            return Reason.BAD_URL
        case aiohttp.ClientHttpProxyError() | aiohttp.ClientProxyConnectionError():
            return Reason.PROXY_FAILED
        case aiohttp.ClientConnectorDNSError():
            return Reason.HOST_UNKNOWN
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Reason.TLS_FAILED
        case aiohttp.ConnectionTimeoutError():
            return Reason.CONNECT_TIMED_OUT
        case aiohttp.SocketTimeoutError():
            return Reason.FIRST_BYTE_TIMED_OUT
        case TimeoutError():
            return Reason.TIMED_OUT
        case http_exceptions.LineTooLong():
            return Reason.HEADERS_TOO_LARGE
        case aiohttp.ClientResponseError() if _is_of_headers(error):
            return Reason.HEADERS_TOO_LARGE
        case aiohttp.ClientPayloadError() if "decod" in str(error).lower():
            return Reason.BAD_COMPRESSION
        case aiohttp.ClientResponseError() | http_exceptions.HttpProcessingError():
            return Reason.BAD_RESPONSE
        case ValueError():
            return Reason.BAD_URL
    refused = isinstance(cause, ConnectionRefusedError) or "Connect call failed" in str(cause)
    return Reason.CONNECTION_REFUSED if refused else Reason.CONNECTION_LOST


def _is_of_headers(error: aiohttp.ClientResponseError) -> bool:
    """Whether aiohttp refused a flood of headers, or one that is too long."""
    return isinstance(error.__cause__, http_exceptions.LineTooLong) or any(
        told in error.message for told in ("Too many", "Got more than")
    )
