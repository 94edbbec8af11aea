"""What else a page says of its article: image, site, section, paywall, and its own address."""

from typing import Any
from urllib.parse import urlsplit

from tld import get_fld

from worker.extract.head import Head
from worker.text import clean_line
from worker.urls import absolute_url, host_of

MAX_LABEL = 200
_FREE = {True: True, False: False, "true": True, "false": False}
_TIERS = {"free": False, "metered": True, "locked": True}


def image(head: Head, url: str) -> str | None:
    """The address of the article's picture, absolute."""
    said = (
        head.meta("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "thumbnail"),
        *_addresses(head.linked.first("image", "thumbnailUrl")),
    )
    return next((found for link in said if (found := _absolute(link, head, url))), None)


def _addresses(value: Any) -> list[str]:
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
    value = value[0] if isinstance(value, list) and value else value
    return [value] if isinstance(value, str) else []


def site_name(head: Head) -> str | None:
    """The name of the site or publication."""
    publisher = head.linked.resolved(head.linked.first("publisher")).get("name")
    said = (head.meta("og:site_name"), publisher, head.meta("application-name", "cre"))
    names = (clean_line(name, MAX_LABEL) for name in said if isinstance(name, str))
    return next((name for name in names if name), None)


def section(head: Head) -> str | None:
    """The part of the publication that the article is in, as it names it."""
    said = (
        head.meta("article:section", "og:article:section"),
        head.linked.text("articleSection"),
        head.meta("parsely-section", "cxenseparse:recs:category", "section", "category"),
    )
    names = (clean_line(name, MAX_LABEL) for name in said)
    return next((name for name in names if name), None)


def paywalled(head: Head) -> bool | None:
    """Whether the page says that its article, or a part of it, is for payers; None: nothing.

    schema.org `isAccessibleForFree`, of the article or of its parts, then `article:content_tier`,
    of which `metered` is free only for so many articles a month.
    """
    free = _is_free(head.linked.first("isAccessibleForFree"))
    for node in head.linked.articles:
        said = _is_free(node.get("isAccessibleForFree"))
        free = said if said is not None and free is not False else free
        parts = node.get("hasPart")
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict) and _is_free(part.get("isAccessibleForFree")) is False:
                free = False
    if free is not None:
        return not free
    return _TIERS.get(head.meta("article:content_tier", "og:article:content_tier").lower())


def _is_free(value: Any) -> bool | None:
    if isinstance(value, str):
        value = value.rpartition("/")[2].strip().lower()
    return _FREE.get(value) if isinstance(value, bool | str) else None


def canonical(head: Head, url: str) -> str | None:
    """The address that the page gives itself, where it is one on the same site.

    None for a stranger's, and for a site's front page, which templates give for every article.
    """
    for link in (head.canonical, head.meta("og:url")):
        found = _absolute(link, head, url)
        if found and (not url or _same_site(found, url)) and not _is_front(found, url):
            return found
    return None


def _absolute(link: str, head: Head, url: str) -> str | None:
    base = absolute_url(head.base, url or None) if head.base else None
    return absolute_url(link, base or url or None)


def _same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one registrable domain (publicsuffix.org), or of one host."""
    if host_of(one) == host_of(other):
        return True
    sites = [get_fld(link, fail_silently=True, search_private=True) for link in (one, other)]
    return sites[0] is not None and sites[0] == sites[1]


def _is_front(link: str, url: str) -> bool:
    parts, page = urlsplit(link), urlsplit(url)
    front = parts.path in ("", "/") and not parts.query
    return front and (page.path not in ("", "/") or bool(page.query))
