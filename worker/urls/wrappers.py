"""Links that wrap a publisher's link: what they tell is taken out, what they hide is said so.

Feeds of aggregators, newsletters and social sites link to themselves, with the article's address in
a parameter, in the path, or in a code of their own. What stands in the link is read here, without
any request. Google News has kept the address to itself since July 2024: such a link opens a page of
scripts, so the article keeps the feed's own text.
"""

import base64
import binascii
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from worker.urls.address import absolute_url
from worker.urls.sites import site_of_host

_MAX_DEPTH = 4
# Tells nearly all links apart at little cost: a wrapper holds an address, or its host is known.
_HINT = re.compile(
    r"=https?(?::|%(?:25)?3a)|google\.|(?:feedsportal|yahoo|bing|bing-amp)\.com/|ampproject\.org/",
    re.I,
)
# The parameters in which a redirector may carry its target, the likelier first.
_PARAMETERS = (
    "url", "u", "q", "z", "to", "target", "dest", "destination", "link", "goto", "continue",
    "redirect", "redirect_url", "redirect_uri", "redir", "uri", "href", "out", "uddg",
)  # fmt: skip
# Host and path of redirectors that everybody meets.
_REDIRECTORS = re.compile(
    r"(?:www\.)?google\.[a-z.]{2,6}/url|news\.google\.com/news/url"
    r"|consent\.(?:google|youtube)\.[a-z.]{2,6}/\w*"
    r"|(?:www\.)?bing\.com/news/apiclick\.aspx"
    r"|(?:l|lm|www|m)\.facebook\.com/l\.php|l\.messenger\.com/l\.php"
    r"|l\.(?:instagram|threads)\.(?:com|net)/?|t\.umblr\.com/redirect|href\.li/?|exit\.sc/?"
    r"|[\w.-]+\.safelinks\.protection\.outlook\.com/.*|slack-redir\.net/link"
    r"|steamcommunity\.com/linkfilter/?|link\.(?:zhihu|juejin)\.(?:com|cn)/?"
    r"|duckduckgo\.com/l/?|(?:www\.)?linkedin\.com/safety/go"
)
# Of any other host, a last step of the path that says so.
_SAYS_REDIRECT = re.compile(
    r"(?:away|clicks?|exit|goto?|leave|link|out(?:bound|going)?|r|redir(?:ect(?:or)?)?|track|url)"
    r"(?:\.(?:aspx?|cgi|html?|jsp|php))?",
    re.I,
)
# The signs that feedsportal.com wrote for others, each after a zero.
_FEEDSPORTAL_SIGNS = {
    "A": "0", "B": ".", "C": "/", "D": "?", "E": "-", "F": "=", "G": "&", "H": ",", "I": "_",
    "J": "%", "K": "+", "L": "http://", "M": "https://", "N": ".com", "O": ".co.uk", "S": "www.",
}  # fmt: skip
_FEEDSPORTAL_SIGN = re.compile("0([A-Z])")
_APPLE_ITEM = re.compile(r"apple\.news/[\w-]{16,}")
_NEWS_ITEM = re.compile(r"news\.google\.com/(?:.*/)?(?:articles|read)/([\w-]{16,})")


def unwrapped(url: str) -> str:
    """The publisher's link where `url` is a wrapper that tells it, else `url` as it stands.

    Wrappers within wrappers are opened too, four deep at most.
    """
    return _unwrapped(url) if _HINT.search(url) else url


def is_unresolved(url: str) -> bool:
    """Whether `url` is known to hide the publisher's link from everybody but a browser."""
    target = unwrapped(url)
    if "news" not in target:
        return False
    try:
        place = _place(urlsplit(target))
    except ValueError:
        return False
    return bool(_NEWS_ITEM.fullmatch(place) or _APPLE_ITEM.fullmatch(place))


@lru_cache(maxsize=1_024)
def _unwrapped(url: str) -> str:
    for _ in range(_MAX_DEPTH):
        target = _target(url)
        if target is None:
            break
        url = target
    return url


