"""feeds.yml: what may be set for a feed or site, and every mistake at its file, line and key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config_files.making import ENVIRON, FEED_ENVIRON, OPTIONS, write
from worker.config_files import check, load, stamp
from worker.config_files.options_yaml import read_options
from worker.errors import ConfigError
from worker.feed_options import FeedOptions
from worker.records import OptionsSpec

ALL = ENVIRON | FEED_ENVIRON


def checked(tmp_path: Path, options: str) -> list[ConfigError]:
    return check(write(tmp_path, options), ALL)


def test_options_are_read_and_secrets_stay_names(tmp_path: Path) -> None:
    found = load(write(tmp_path, OPTIONS), ALL)
    assert found.options == [
        OptionsSpec(
            FeedOptions(
                headers=(("X-Key", "${FEED_KEY}"), ("Accept-Language", "ar")),
                auth="desk:${FEED_PASSWORD}",
                cookie="session=${FEED_KEY}",
                proxy="http://desk:${FEED_PASSWORD}@proxy.example:3128",
                user_agent="wirewatch/0.1 (desk@example.org)",
                verify_tls=False,
                encoding="cp1256",
            ),
            feed="https://one.example/feed",
        ),
        OptionsSpec(FeedOptions(full_text=False, robots=False), site="example.org"),
    ]


def test_the_file_may_be_missing_and_may_be_made_later(tmp_path: Path) -> None:
    folder = write(tmp_path)
    assert load(folder, ALL).options == []
    before = stamp(folder)
    write(tmp_path, OPTIONS)
    assert stamp(folder) != before
    assert len(load(folder, ALL).options) == 2


@pytest.mark.parametrize(
    ("written", "value"),
    [("on", True), ("yes", True), ("true", True), ("'on'", True), ("off", False), ("NO", False)],
)
def test_a_switch_may_be_written_in_several_ways(tmp_path: Path, written: str, value: bool) -> None:
    folder = write(tmp_path, f"feeds: [{{site: a.example, robots: {written}}}]")
    assert load(folder, ALL).options[0].options.robots is value


# what is changed, into what, line, key, problem, a word of the remedy
MISTAKES = [
    ("https://one.example/feed", "ftp://one.example/feed", 2, "feeds[0].feed", "no usable", ""),
    ("https://one.example/feed", "https://u:p@one.example/", 2, "feeds[0].feed", "no usable", ""),
    ("https://one.example/feed", "''", 2, "feeds[0].feed", "feed is empty", "https://"),
    ("feed: https://one.example/feed", "fed: x", 2, "feeds[0].fed", "unknown key fed", "feed?"),
    ("site: example.org\n    full_text", "full_text", 12, "feeds[1]", "one of", "site:"),
    ("site: example.org", "site: https://example.org/", 12, "feeds[1].site", "no host name", ""),
    ("site: example.org", "site: a.org\n    feed: https://a.org/", 12, "feeds[1]", "one of", ""),
    ("site: example.org", "feed: https://one.example/feed", 12, "feeds[1]", "stands twice", "one"),
    ("X-Key: ${FEED_KEY}", "X Key: a", 4, "feeds[0].headers.X Key", "cannot be set", "letters"),
    ("X-Key: ${FEED_KEY}", "Cookie: a", 4, "feeds[0].headers.Cookie", "cannot be", "cookie:"),
    ("X-Key: ${FEED_KEY}", "HOST: a", 4, "feeds[0].headers.HOST", "cannot be", "HTTP sees"),
    ("X-Key: ${FEED_KEY}", "authorization: a", 4, "feeds[0].headers.authorization", "be", "auth:"),
    ("X-Key: ${FEED_KEY}", "X-Key:", 4, "feeds[0].headers.X-Key", "X-Key is empty", ""),
    ("X-Key: ${FEED_KEY}", "X-Key: 5", 4, "feeds[0].headers.X-Key", "must be text", "quotes"),
    ("X-Key: ${FEED_KEY}", "X-Key: ${NONE}", 4, "feeds[0].headers.X-Key", "NONE is not", "Set"),
    ("X-Key: ${FEED_KEY}", "X-Key: ${EMPTY}", 4, "feeds[0].headers.X-Key", "EMPTY is not", ""),
    ("X-Key: ${FEED_KEY}", "X-Key: ${BROKEN}", 4, "feeds[0].headers.X-Key", "sent in a", "line"),
    ("X-Key: ${FEED_KEY}", 'X-Key: "a\\nb"', 4, "feeds[0].headers.X-Key", "sent in a", "line"),
    ("X-Key: ${FEED_KEY}", "accept-language: a", 5, "feeds[0].headers.Accept-Language", "twice",
     "Remove"),
    ("X-Key: ${FEED_KEY}", f"X-Key: {'x' * 8_001}", 4, "feeds[0].headers.X-Key", "8,001", "8,000"),
    ("desk:${FEED_PASSWORD}\n", "desk:hush-hush\n", 6, "feeds[0].auth", "in the file", "${"),
    ("desk:${FEED_PASSWORD}\n", "${FEED_PASSWORD}\n", 6, "feeds[0].auth", "user:${NAME}", "${"),
    ("desk:${FEED_PASSWORD}\n", "desk:${NONE}\n", 6, "feeds[0].auth", "NONE is not set", "Set"),
    ("session=${FEED_KEY}", "[]", 7, "feeds[0].cookie", "must be text", "quotes"),
    ("http://desk:${FEED_PASSWORD}", "socks5://desk:${FEED_PASSWORD}", 8, "feeds[0].proxy", "no",
     "http and https"),
    ("http://desk:${FEED_PASSWORD}@", "http://desk:hush-hush@", 8, "feeds[0].proxy", "in the", "$"),
    ("proxy.example:3128", "proxy.example:3128/path", 8, "feeds[0].proxy", "no usable", "http"),
    ("wirewatch/0.1 (desk@example.org)", "ﻭ", 9, "feeds[0].user_agent", "plain ASCII", ""),
    ("verify_tls: off", "verify_tls: maybe", 10, "feeds[0].verify_tls", "on or off", "off"),
    ("verify_tls: off", "verify_tls: [off]", 10, "feeds[0].verify_tls", "on or off", "off"),
    ("windows-1256", "klingon", 11, "feeds[0].encoding", "no encoding is called", "windows"),
    ("full_text: off", "fulltext: off", 13, "feeds[1].fulltext", "unknown key", "full_text?"),
    ("headers:\n      X-Key: ${FEED_KEY}\n      Accept-Language: ar", "headers: [a]", 3,
     "feeds[0].headers", "must be a mapping", "{"),
    (OPTIONS, "", 1, "", "it is empty", "feeds:"),
    (OPTIONS, "feed: {}", 1, "feed", "unknown key feed", "feeds?"),
    (OPTIONS, "feeds: all", 1, "feeds", "must be a list", "feeds:"),
    (OPTIONS, "feeds: [a]", 1, "feeds[0]", "must be a mapping", "feed or site"),
    (OPTIONS, "feeds: [", 1, "", "malformed YAML", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "key", "problem", "remedy"), MISTAKES)
def test_a_mistake_is_pointed_at(
    tmp_path: Path, old: str, new: str, line: int, key: str, problem: str, remedy: str
) -> None:
    assert old in OPTIONS
    first = checked(tmp_path, OPTIONS.replace(old, new, 1))[0]
    assert first.file == str(tmp_path / "feeds.yml")
    assert (first.line, first.key) == (line, key), str(first)
    assert problem in first.problem
    assert remedy in first.remedy
    assert "hush-hush" not in str(first)
    assert "p@ss" not in str(first)


def test_all_mistakes_are_found_at_once_and_nothing_is_applied(tmp_path: Path) -> None:
    spoilt = OPTIONS.replace("windows-1256", "klingon").replace("off", "maybe")
    found = checked(tmp_path, spoilt)
    assert [m.key for m in found] == [
        "feeds[0].verify_tls",
        "feeds[0].encoding",
        "feeds[1].full_text",
    ]
    with pytest.raises(ConfigError):
        load(tmp_path, ALL)


@pytest.mark.parametrize("bad", [b"feeds: \xff", b"\0"])
def test_what_is_no_text_is_refused(tmp_path: Path, bad: bytes) -> None:
    write(tmp_path, OPTIONS)
    (tmp_path / "feeds.yml").write_bytes(bad)
    assert len(check(tmp_path, ALL)) == 1


@given(
    st.lists(
        st.sampled_from(["feeds:", "\n", "  - ", "    ", "feed: ", "x", "${A}", "[", "{", "auth: "])
    ).map("".join)
)
def test_whatever_stands_there_is_options_or_mistakes(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "feeds.yml"
    path.write_text(text, "utf-8")
    specs, mistakes = read_options(path, {"A": "b"})
    assert all(str(mistake).startswith(str(path)) for mistake in mistakes)
    assert specs or mistakes or text.strip() == "feeds:"
