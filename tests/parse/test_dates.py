"""Dates as feeds write them."""

from calendar import timegm
from datetime import UTC, datetime

import pytest
from feedparser.datetimes import _parse_date
from hypothesis import given
from hypothesis import strategies as st

from tests.site import rss
from worker.parse import parse_feed
from worker.parse.dates import moment
from worker.records import ParsedFeed


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        # RFC 822 and its liberties
        ("Sun, 01 Mar 2026 12:00:00 GMT", at(2026, 3, 1, 12)),
        ("Sun, 01 Mar 2026 12:00:00 -0500", at(2026, 3, 1, 17)),
        ("Sun, 1 Mar 2026 12:00:00 EST", at(2026, 3, 1, 17)),
        ("01 Mar 26 12:00 +0100", at(2026, 3, 1, 11)),
        ("Sun, Mar 01 2026 12:00:00 GMT", at(2026, 3, 1, 12)),
        ("Sunday, 01 March 2026 12:00:00 GMT+01:00", at(2026, 3, 1, 11)),
        ("Fri, 01 Mar 2026 12:00:00 GMT", at(2026, 3, 1, 12)),  # it was a Sunday
        ("Sun, 01 Mar 2026", at(2026, 3, 1)),
        ("Sun Mar  1 12:00:00 2026", at(2026, 3, 1, 12)),
        ("Sun Mar  1 12:00:00 PST 2026", at(2026, 3, 1, 20)),
        # RFC 3339 and ISO 8601
        ("2026-03-01T12:00:00Z", at(2026, 3, 1, 12)),
        ("2026-03-01T12:00:00.123456+05:30", at(2026, 3, 1, 6, 30)),
        ("2026-03-01T12:00-01:00", at(2026, 3, 1, 13)),
        ("2026-03-01 12:00:00", at(2026, 3, 1, 12)),
        ("2026-03-01", at(2026, 3, 1)),
        ("2026-03", at(2026, 3, 1)),
        ("2026", at(2026, 1, 1)),
        ("20260301T12:00:00Z", at(2026, 3, 1, 12)),
        ("2026-335", at(2026, 12, 1)),
        ("2026-02-29T12:00:00Z", at(2026, 3, 1, 12)),  # no leap year: the day after
        ("1772366400", at(2026, 3, 1, 12)),
        # no zone, another order, another clock
        ("2026/3/1 12:00:00", at(2026, 3, 1, 12)),
        ("01.03.2026 12:00", at(2026, 3, 1, 12)),
        ("01.03.26", at(2026, 3, 1)),
        ("31/03/2026", at(2026, 3, 31)),
        ("03/31/2026", at(2026, 3, 31)),
        ("Sun, 03/01/2026 - 12:00", at(2026, 3, 1, 12)),
        ("Sunday, March 1, 2026 12:30 PM", at(2026, 3, 1, 12, 30)),
        ("March 1, 2026 12:30 a.m.", at(2026, 3, 1, 0, 30)),
        ("Sun,1 Mar 2026 9:5:5 GMT+9", at(2026, 3, 1, 0, 5, 5)),
        ("Sun, 2026/03/01 08:19:53 EDT", at(2026, 3, 1, 12, 19, 53)),
        # other languages
        ("dim. 1 mars 2026 12:00:00 +0100", at(2026, 3, 1, 11)),
        ("mar, 03 mar 2026 12:00:00 +0100", at(2026, 3, 3, 11)),  # Tuesday and March in French
        ("So, 01 Mär 2026 12:00:00 +0100", at(2026, 3, 1, 11)),
        ("Dom, 01 Dez 2026 12:00:00 -0300", at(2026, 12, 1, 15)),
        ("1 de marzo de 2026", at(2026, 3, 1)),
        ("вс, 01 мар 2026 12:00:00 +0300", at(2026, 3, 1, 9)),
        ("1 березня 2026", at(2026, 3, 1)),
        ("Κυρ, 01 Μαρ 2026 12:00:00 +0200", at(2026, 3, 1, 10)),
        ("الأحد، 1 مارس 2026 12:00", at(2026, 3, 1, 12)),
        ("1 كانون الثاني 2026", at(2026, 1, 1)),
        ("1 Mart 2026 Pazar 12:00", at(2026, 3, 1, 12)),
        ("1 मार्च 2026", at(2026, 3, 1)),
        ("2026年3月1日 12:00", at(2026, 3, 1, 12)),
        ("2026년 3월 1일 오후 9:00", at(2026, 3, 1, 12)),
        ("2026-március-01T12:00+01:00", at(2026, 3, 1, 11)),
    ],
)
def test_a_date_is_read_in_every_form_that_sites_use(told: str, meant: datetime) -> None:
    assert moment(told) == meant


