"""Where a site's feeds are: what its page says, and where to look if it says nothing. Pure.

Nothing here is sure: whoever asks fetches what is found and keeps what turns out to be a feed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree

from worker.text import clean_line
from worker.urls import absolute_url

_MAX_HTML, _MAX_LINKS, _MAX_TITLE = 2 * 1024**2, 100, 200
_MAX_FOLDERS = 3
_FEED_TYPES = frozenset(
    {
        "application/rss+xml", "application/atom+xml", "application/rdf+xml",
        "application/feed+json", "application/x-rss+xml", "application/rss", "application/atom",
        "text/rss+xml", "text/rss", "text/atom+xml",
    }
)  # fmt: skip
# Types that are feeds only where the link says so too: WordPress offers its articles as JSON.
_PERHAPS_FEED_TYPES = frozenset({"", "application/xml", "text/xml", "application/json"})
_PATH_SAYS_FEED = re.compile(
    r"/(?:feeds?|rss2?|atom|rdf)(?:/(?:[\w.-]+/?){0,3})?$"
    r"|/[\w.-]*(?:feed|rss|atom)[\w.-]*\.(?:xml|php|aspx?|jsp|json)$"
    r"|\.(?:rss|rdf|atom)$|/index\.(?:xml|rdf)$",
    re.I,
)
_QUERY_SAYS_FEED = re.compile(
    r"(?:^|&)(?:feed=(?:comments-)?(?:rss2?|atom|rdf)|(?:format|type|alt)=(?:rss|atom|feed))\b",
    re.I,
)
_FEED_HOSTS = re.compile(r"(?:feeds?\d?\.feedburner\.com|feedproxy\.google\.com)\Z")
# Where links lead to readers' services or to pages that explain what a feed is.
_NO_FEED = re.compile(r"\.(?:html?|pdf|png|svg|jpe?g|gif|ico|css|js)$", re.I)
_COMMENTS = re.compile(
    r"comment|kommentar|coment[aá]rio|commento|yorum|комментар|коментар|评论|コメント|تعليق|نظرات",
    re.I,
)
# A path that names one article, and not a section.
_ARTICLE = re.compile(r"\d{4}|[^/]+[-_][^/]+[-_]")
# Tried at the root of a site, the likelier first.
_AT_ROOT = (
    "feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "?feed=rss2", "feeds",
    "feeds/posts/default", "rss/index.xml", "feed/rss", "index.rdf", "feed.json", "rss.php",
    "news/rss.xml", "news/feed", "blog/feed",
)  # fmt: skip
_IN_FOLDER = ("feed", "rss", "rss.xml", "?feed=rss2")
_SITEMAP = re.compile(r"^[^\S\n]*site-?maps?[^\S\n]*:[^\S\n]*(\S+)", re.I | re.M)
_OF_NEWS = re.compile(r"news|nachrichten|noticia|notizie|actualit|haber|latest|recent|48", re.I)
_OF_ARCHIVE = re.compile(r"archiv|(?:19|20)\d\d|newsletter", re.I)
_NEWS_SITEMAPS = (
    "news-sitemap.xml", "sitemap-news.xml", "sitemap_news.xml", "sitemap/news.xml",
    "sitemaps/news.xml", "news_sitemap.xml", "sitemapnews.xml", "googlenews.xml",
    "google-news-sitemap.xml", "news/sitemap.xml", "sitemaps/sitemap_news.xml",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A link that is likely to lead to a feed; `type` is the media type that it names, or empty."""

    url: str
    title: str = ""
    type: str = ""


def feed_links(html: bytes, base: str) -> list[FeedLink]:
    """The feeds that a page at `base` names, the likelier first; 100 at most.

    First what it declares (`link rel=alternate`), then what it links to by an address that speaks
    of feeds, and last the feeds of comments and of the page itself, if that is an article.
    """
    tree = _tree(html)
    if tree is None:
        return []
    base = next(_hrefs(tree, "base", base), (base, None))[0]
    found: dict[str, FeedLink] = {}
    for link in (*_declared(tree, base), *_linked(tree, base)):
        known = found.setdefault(link.url, link)
        if not known.title and link.title:
            found[link.url] = FeedLink(link.url, link.title, known.type)
    return sorted(found.values(), key=lambda link: _remoteness(link, base))[:_MAX_LINKS]