def _target(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    place = _place(parts)
    for pattern, read in _READERS:
        found = pattern.fullmatch(place)
        if found:
            told = read(found, parts)
            return absolute_url(told) if told else None
    return _carried(parts, place)


def _place(parts: SplitResult) -> str:
    return f"{parts.hostname or ''}{parts.path}"


def _carried(parts: SplitResult, place: str) -> str | None:
    """The address in a parameter of a redirector."""
    last = parts.path.rstrip("/").rpartition("/")[2]
    if not (_REDIRECTORS.fullmatch(place) or _SAYS_REDIRECT.fullmatch(last)):
        return None
    given = _given(parts)
    for name in _PARAMETERS:
        told = given.get(name, "")
        if told.lower().startswith(("http%3a", "https%3a")):
            told = unquote(told)
        if told.startswith(("http://", "https://")):
            return absolute_url(told)
    return None


def _given(parts: SplitResult) -> dict[str, str]:
    """The query, the first value of each name; empty where it is overlong."""
    pairs = parts.query.split("&", 50)
    return dict(reversed([pair for one in pairs for pair in parse_qsl(one)]))


def _bing(_: re.Match[str], parts: SplitResult) -> str | None:
    """bing.com/ck/a?u=a1BASE64."""
    code = _given(parts).get("u", "")
    told = _base64(code[2:]) if code.startswith("a1") else None
    return told.decode("utf-8", "replace") if told else None


def _after_star(found: re.Match[str], parts: SplitResult) -> str:
    """rd.yahoo.com/…/*http://…"""
    return f"{found[1]}{_with_query(parts)}"


def _amp_cache(found: re.Match[str], parts: SplitResult) -> str | None:
    """google.com/amp/s/HOST/PATH and …cdn.ampproject.org/c/s/HOST/PATH: `s` stands for https."""
    secure, rest = found.groups()
    if "." not in site_of_host(rest.partition("/")[0]):
        return None
    return f"http{'s' if secure else ''}://{rest}{_with_query(parts)}"


def _with_query(parts: SplitResult) -> str:
    return f"?{parts.query}" if parts.query else ""


def _google_news(found: re.Match[str], _: SplitResult) -> str | None:
    """The address in a Google News item's code, where it is of the kind that holds it.

    The code is base64 of a protobuf message whose fourth field is the address, or, since July
    2024, a token (AU_yq…) that only Google's own servers read.
    """
    message = _base64(found[1]) or b""
    if not message.startswith(b"\x08\x13\x22") or len(message) < 6:
        return None
    length, start = message[3], 4
    if length >= 0x80:
        length, start = length & 0x7F | message[4] << 7, 5
    told = message[start : start + length]
    return told.decode("utf-8", "replace") if told.startswith((b"http://", b"https://")) else None


def _feedsportal(found: re.Match[str], _: SplitResult) -> str | None:
    """…feedsportal.com/c/…/l/0L0Sexample0N0Cnews/story01.htm: signs written as 0A to 0Z."""
    if not _FEEDSPORTAL_SIGNS.keys() >= set(_FEEDSPORTAL_SIGN.findall(found[1])):
        return None
    return _FEEDSPORTAL_SIGN.sub(lambda sign: _FEEDSPORTAL_SIGNS[sign[1]], found[1])


def _base64(code: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except (binascii.Error, ValueError):
        return None


_Reader = Callable[[re.Match[str], SplitResult], str | None]
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_NEWS_ITEM, _google_news),
    (
        re.compile(
            r"(?:(?:www\.)?google\.[a-z.]{2,6}/amp|(?:[\w-]+\.)?cdn\.ampproject\.org/[cv]"
            r"|(?:[\w-]+\.)?bing-amp\.com/[cv])/(s/)?([^/].*)"
        ),
        _amp_cache,
    ),
    (re.compile(r"(?:www\.)?bing\.com/ck/a"), _bing),
    (re.compile(r"(?:[\w.-]+\.)?yahoo\.com/.*?/RU=([^/]+).*"), lambda found, _: unquote(found[1])),
    (re.compile(r"(?:[\w.-]+\.)?yahoo\.com/.*?/\*-?(https?:.*)"), _after_star),
    (re.compile(r"(?:[\w.-]+\.)?feedsportal\.com/.*?/l/(0[LM][^/]+).*"), _feedsportal),
)