@pytest.mark.parametrize(
    "told",
    [
        *("", "yesterday", "99", "12:00", "March", "1 March", "Sun, 12:00:00 GMT"),
        *("2026-45-45", "99 Mar 2026", "31.13.2026", "1 Mumble 2026"),
        "03/04/2026",  # April or March: either would be a guess
        *("26-3-1", "26.3.0100"),
        *("9" * 5_000, "\x00", "²⁰²⁶"),
    ],
)
def test_what_is_no_date_is_none(told: str) -> None:
    assert moment(told) is None


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ("Sun, 01 Mar 2036 12:00:00 GMT", True),  # the store caps what is in the future
        ("Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("Mon, 01 Jan 0001 00:00:00 GMT", False),
        ("Fri, 31 Dec 9999 23:59:59 GMT", False),
    ],
)
def test_the_mistakes_of_programs_are_no_dates_of_entries(told: str, known: bool) -> None:
    found = parse_feed(rss([{"title": "x", "pubDate": told}]).encode(), url="https://a.org/")
    assert isinstance(found, ParsedFeed)
    assert (found.entries[0].published is not None) is known


def test_a_program_that_knows_only_when_it_was_updated_is_believed_that() -> None:
    dates = {"pubDate": "Thu, 01 Jan 1970 00:00:00 GMT", "dc:date": "2026-03-01T12:00:00Z"}
    found = parse_feed(rss([{"title": "x", **dates}]).encode(), url="https://a.org/")
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].published == at(2026, 3, 1, 12)


# ---- the referee

NUMBERS = st.integers(0, 99).map(lambda n: f"{n:02}") | st.integers(0, 99).map(str)
YEARS = st.sampled_from(["1999", "2004", "2024", "2026", "24", "04", "99"])
WORDS = st.sampled_from(
    [
        *("mon,", "Tue", "wed,", "Thursday,", "fri", "Jan", "feb", "March", "apr", "May,", "Sept"),
        *("gmt", "EST", "-0500", "+05:30", "Z", "utc", "t", "T", ":", "-", "/", ",", ".", "+0000"),
        *("GMT+1", "pm"),
    ]
)
SHAPES = st.one_of(
    st.tuples(YEARS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, WORDS).map(
        lambda p: f"{p[0]}-{p[1]}-{p[2]}T{p[3]}:{p[4]}:{p[5]}{p[6]}"
    ),
    st.tuples(WORDS, NUMBERS, WORDS, YEARS, NUMBERS, NUMBERS, NUMBERS, WORDS).map(
        lambda p: f"{p[0]} {p[1]} {p[2]} {p[3]} {p[4]}:{p[5]}:{p[6]} {p[7]}"
    ),
    st.lists(NUMBERS | YEARS | WORDS, max_size=9).map(" ".join),
    st.lists(NUMBERS | YEARS | WORDS, max_size=9).map("".join),
)


@given(SHAPES)
def test_where_feedparser_finds_a_date_it_is_the_same(told: str) -> None:
    """But for dates of which it makes up a part that is not there: today's month, or century."""
    theirs, ours = _parse_date(told.strip()), moment(told.strip())
    if theirs is None or _made_up(told):
        return
    assert ours is not None
    assert int(ours.timestamp()) == timegm(theirs)


def _made_up(told: str) -> bool:
    """Whether feedparser reads `told` by no more than its beginning, and adds the rest itself."""
    today = _parse_date.__globals__["_date_handlers"]
    iso = next(form for form in today if form.__name__ == "_parse_date_iso8601")
    others = [form for form in today if form is not iso]
    return not any(_found(form, told) for form in others) and _found(iso, told)


def _found(form: object, told: str) -> bool:
    try:
        return bool(form(told.strip()))  # type: ignore[operator]
    except (KeyError, OverflowError, ValueError, AttributeError):
        return False


@given(st.text(max_size=120))
def test_any_text_is_a_date_or_none(told: str) -> None:
    found = moment(told)
    assert found is None or found.tzinfo is UTC