def _tree(html: bytes) -> etree._Element | None:
    parser = etree.HTMLParser(no_network=True, recover=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(html[:_MAX_HTML], parser)
    except (etree.ParseError, ValueError, LookupError):
        return None


def _hrefs(tree: etree._Element, name: str, base: str) -> Iterator[tuple[str, etree._Element]]:
    """The elements called `name` with an address that can be asked for, and that address."""
    for element in tree.iter(name):
        href = re.sub(r"^feed:(?://)?(?=https?:)|^feed:(?=//)", "", element.get("href", "").strip())
        url = absolute_url(href, base) if href else None
        if url is not None:
            yield url.partition("#")[0], element


def _declared(tree: etree._Element, base: str) -> Iterator[FeedLink]:
    for url, element in _hrefs(tree, "link", base):
        rel = element.get("rel", "").lower().split()
        kind = element.get("type", "").partition(";")[0].strip().lower()
        if not {"alternate", "feed", "service.feed"} & set(rel) or "stylesheet" in rel:
            continue
        if kind in _FEED_TYPES or "feed" in rel or (kind in _PERHAPS_FEED_TYPES and _speaks(url)):
            yield FeedLink(url, clean_line(element.get("title", ""), _MAX_TITLE), kind)


def _linked(tree: etree._Element, base: str) -> Iterator[FeedLink]:
    for url, element in _hrefs(tree, "a", base):
        kind = element.get("type", "").strip().lower()
        if kind in _FEED_TYPES or _speaks(url):
            told = element.get("title") or "".join(element.itertext())
            yield FeedLink(url, clean_line(told, _MAX_TITLE), kind if kind in _FEED_TYPES else "")


def _speaks(url: str) -> bool:
    """Whether an address by itself says that it is a feed's."""
    parts = urlsplit(url)
    if _FEED_HOSTS.match(parts.hostname or ""):
        return len(parts.path) > 1
    if _NO_FEED.search(parts.path):
        return False
    return bool(_PATH_SAYS_FEED.search(parts.path) or _QUERY_SAYS_FEED.search(parts.query))


def _remoteness(link: FeedLink, page: str) -> int:
    """How far a feed is from being the site's news: 1 for an article's own feed, 2 for comments."""
    parts = urlsplit(link.url)
    if any(map(_COMMENTS.search, (link.title, parts.path, parts.query))):
        return 2
    own = urlsplit(page).path.rstrip("/")
    return int(parts.path.startswith(f"{own}/") and bool(_ARTICLE.search(own)))


def well_known(url: str) -> list[str]:
    """Where the feeds of a site mostly are, the likelier first, for a site whose page names none.

    Looks in the folder that `url` names and those above it, then at the root.
    """
    root = urljoin(url, "/")
    steps = [step for step in urlsplit(url).path.split("/") if step]
    if steps and "." in steps[-1]:
        steps.pop()
    folders = ["/".join(steps[:depth]) for depth in range(len(steps), 0, -1)][:_MAX_FOLDERS]
    inner = (f"{root}{folder}/{name}" for folder in folders for name in _IN_FOLDER)
    return _usable([*inner, *(f"{root}{name}" for name in _AT_ROOT)])


def news_sitemaps(robots_txt: str, base: str) -> list[str]:
    """Where the site at `base` may list its newest articles for search engines, likelier first.

    First the sitemaps of robots.txt that are named after news, then where such sitemaps mostly are.
    """
    told = [urljoin(base, place) for place in _SITEMAP.findall(robots_txt)[:1_000]]
    named = [url for url in told if _is_of_news(url)]
    return _usable([*named, *(urljoin(base, f"/{name}") for name in _NEWS_SITEMAPS)])


def _is_of_news(url: str) -> bool:
    place = url.partition("://")[2].partition("/")[2]
    return bool(_OF_NEWS.search(place)) and not _OF_ARCHIVE.search(place)


def _usable(urls: Iterable[str]) -> list[str]:
    return [url for url in dict.fromkeys(urls) if absolute_url(url) is not None]
