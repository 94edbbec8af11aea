"""What HTTP statuses and exceptions mean, in our own closed list of reasons. Pure."""

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


def reason_of_error(error: Exception, longest: str) -> tuple[Reason, str]:
    """The reason for an exception of `REQUEST_ERRORS`, and what to tell the operator.

    `longest` is the setting that bounds the whole request.
    """
    cause = getattr(error, "os_error", None) or error
    match error:
        case _ if isinstance(cause, ForbiddenAddressError):
            return Reason.FORBIDDEN_ADDRESS, cause.told
        case aiohttp.ClientConnectorDNSError():
            return Reason.HOST_UNKNOWN, f"No address was found for {error.host}."
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return Reason.TLS_FAILED, _of_certificate(cause)
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return Reason.TLS_FAILED, f"No secure connection could be made: {words_of(cause)}."
        case aiohttp.NonHttpUrlClientError():
            return Reason.FORBIDDEN_SCHEME, "Only http and https are fetched."
        case aiohttp.InvalidURL() | ValueError():
            return Reason.BAD_URL, "No request can be made of this address."
        case TimeoutError():
            return _of_time(error, longest)
        case aiohttp.ClientResponseError() | http_exceptions.HttpProcessingError():
            return _of_parser(error)
        case aiohttp.ClientPayloadError():
            return Reason.CONNECTION_LOST, "The site hung up in the middle of the body."
        case aiohttp.ServerDisconnectedError():
            return Reason.CONNECTION_LOST, "The site hung up before its answer was complete."
    if isinstance(cause, ConnectionRefusedError) or "Connect call failed" in str(cause):
        return Reason.CONNECTION_REFUSED, "Nobody listens there: the connection was refused."
    return Reason.CONNECTION_LOST, f"The connection was lost: {words_of(cause)}."


def words_of(cause: BaseException) -> str:
    """What an exception says, in short and without its number."""
    told = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return str(told)[:200].rstrip(".")


def _of_certificate(cause: BaseException) -> str:
    why = getattr(cause, "verify_message", "") or words_of(cause)
    return f"The site's certificate does not hold: {why}."


def _of_time(error: TimeoutError, longest: str) -> tuple[Reason, str]:
    match error:
        case aiohttp.ConnectionTimeoutError():
            told = "No connection within WIREWATCH_CONNECT_TIMEOUT_S."
            return Reason.CONNECT_TIMED_OUT, told
        case aiohttp.SocketTimeoutError():
            told = "The site was silent for WIREWATCH_FIRST_BYTE_TIMEOUT_S."
            return Reason.FIRST_BYTE_TIMED_OUT, told
    return Reason.TIMED_OUT, f"The answer was not complete within {longest}."


def _of_parser(
    error: aiohttp.ClientResponseError | http_exceptions.HttpProcessingError,
) -> tuple[Reason, str]:
    """aiohttp's parser tells what it met in words alone, and shows the bytes on further lines."""
    cause = error.__cause__ if isinstance(error, aiohttp.ClientResponseError) else error
    if isinstance(cause, http_exceptions.LineTooLong) or "Got more than" in error.message:
        told = "A header, or the status line, is longer than WIREWATCH_MAX_HEADER_BYTES."
        return Reason.HEADERS_TOO_LARGE, told
    if "Too many" in error.message:
        return Reason.HEADERS_TOO_LARGE, "The answer has more headers than anybody needs."
    told = " ".join(error.message.partition("\n\n")[0].split()).strip(":")
    return Reason.BAD_RESPONSE, f"The answer is not HTTP as it should be: {told}."[:300]
