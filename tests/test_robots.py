"""robots.txt: what a site asks of us, in every state that its file can be in."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.robots import (
    FRESH,
    MAX_BYTES,
    PATIENCE,
    RETRY,
    RobotsCopy,
    Verdict,
    due_at,
    product_token,
    take,
    verdict,
)

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGENT = "wirewatch/0.1 (+https://desk.example/about)"
PAGE = "https://news.example/world/talks-1.html?page=2"


def judged(
    copy: RobotsCopy, url: str = PAGE, *, agent: str = AGENT, now: datetime = NOW
) -> Verdict:
    return verdict(copy, url, user_agent=agent, now=now, longest_delay_s=30)


def served(body: str | bytes, status: int = 200) -> RobotsCopy:
    return take(None, status, body.encode() if isinstance(body, str) else body, NOW)


def allows(body: str | bytes, url: str = PAGE, agent: str = AGENT) -> bool:
    return judged(served(body), url, agent=agent).allowed


# ---- rules


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /sport/", True),
        ("User-agent: *\nDisallow: /world/", False),
        ("User-agent: *\nDisallow: /world/\nAllow: /world/talks", True),
        ("User-agent: *\nAllow: /world/talks\nDisallow: /world/", True),
        ("User-agent: *\nDisallow: /*.html$", True),
        ("User-agent: *\nDisallow: /*.html", False),
        ("User-agent: *\nDisallow: /*?page=", False),
        ("User-agent: *\nDisallow: /w*/talks-*.html?page=2$", False),
        ("User-agent: *\nDisallow: /World/", True),
        ("User-agent: *\nDisallow: /%77orld/", False),
        # whose rules
        ("User-agent: Googlebot\nDisallow: /", True),
        ("User-agent: wirewatch\nDisallow: /", False),
        ("User-agent: WireWatch/2.0\nDisallow: /", False),
        ("User-agent: wirewatch*\nDisallow: /", False),
        ("User-agent: wire\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: wirewatch\nAllow: /", True),
        ("User-agent: wirewatch\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: *\nAllow: /\n\nUser-agent: wirewatch\nDisallow: /", False),
        ("User-agent: GPTBot\nUser-agent: wirewatch\nDisallow: /", False),
        ("User-agent: wirewatch\nDisallow: /a\n\nUser-agent: wirewatch\nDisallow: /world", False),
        ("User-agent: wirewatch\nCrawl-delay: 1\nUser-agent: GPTBot\nDisallow: /", True),
        # as files really are
        ("", True),
        ("\n\n# nothing\n", True),
        ("Disallow: /", True),
        ("Sitemap: https://news.example/s.xml", True),
        ("user-agent:*\ndisallow:/", False),
        ("USER-AGENT: *\r\nDISALLOW: /\r\n", False),
        ("User-agent: *\rDisallow: /\r", False),
        ("  User-agent : * # all\n\tDisallow : / # everything", False),
        ("User-agent: *\nDisalow: /", False),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\nNoindex: /\nHost: x\nfoo\n:::\nDisallow: /world", False),
        ("User-agent: *\nDisallow: /x\x00\nDisallow: /world", False),
        # a page in its place says nothing
        ("<!DOCTYPE html><html><pre>User-agent: *\nDisallow: /\n</pre></html>", True),
        ("\n <html>\nUser-agent: *\nDisallow: /", True),
    ],
)
def test_the_rules_of_a_served_file(rules: str, allowed: bool) -> None:
    assert allows(rules) is allowed


def test_a_file_in_utf_16_is_read() -> None:
    assert not allows("User-agent: *\nDisallow: /".encode("utf-16"))


def test_robots_txt_itself_is_always_allowed() -> None:
    assert allows("User-agent: *\nDisallow: /", "https://news.example/robots.txt")


def test_only_500_kib_of_whole_lines_are_read() -> None:
    comment = "#" + "x" * (MAX_BYTES - 40) + "\n"
    assert not allows(f"User-agent: *\nDisallow: /world\n{comment}{comment}")
    assert allows(f"{comment}User-agent: *\nAllow: /\nDisallow: /world/talks")
    copy = served(b"x" * 10_000_000)
    assert len(copy.text) <= MAX_BYTES
    assert judged(copy).allowed


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"user-agent:a{n}\n" for n in range(15_000))
        + "".join(f"allow:/{n}\n" for n in range(18_000)),
        "user-agent:*\n" + "".join(f"disallow:/*a*b*{n}$\n" for n in range(20_000)),
        "user-agent:*\ndisallow:/" + "*a" * 200_000,
        "user-agent " * 40_000,
        "user-agent" + " " * 400_000,
    ],
    ids=["many groups", "many wildcards", "one long rule", "one long line", "blanks"],
)
def test_a_hostile_file_costs_little(body: str) -> None:
    copy, began = served(body), process_time()
    assert judged(copy, "https://news.example/" + "a" * 1_900).allowed
    assert process_time() - began < 5


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=500), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read(body: bytes) -> None:
    copy = served(body)
    assert "\x00" not in copy.text
    copy.text.encode()
    assert judged(copy).allowed in (True, False)


# ---- delays


@pytest.mark.parametrize(
    ("rules", "delay_s"),
    [
        ("User-agent: *\nDisallow: /x", None),
        ("User-agent: *\nCrawl-delay: 5", 5),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nCrawl-delay: 86400", 30),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nRequest-rate: 1/10s", 10),
        ("User-agent: *\nRequest-rate: 30/1m", 2),
        ("User-agent: *\nRequest-rate: 0/1", None),
        (f"User-agent: *\nRequest-rate: 1/{'9' * 400}", 30),
        ("User-agent: *\nCrawl-delay: 3\nRequest-rate: 1/10s", 10),
        ("User-agent: *\nCrawl-delay: 3\n\nUser-agent: wirewatch\nCrawl-delay: 7", 7),
        ("User-agent: bingbot\nCrawl-delay: 3", None),
    ],
)
def test_the_pause_that_a_site_asks_for(rules: str, delay_s: float | None) -> None:
    assert judged(served(rules)) == Verdict(True, delay_s)


# ---- what an answer means


@pytest.mark.parametrize("status", [301, 308, 400, 401, 403, 404, 410, 418, 451])
def test_a_site_without_the_file_allows_everything(status: int) -> None:
    assert judged(served("User-agent: *\nDisallow: /", status)) == Verdict(True)


@pytest.mark.parametrize("status", [None, 429, 500, 502, 503, 504])
def test_a_file_that_fails_keeps_us_out_for_a_day_and_no_longer(status: int | None) -> None:
    copy = take(None, status, b"", NOW)
    assert not judged(copy).allowed
    for hour in range(1, 25):
        copy = take(copy, status, b"", NOW + hour * HOUR)
    assert not judged(copy, now=NOW + PATIENCE - HOUR).allowed
    assert judged(copy, now=NOW + PATIENCE).allowed


@pytest.mark.parametrize("status", [None, 429, 503])
def test_while_it_fails_the_old_copy_holds(status: int | None) -> None:
    old = served("User-agent: *\nDisallow: /world")
    copy = take(old, status, b"", NOW + DAY)
    assert not judged(copy, now=NOW + DAY).allowed
    assert judged(copy, "https://news.example/sport/1", now=NOW + DAY).allowed
    assert not judged(copy, now=NOW + 29 * DAY).allowed
    assert judged(copy, now=NOW + 31 * DAY).allowed


def test_a_file_that_is_back_counts_at_once() -> None:
    failing = take(None, 503, b"", NOW)
    copy = take(failing, 200, b"User-agent: *\nDisallow: /sport", NOW + HOUR)
    assert judged(copy, now=NOW + HOUR).allowed
    assert take(copy, 404, b"", NOW + DAY).text == ""


def test_a_file_is_asked_for_daily_and_hourly_while_it_fails() -> None:
    copy = served("")
    assert due_at(copy) == NOW + FRESH
    assert due_at(take(copy, 503, b"", NOW + DAY)) == NOW + DAY + RETRY


# ---- our name


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (AGENT, "wirewatch"),
        ("DeskBot/1.0", "deskbot"),
        ("my-desk_bot", "my-desk_bot"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "wirewatch"),
        ("", "wirewatch"),
        ("1st", "wirewatch"),
    ],
)
def test_the_name_by_which_a_site_knows_us(agent: str, name: str) -> None:
    assert product_token(agent) == name


def test_another_name_has_other_rules() -> None:
    rules = "User-agent: deskbot\nDisallow: /"
    assert allows(rules)
    assert not allows(rules, agent="DeskBot/1.0")
