"""Quiet hours and digests by the clocks of a place, on the nights when those are changed, too."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alert_times import (
    DAYS,
    TimesError,
    never_ends,
    next_digest,
    quiet_until,
    read_digest,
    read_quiet,
    write_digest,
    write_quiet,
)

NIGHT = "22:00-07:00 Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


QUIET = [
    # winter: Berlin is an hour ahead
    (NIGHT, "2026-01-14 20:59", None),
    (NIGHT, "2026-01-14 21:00", "2026-01-15 06:00"),
    (NIGHT, "2026-01-15 05:59", "2026-01-15 06:00"),
    (NIGHT, "2026-01-15 06:00", None),
    # summer: two hours
    (NIGHT, "2026-07-14 20:00", "2026-07-15 05:00"),
    (NIGHT, "2026-07-15 05:00", None),
    # the night in which an hour is skipped, and the one in which one comes twice
    (NIGHT, "2026-03-28 21:00", "2026-03-29 05:00"),
    (NIGHT, "2026-10-24 20:00", "2026-10-25 06:00"),
    # an end that is skipped is the moment after; one that comes twice, the second
    ("22:00-02:30 Europe/Berlin", "2026-03-29 00:59", "2026-03-29 01:30"),
    ("22:00-02:30 Europe/Berlin", "2026-10-25 00:45", "2026-10-25 01:30"),
    # a beginning that comes twice is the first
    ("02:30-06:00 Europe/Berlin", "2026-10-25 00:30", "2026-10-25 05:00"),
    ("02:30-06:00 Europe/Berlin", "2026-10-25 00:29", None),
    # within a day
    ("12:00-13:00 UTC", "2026-01-14 12:30", "2026-01-14 13:00"),
    ("12:00-13:00 UTC", "2026-01-14 13:00", None),
    # days are those on which it begins: a Friday's night goes on to Saturday
    ("fri 22:00-07:00 UTC", "2026-01-16 23:00", "2026-01-17 07:00"),
    ("fri 22:00-07:00 UTC", "2026-01-17 06:59", "2026-01-17 07:00"),
    ("fri 22:00-07:00 UTC", "2026-01-17 23:00", None),
    ("mon-fri 22:00-07:00 UTC", "2026-01-18 23:00", None),
    # half an hour off, and a day ahead
    ("22:00-07:00 Asia/Kolkata", "2026-01-14 16:30", "2026-01-15 01:30"),
    ("00:00-06:00 Pacific/Auckland", "2026-01-14 11:00", "2026-01-14 17:00"),
    # the whole weekend is one quiet
    ("sat,sun 00:00-24:00 UTC", "2026-01-17 10:00", "2026-01-19 00:00"),
]


@pytest.mark.parametrize(("told", "now", "until"), QUIET)
def test_quiet_hours_last_until_their_end(told: str, now: str, until: str | None) -> None:
    assert quiet_until([read_quiet(told)], utc(now)) == (until and utc(until))


def test_quiet_hours_that_meet_are_one_quiet() -> None:
    both = [read_quiet("sat,sun 00:00-24:00 UTC"), read_quiet("22:00-07:00 UTC")]
    assert quiet_until(both, utc("2026-01-16 22:30")) == utc("2026-01-19 07:00")


DIGESTS = [
    ("hourly", "2026-01-14 10:00", "2026-01-14 11:00"),
    ("hourly", "2026-01-14 10:59", "2026-01-14 11:00"),
    ("daily 07:30 Europe/Berlin", "2026-01-14 06:29", "2026-01-14 06:30"),
    ("daily 07:30 Europe/Berlin", "2026-01-14 06:30", "2026-01-15 06:30"),
    ("daily 07:30 Europe/Berlin", "2026-07-14 06:00", "2026-07-15 05:30"),
    ("daily 02:30 Europe/Berlin", "2026-03-28 12:00", "2026-03-29 01:30"),
    ("daily 02:30 Europe/Berlin", "2026-10-24 12:00", "2026-10-25 00:30"),
    ("daily 02:30 Europe/Berlin", "2026-10-25 00:30", "2026-10-26 01:30"),
    ("daily 00:00 Pacific/Auckland", "2026-01-14 11:00", "2026-01-15 11:00"),
    ("daily 23:00 America/Los_Angeles", "2026-01-14 06:00", "2026-01-14 07:00"),
]


@pytest.mark.parametrize(("told", "now", "then"), DIGESTS)
def test_a_digest_goes_out_at_the_next_of_its_times(told: str, now: str, then: str) -> None:
    assert next_digest(read_digest(told), utc(now)) == utc(then)


ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Tehran", "Australia/Lord_Howe")
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(CLOCKS, CLOCKS, st.sampled_from(ZONES), st.sets(st.sampled_from(DAYS), min_size=1), MOMENTS)
def test_quiet_ends_later_and_then_it_is_quiet_no_longer(
    start: str, end: str, zone: str, days: set[str], now: datetime
) -> None:
    if start == end:
        return
    quiet = [read_quiet(f"{','.join(sorted(days))} {start}-{end} {zone}")]
    until = quiet_until(quiet, now)
    assert until is None or now < until <= now + timedelta(days=1, hours=2)
    assert until is None or quiet_until(quiet, until) is None
    assert [read_quiet(write_quiet(one)) for one in quiet] == quiet


@given(CLOCKS, st.sampled_from(ZONES), MOMENTS)
def test_a_daily_digest_comes_within_a_day_and_once_a_day(
    clock: str, zone: str, now: datetime
) -> None:
    digest = read_digest(f"daily {clock} {zone}")
    first = next_digest(digest, now)
    assert now < first <= now + timedelta(hours=26)
    assert timedelta(hours=22) <= next_digest(digest, first) - first <= timedelta(hours=26)
    assert read_digest(write_digest(digest)) == digest


BAD = [
    ("22:00", "no quiet hours"),
    ("22:00-07:00", "no quiet hours"),
    ("25:00-07:00 UTC", "25:00 is no time of day"),
    ("22:00-07:60 UTC", "07:60 is no time of day"),
    ("24:00-07:00 UTC", "24:00 is no time of day"),
    ("22:00-22:00 UTC", "they end when they begin"),
    ("22:00-07:00 Berlin", "Did you mean Europe/Berlin"),
    ("22:00-07:00 Europe/Berlyn", "no time zone 'Europe/Berlyn'"),
    ("22:00-07:00 CEST", "no time zone"),
    ("22:00-07:00 ../../etc/passwd", "no time zone"),
    ("lun-fri 22:00-07:00 UTC", "'lun' is no day"),
    ("mon-fry 22:00-07:00 UTC", "'fry' is no day"),
]


@pytest.mark.parametrize(("told", "problem"), BAD)
def test_bad_quiet_hours_are_told_with_a_remedy(told: str, problem: str) -> None:
    with pytest.raises(TimesError, match=problem) as caught:
        read_quiet(told)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "told", ["", "weekly", "daily", "daily 07:30", "daily 7 UTC", "daily 24:00 UTC", "hourly UTC"]
)
def test_bad_times_of_digests_are_told_with_a_remedy(told: str) -> None:
    with pytest.raises(TimesError) as caught:
        read_digest(told)
    assert caught.value.remedy


def test_quiet_hours_that_leave_no_minute_of_the_week_are_found_out() -> None:
    some_time = utc("2026-01-05 00:00")
    assert never_ends([read_quiet("00:00-24:00 UTC")], some_time)
    assert never_ends([read_quiet("00:00-12:00 UTC"), read_quiet("11:00-01:00 UTC")], some_time)
    assert not never_ends([read_quiet("00:00-23:59 UTC")], some_time)
    assert not never_ends([read_quiet("mon-sat 00:00-24:00 UTC")], some_time)
