"""The identity of an article: one form for all the links that lead to it.

The identity is for comparing and is never fetched: it is always https and without www, whether the
site has those or not. What might select content is kept, for two links that are wrongly one lose an
article, and two that are wrongly two cost a second look at one.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from yarl import URL

from worker.urls.address import MAX_URL, problem_of
from worker.urls.sites import site_of_host
from worker.urls.trackers import is_tracker
from worker.urls.wrappers import unwrapped

_MOBILE = ("m", "mobile", "touch", "amp")
_ON_PHONES = tuple(f"{label}." for label in _MOBILE)
# A path that names one article. Without such a one, mobile.example.com/news may well be news on
# telephones, and /amp/fender an amplifier.
_TELLING = re.compile(r"\d{3}|[-_]|/[^/]+/[^/]|[^/]{20}")
_SLASHES = re.compile(r"//+")
_SESSION = re.compile(
    r";(?:jsessionid|phpsessid)=[^/;]*|/\((?:[A-Z]\([^()/]*\))+\)(?=/|$)", re.I | re.A
)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?|jsp|cfm)$", re.I | re.A)
_AMP_END = re.compile(r"(?<=.)/amp(?:\.html?)?$|(?<=[^/])\.amp(?=(?:\.html?)?$)", re.I)
_AMP_STEP = re.compile(r"/amp(?=/)", re.I)
_AMP_VALUES = {"outputtype": "amp", "output": "amp", "output_type": "amp", "view": "amp"}


def canonical_url(url: str, *, keep_fragment: bool = False) -> str | None:
    """The identity of the article at `url`, None where it is no usable web address.

    A fixed point: the identity of an identity is itself. What follows `#` is dropped unless it
    starts with `!` or `/`, as in pages made by scripts, or `keep_fragment` says that it matters.
    """
    url = url.strip()
    return _canonical(url, keep_fragment) if problem_of(url) is None else None


def canonical_urls(links: Sequence[str | None]) -> list[str | None]:
    """The identities of the links of one feed document, in their order.

    Some feeds tell their entries apart by nothing but the fragment (one page with all the news on
    it): there it is kept, or each entry would be taken for the first.
    """
    found = [canonical_url(link) if link else None for link in links]
    fragments: dict[str, set[str]] = defaultdict(set)
    for link, identity in zip(links, found, strict=True):
        if link and identity:
            fragments[identity].add(link.partition("#")[2])
    return [
        canonical_url(link, keep_fragment=True)
        if link and identity and len(fragments[identity]) > 1
        else identity
        for link, identity in zip(links, found, strict=True)
    ]


@lru_cache(maxsize=8_192)
def _canonical(url: str, keep_fragment: bool) -> str | None:
    for _ in range(3):
        before, url = url, unwrapped(url)
        try:
            url = _form(URL(url), keep_fragment)
        except ValueError:
            return None
        if url == before:
            break
    return url if len(url) <= MAX_URL and problem_of(url) is None else None


def _form(url: URL, keep_fragment: bool) -> str:
    path = _path(url.raw_path)
    query = _query(url.raw_query_string, path)
    host = _host(url.host_subcomponent or "", path, query)
    port = "" if url.explicit_port in (None, 80, 443) else f":{url.explicit_port}"
    fragment = _fragment(url.raw_fragment, keep_fragment)
    return f"https://{host}{port}{path}{query}{fragment}"


def _host(host: str, path: str, query: str) -> str:
    """Without www, and without what only says that the page is for telephones."""
    host = host.rstrip(".")
    while host.startswith("www.") and host.count(".") > 1:
        host = host[4:]
    if (path == "/" and not query) or not (host.startswith(_ON_PHONES) or ".m." in host):
        return host
    if host.startswith(("mobile.", "touch.")) and not (query or _TELLING.search(path)):
        return host
    site = site_of_host(host)
    own = host.removesuffix(site).rstrip(".").split(".") if site != host else []
    own = [label for label in own if label not in ("", "m", "www")]
    while own and own[0] in _MOBILE:
        own.pop(0)
    return ".".join([*own, site.removeprefix("www.")])


def _path(path: str) -> str:
    """Without sessions, AMP's marks, index files, doubled and trailing slashes."""
    if ";" in path or "(" in path:
        path = _SESSION.sub("", path)
    if "//" in path:
        path = _SLASHES.sub("/", path)
    before = ""
    while path != before:
        before = path
        path = path.rstrip("/")
        path = _INDEX.sub("", path)
        if "amp" in path.lower():
            path = _without_amp(path)
    return path or "/"


def _without_amp(path: str) -> str:
    bare = _AMP_END.sub("", path)
    if bare != path:
        return bare
    bare = _AMP_STEP.sub("", path, count=1)
    return bare if _TELLING.search(bare) else path


def _query(query: str, path: str) -> str:
    """Sorted by name, without what is known to track or to ask for AMP; with its `?`."""
    if not query:
        return ""
    kept: dict[str, str] = {}
    for part in query.replace("&amp;", "&").replace("+", "%20").split("&"):
        name, equals, value = part.partition("=")
        if name.lower().startswith("amp;"):  # what a page's source escaped twice
            name = name[4:]
        lower = name.lower()
        if not name or lower == "amp" or _AMP_VALUES.get(lower) == value.lower():
            continue
        if lower == "m" and value in ("0", "1") and path.endswith(".html"):  # Blogger on telephones
            continue
        if not is_tracker(name, value):
            kept.setdefault(f"{name}{equals if value else ''}{value}", lower)
    return f"?{'&'.join(sorted(kept, key=kept.__getitem__))}" if kept else ""


def _fragment(fragment: str, keep: bool) -> str:
    if not fragment or not (keep or fragment[0] in "!/"):
        return ""
    name, _, value = fragment.partition("=")
    return "" if is_tracker(name, value) else f"#{fragment}"
