"""Links that wrap a publisher's link: opened where they tell it, named where they hide it."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.urls.making import ADDRESSES
from worker.urls import absolute_url, canonical_url, is_unresolved, unwrapped

STORY = "https://apnews.com/article/talks-0a1b2c3d"
QUOTED = quote(STORY, safe="")
TWICE = quote(f"https://l.facebook.com/l.php?u={QUOTED}", safe="")


def google_news(target: bytes, amp: bytes = b"") -> str:
    """A Google News item's code: field 4 is the address, field 26 that of its AMP page."""
    told = b"\x08\x13\x22" + length(target) + target + b"\xd2\x01" + length(amp) + amp
    return in_base64(told)


def in_base64(told: bytes | str) -> str:
    octets = told.encode() if isinstance(told, str) else told
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def length(text: bytes) -> bytes:
    size = len(text)
    return bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7])


OLD = google_news(STORY.encode())
LONG = f"{STORY}?{'x' * 300}"
NEW = google_news(b"AU_yqLM14jujtUFi6_aBWWlj6aUK8aPvAKbWe1LTVSDhIlb4Q85T2AwGTXuloO")


@pytest.mark.parametrize(
    ("wrapper", "target"),
    [
        (f"https://www.google.com/url?rct=j&sa=t&url={STORY}&ct=ga&cd=x&usg=y", STORY),
        (f"https://www.google.co.uk/url?q={QUOTED}&sa=D", STORY),
        (f"http://news.google.com/news/url?sa=t&fd=R&url={STORY}", STORY),
        (f"https://www.google.com/amp/s/{STORY[8:]}", STORY),
        (f"https://www.google.com/amp/{STORY[8:]}?x=1", f"http://{STORY[8:]}?x=1"),
        (f"https://apnews-com.cdn.ampproject.org/c/s/{STORY[8:]}", STORY),
        (f"https://apnews-com.cdn.ampproject.org/v/s/{STORY[8:]}?amp_gsa=1", f"{STORY}?amp_gsa=1"),
        (f"https://cdn.ampproject.org/c/s/{STORY[8:]}", STORY),
        (f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&url={QUOTED}&c=1", STORY),
        (f"https://www.bing.com/ck/a?!&&p=1&u=a1{in_base64(STORY)}", STORY),
        (f"https://r.search.yahoo.com/_ylt=A0/RV=2/RE=1/RO=10/RU={QUOTED}/RK=0/RS=x-", STORY),
        (f"http://us.rd.yahoo.com/dailynews/rss/*{STORY}?x=1", f"{STORY}?x=1"),
        (f"https://l.facebook.com/l.php?u={QUOTED}&h=AT0", STORY),
        (f"https://lm.facebook.com/l.php?u={QUOTED}", STORY),
        (f"https://l.instagram.com/?u={QUOTED}&e=AT", STORY),
        (f"https://t.umblr.com/redirect?z={QUOTED}&t=M2", STORY),
        (f"https://nam02.safelinks.protection.outlook.com/?url={QUOTED}&data=05", STORY),
        (f"https://href.li/?url={QUOTED}", STORY),
        (f"https://link.zhihu.com/?target={QUOTED}", STORY),
        (f"https://duckduckgo.com/l/?uddg={QUOTED}&rut=x", STORY),
        (f"https://steamcommunity.com/linkfilter/?url={STORY}", STORY),
        (f"https://newsletter.example/track/click?id=7&url={QUOTED}", STORY),
        (f"https://portal.example/redirect.php?url={STORY}", STORY),
        (f"https://portal.example/out?u=https%253A%252F%252F{STORY[8:]}", STORY),
        (f"https://news.google.com/rss/articles/{OLD}?oc=5", STORY),
        (f"https://news.google.com/articles/{OLD}?hl=de&gl=DE&ceid=DE%3Ade", STORY),
        (f"https://news.google.com/__i/rss/rd/articles/{OLD}?oc=5", STORY),
        (f"https://news.google.com/rss/articles/{google_news(LONG.encode())}", LONG),
        (
            "http://meneame.feedsportal.com/c/34737/f/639540/s/34adc456/sc/36/l/"
            "0L0Smeneame0Bnet0Cstory0Ccorreos0Esecretos0Ecaja0Emadrid/story01.htm",
            "http://www.meneame.net/story/correos-secretos-caja-madrid",
        ),
        (
            "http://rss.feedsportal.com/c/1/f/2/s/3/l/0L0Sexample0N0Cnews0Did0F10A0G1/story01.htm",
            "http://www.example.com/news?id=10&1",
        ),
        # one within another
        (f"https://www.google.com/url?q={TWICE}", STORY),
    ],
)  # fmt: skip
def test_a_wrapper_gives_up_the_publishers_link(wrapper: str, target: str) -> None:
    assert unwrapped(wrapper) == target


@pytest.mark.parametrize(
    "link",
    [
        STORY,
        f"{STORY}?url=nothing",
        # a publisher's page about a page, and a page to share one
        f"https://validator.example/check?uri={STORY}",
        f"https://www.facebook.com/sharer/sharer.php?u={QUOTED}",
        f"https://web.archive.org/web/2026/{STORY}",
        f"https://apnews.com/login?next={QUOTED}",
        # what wraps nothing that could be asked for
        "https://www.google.com/url?q=/imprint",
        "https://www.google.com/url?q=javascript:alert(1)",
        "https://www.google.com/url?q=http://user@evil.example/",
        "https://www.google.com/amp/s/nothing",
        "https://www.google.com/amp/",
        "https://portal.example/redirect?url=file:///etc/passwd",
        "https://r.search.yahoo.com/RU=nothing/RK=0",
        "http://rss.feedsportal.com/c/1/f/2/s/3/l/0L0Sexample0Z0Q/story01.htm",
        "https://www.bing.com/ck/a?u=a1%%%",
        # redirectors whose target only a request tells
        "https://feedproxy.google.com/~r/Desk/~3/aBcDeFgHiJk/",
        "https://feeds.feedburner.com/~r/Desk/~3/aBcDeFgHiJk/talks.html",
        "https://bit.ly/3AbCdEf",
        "https://t.co/AbCdEfGhIj",
        "http://[",
        "http://[news",
    ],
)
def test_any_other_link_stays_as_it_is(link: str) -> None:
    assert unwrapped(link) == link
    assert not is_unresolved(link)


@pytest.mark.parametrize(
    "link",
    [
        f"https://news.google.com/rss/articles/{NEW}?oc=5",
        f"https://news.google.com/read/{NEW}?hl=en-US&gl=US&ceid=US%3Aen",
        f"https://news.google.com/rss/articles/{'a' * 40}",
        "https://apple.news/AqxWpXzO8Tv2VnYwQpLkRgA",
        f"https://consent.google.com/m?continue=https://news.google.com/rss/articles/{NEW}",
    ],
)
def test_a_link_that_hides_its_target_is_said_to(link: str) -> None:
    assert is_unresolved(link)


@pytest.mark.parametrize(
    "link",
    [
        f"https://news.google.com/rss/articles/{OLD}?oc=5",
        "https://news.google.com/rss?hl=en-US&gl=US&ceid=US:en",
        f"https://news.google.com.evil.example/rss/articles/{NEW}",
        STORY,
    ],
)
def test_what_can_be_opened_is_not_called_unresolved(link: str) -> None:
    assert not is_unresolved(link)


def test_a_wrapped_link_has_the_publishers_identity() -> None:
    wrapper = f"https://www.google.com/url?q={QUOTED}%3Futm_source%3Dx"
    assert canonical_url(wrapper) == canonical_url(STORY)


@settings(deadline=None)
@given(st.one_of(ADDRESSES, st.text()))
def test_what_comes_out_of_a_wrapper_is_usable(link: str) -> None:
    target = unwrapped(link)
    assert target == link or absolute_url(target) == target
    assert is_unresolved(link) in (True, False)
