"""The types that the tables share."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect, make_url

from worker.models import UtcDateTime

ZONES = st.timezones() | st.builds(
    timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23))
)
AWARE = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=ZONES)
_DIALECTS: dict[str, Dialect] = {
    name: make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql+psycopg")
}


@pytest.mark.parametrize("name", _DIALECTS)
@given(moment=AWARE)
def test_a_moment_comes_back_as_the_same_moment_in_utc(name: str, moment: datetime) -> None:
    kind, dialect = UtcDateTime(), _DIALECTS[name]
    back = kind.process_result_value(kind.process_bind_param(moment, dialect), dialect)
    assert back == moment.astimezone(UTC)
    assert back is not None
    assert back.tzinfo is UTC


@pytest.mark.parametrize("name", _DIALECTS)
def test_a_naive_datetime_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), _DIALECTS[name])


@pytest.mark.parametrize("name", _DIALECTS)
def test_no_moment_stays_none(name: str) -> None:
    kind, dialect = UtcDateTime(), _DIALECTS[name]
    assert kind.process_bind_param(None, dialect) is None
    assert kind.process_result_value(None, dialect) is None
