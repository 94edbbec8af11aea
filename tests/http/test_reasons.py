"""What statuses, headers and errors mean: by table, and as laws."""

from datetime import UTC, datetime, timedelta, timezone

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ForbiddenAddressError, Reason
from worker.http.headers import retry_after_s
from worker.http.reasons import reason_of_error, reason_of_status

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("9" * 400, 1e9),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 14:02:00 +0200", 120),
        ("Sun, 01 Mar 2026 12:02:00", 120),  # without a zone it is GMT
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),  # the past is now
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1e9),
        (None, None),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("١٢", None),
        ("Sun, 99 Mar 2026 12:02:00 GMT", None),
    ],
)
def test_both_forms_of_retry_after_are_read(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_gives_seconds_that_a_date_can_bear(header: str) -> None:
    seconds = retry_after_s(header, NOW)
    if seconds is not None:
        assert NOW + timedelta(seconds=seconds) >= NOW


@given(
    st.datetimes(timezones=st.just(timezone(timedelta(hours=-12)))).map(
        lambda moment: moment.strftime("%a, %d %b %Y %H:%M:%S %z")
    )
)
def test_any_date_gives_seconds_that_a_date_can_bear(header: str) -> None:
    seconds = retry_after_s(header, NOW)
    assert seconds is None or 0 <= seconds <= 1e9


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
