"""What statuses and errors mean: by table, and as laws."""

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ForbiddenAddressError, Reason
from worker.http.reasons import reason_of_error, reason_of_status


@given(st.integers(min_value=100, max_value=999))
def test_every_status_has_a_reason(status: int) -> None:
    assert isinstance(reason_of_status(status), Reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), Reason.TIMED_OUT),
        (aiohttp.ServerTimeoutError("too slow"), Reason.TIMED_OUT),
        (aiohttp.ServerDisconnectedError(), Reason.CONNECTION_LOST),
        (aiohttp.ClientPayloadError("Response payload is not completed"), Reason.CONNECTION_LOST),
        (aiohttp.InvalidURL("http://["), Reason.BAD_URL),
        (aiohttp.NonHttpUrlClientError("ftp://x"), Reason.FORBIDDEN_SCHEME),
        (ValueError("odd"), Reason.BAD_URL),
        (ConnectionRefusedError(111, "refused"), Reason.CONNECTION_REFUSED),
        (ConnectionResetError(104, "reset"), Reason.CONNECTION_LOST),
        (OSError(113, "no route to host"), Reason.CONNECTION_LOST),
        (ForbiddenAddressError("10.0.0.1"), Reason.FORBIDDEN_ADDRESS),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_error_has_its_reason_and_words(error: Exception, reason: Reason) -> None:
    found, told = reason_of_error(error, "WIREWATCH_FETCH_TIMEOUT_S")
    assert found is reason
    assert told.strip()


def test_words_about_an_error_are_bounded() -> None:
    assert len(reason_of_error(OSError("x" * 10_000), "A_SETTING")[1]) <= 300
