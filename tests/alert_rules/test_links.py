"""Mute links: what was signed is read back, and nothing else is."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alert_rules.making import NOW
from worker.errors import LinkExpiredError, LinkForgedError
from worker.links import mute_link, read_mute
from worker.records import MuteWhat

KEY, OTHER = "k" * 32, "l" * 32
SITE = "https://wire.example/"
WHATS: list[MuteWhat] = ["story", "source", "topic"]


def token(link: str | None) -> str:
    assert link is not None
    return link.rpartition("/")[2]


@given(
    st.sampled_from(WHATS),
    st.text(min_size=1, max_size=80),
    st.none() | st.text(max_size=63),
    st.timedeltas(timedelta(minutes=1), timedelta(days=365)),
)
def test_a_link_says_what_it_was_made_for(
    what: MuteWhat, which: str, channel: str | None, span: timedelta
) -> None:
    link = mute_link(SITE, KEY, what, which, NOW, channel=channel, span=span)
    assert link is not None
    assert link.startswith("https://wire.example/mute/")
    assert link.isascii()
    asked = read_mute(token(link), KEY, NOW + timedelta(days=29))
    assert (asked.what, asked.which, asked.channel) == (what, which, channel)
    assert abs(asked.span - span) < timedelta(seconds=1)


@given(st.data())
def test_a_link_that_was_changed_anywhere_does_not_hold(data: st.DataObject) -> None:
    signed = token(mute_link(SITE, KEY, "story", "17", NOW))
    at = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.sampled_from("abXY01-_.").filter(lambda sign: sign != signed[at]))
    with pytest.raises(LinkForgedError):
        read_mute(signed[:at] + other + signed[at + 1 :], KEY, NOW)


@pytest.mark.parametrize("forged", ["", ".", "a", "a.b", "a.b.c", "é.é", "x" * 9_000, "%00.x"])
def test_what_is_no_link_of_ours_does_not_hold(forged: str) -> None:
    with pytest.raises(LinkForgedError, match="not made here"):
        read_mute(forged, KEY, NOW)


@pytest.mark.parametrize("key", [OTHER, ""])
def test_a_link_does_not_hold_under_another_key(key: str) -> None:
    with pytest.raises(LinkForgedError):
        read_mute(token(mute_link(SITE, KEY, "story", "17", NOW)), key, NOW)


def test_a_link_expires() -> None:
    link = token(mute_link(SITE, KEY, "story", "17", NOW))
    with pytest.raises(LinkExpiredError, match="until 2026-04-03"):
        read_mute(link, KEY, NOW + timedelta(days=30))


@pytest.mark.parametrize(("site", "key"), [("", KEY), (SITE, ""), ("", "")])
def test_without_a_public_address_or_a_key_there_is_no_link(site: str, key: str) -> None:
    assert mute_link(site, key, "story", "17", NOW) is None
