"""What the outlets' site sends: article pages with all their furniture, feeds, and the OPML.

Every outlet clothes the same text differently, as real ones do, so that a copy is recognised by
its text or not at all.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from worker.demo.newsroom import Item
from worker.demo.outlets import OUTLETS, Format, Outlet

_SECTIONS = ("World", "Politics", "Business", "Sport", "Culture", "Weather")
_STYLES = (
    ("article", "story-body", "Share this article"),
    ("section", "entry-content", "Share on the network of your choice"),
    ("div", "article-text", "Print this page"),
)


def page(item: Item, base_url: str, related: Sequence[Item]) -> str:
    """The article's HTML page; `related` are linked from its side."""
    outlet = item.outlet
    tag, css_class, share = _STYLES[OUTLETS.index(outlet) % len(_STYLES)]
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>{_head(item, base_url)}</head>
<body>
{_header(outlet)}
<main>
<div class="breadcrumbs"><a href="/{outlet.slug}/">Home</a> / {item.subject.title()}</div>
<h1 class="headline">{escape(item.headline)}</h1>
<div class="byline">By <a rel="author" href="/{outlet.slug}/authors">{escape(item.author)}</a>
 <time datetime="{_iso(item.published)}">{item.published:%d %B %Y, %H:%M} GMT</time></div>
<ul class="share-tools"><li><a href="#share">{share}</a></li>
<li><a href="#mail">E-mail</a></li></ul>
<{tag} class="{css_class}" itemprop="articleBody">
{body}
</{tag}>
<div class="comments" id="comments"><a href="#comment-form">Add new comment</a></div>
{_related(related)}
</main>
{_footer(outlet)}
</body>
</html>
"""


def _head(item: Item, base_url: str) -> str:
    outlet, url = item.outlet, base_url + item.path
    linked_data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": item.headline,
        "datePublished": _iso(item.published),
        "dateModified": _iso(item.updated),
        "author": {"@type": "Person", "name": item.author},
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.title},
        "mainEntityOfPage": url,
    }
    # "</" would end the script element, whatever JSON thinks of it.
    script = json.dumps(linked_data, ensure_ascii=False).replace("</", "<\\/")
    headline = escape(item.headline)
    return f"""
<meta charset="utf-8">
<title>{headline} | {escape(outlet.title)}</title>
<link rel="canonical" href="{escape(url)}">
<meta name="description" content="{escape(item.summary)}">
<meta property="og:type" content="article">
<meta property="og:title" content="{headline}">
<meta property="og:url" content="{escape(url)}">
<meta property="og:site_name" content="{escape(outlet.title)}">
<meta property="article:published_time" content="{_iso(item.published)}">
<meta property="article:modified_time" content="{_iso(item.updated)}">
<script type="application/ld+json">{script}</script>
"""


def _header(outlet: Outlet) -> str:
    sections = "".join(
        f'<li><a href="/{outlet.slug}/{name.lower()}">{name}</a></li>' for name in _SECTIONS
    )
    return f"""<header class="site-header"><a href="/{outlet.slug}/">{escape(outlet.title)}</a>
<nav aria-label="Sections"><ul>{sections}</ul></nav>
<form class="search"><input type="search" placeholder="Search"><button>Search</button></form>
</header>"""


def _related(items: Sequence[Item]) -> str:
    links = "".join(f'<li><a href="{one.path}">{escape(one.headline)}</a></li>' for one in items)
    return f'<aside class="related"><h2>Related stories</h2><ul>{links}</ul></aside>'


def _footer(outlet: Outlet) -> str:
    return f"""<footer class="site-footer">
<ul><li><a href="/about">About us</a></li><li><a href="/terms">Terms of use</a></li>
<li><a href="/newsletter">Sign up for our newsletter</a></li></ul>
<p>{escape(outlet.title)}. All rights reserved. Outlet, people and events are invented.</p>
</footer>"""


def feed(outlet: Outlet, name: str, items: Sequence[Item], base_url: str, now: datetime) -> str:
    """The outlet's feed `name` with `items`, newest first, in the outlet's format."""
    write = _atom if outlet.format is Format.ATOM else _rss
    return write(outlet, name, items, base_url, now)


def _rss(outlet: Outlet, name: str, items: Sequence[Item], base_url: str, now: datetime) -> str:
    full = outlet.format is Format.RSS_FULL
    entries = "".join(_rss_item(item, base_url, full=full) for item in items)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>{escape(outlet.title)}</title><link>{base_url}/{outlet.slug}/</link>
<description>News from {escape(outlet.title)}, all of it invented</description>
<language>en-gb</language><lastBuildDate>{_rfc822(now)}</lastBuildDate>
<atom:link href="{base_url}/{outlet.slug}/{name}" rel="self" type="application/rss+xml"/>
{entries}</channel></rss>
"""


def _rss_item(item: Item, base_url: str, *, full: bool) -> str:
    # RSS has no word for a change, so outlets borrow Atom's.
    changed = ""
    if item.updated != item.published:
        changed = f"<atom:updated>{_iso(item.updated)}</atom:updated>"
    content = ""
    if full:
        html = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in item.paragraphs)
        content = f"<content:encoded><![CDATA[{html}]]></content:encoded>"
    return f"""<item><title>{escape(item.headline)}</title><link>{base_url}{item.path}</link>
<guid isPermaLink="false">{item.guid}</guid><pubDate>{_rfc822(item.published)}</pubDate>{changed}
<dc:creator>{escape(item.author)}</dc:creator><category>{item.subject}</category>
<description>{escape(item.summary)}</description>{content}</item>
"""


def _atom(outlet: Outlet, name: str, items: Sequence[Item], base_url: str, now: datetime) -> str:
    entries = "".join(_atom_entry(item, base_url) for item in items)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-GB">
<title>{escape(outlet.title)}</title><id>tag:{outlet.slug}.example,2026:{name}</id>
<link href="{base_url}/{outlet.slug}/"/>
<link rel="self" type="application/atom+xml" href="{base_url}/{outlet.slug}/{name}"/>
<updated>{_iso(now)}</updated>
{entries}</feed>
"""


def _atom_entry(item: Item, base_url: str) -> str:
    return f"""<entry><title>{escape(item.headline)}</title><id>{item.guid}</id>
<link href="{base_url}{item.path}"/><published>{_iso(item.published)}</published>
<updated>{_iso(item.updated)}</updated><author><name>{escape(item.author)}</name></author>
<category term="{item.subject}"/><summary>{escape(item.summary)}</summary></entry>
"""


def opml(base_url: str) -> str:
    """Every feed of the site, by category, as an operator's feeds.opml."""
    groups = "".join(
        f'<outline text="{category}">{_outlines(category, base_url)}</outline>\n'
        for category in sorted({outlet.category for outlet in OUTLETS})
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0"><head><title>The demo's outlets</title></head><body>
{groups}</body></opml>
"""


def _outlines(category: str, base_url: str) -> str:
    return "".join(
        f'<outline type="rss" text="{escape(outlet.title)}" '
        f'xmlUrl="{base_url}/{outlet.slug}/{name}" htmlUrl="{base_url}/{outlet.slug}/"/>'
        for outlet in OUTLETS
        if outlet.category == category
        for name in outlet.feeds
    )


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)
