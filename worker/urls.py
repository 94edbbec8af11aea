"""Canonical URLs: one article, one address, whatever was added to its link on the way."""

import re
from urllib.parse import urljoin, urlsplit

from courlan import normalize_url

MAX_URL = 2000
# Control characters and lone surrogates: no database takes them, and no address has them.
_UNUSABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def absolute_url(link: str, base: str | None = None) -> str | None:
    """`link` made absolute; None where it is no usable http(s) address."""
    link = link.strip()
    if not link:
        return None
    try:
        full = urljoin(base, link) if base else link
        parts = urlsplit(full)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # raises where the port is no number
    except ValueError:
        return None
    return full if usable and len(full) <= MAX_URL and not _UNUSABLE.search(full) else None


def canonical_url(url: str) -> str | None:
    """The identity of the article at `url`, None where it is no usable http(s) address.

    Drops tracking parameters, default ports and fragments, and sorts the query (library courlan);
    the result is a fixed point.
    """
    if absolute_url(url) is None:
        return None
    bare = url.strip()
    if "#" in bare and "#!" not in bare:
        bare = bare.partition("#")[0]
    try:
        for _ in range(4):
            before, bare = bare, str(normalize_url(bare))
            if before == bare:
                break
    except ValueError:
        return None
    return bare if absolute_url(bare) and bare.isprintable() else None


def host_of(url: str) -> str:
    """The host name of `url`, lower case; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    return host_of(one) == host_of(other)


def unwrapped(url: str) -> str:
    return url


def is_unresolved(url: str) -> bool:
    return "news.google.com" in url
