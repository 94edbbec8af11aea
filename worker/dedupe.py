"""What makes two articles one story: identities, fingerprints, and the verdict. Pure.

Exact identities: the same guid in one feed, the same canonical URL (the link's, or the one that a
page gives itself), and the same text under the same headline. Equal text under other headlines is
no identity: in real feeds it is mostly an extraction failure, the same cookie notice under
strangers' headlines. An aggregator's link that hides the publisher's own is the same article as
that publisher's of the same headline.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.errors import Reason
from worker.records import Document, Entry, Ingested, Joins, StoryMember
from worker.text import clean, digest, fold, strip_html, words
from worker.urls import canonical_url, canonical_urls, is_unresolved, same_site

WINDOW = timedelta(hours=72)
# Below this many words a text says too little to be told from another of its kind.
FEWEST_WORDS = 8
# A headline alone needs fewer, for its publisher must be the same too.
FEWEST_TITLE_WORDS = 4
MAX_TEXT = 400_000
# An address that articles of so many headlines give themselves is none of an article.
_STRANGERS = 3


def article_url(feed_url: str, entry: Entry) -> str:
    """The identity of the article that `entry` links to, told without the rest of its feed."""
    return article_urls(feed_url, [entry])[0]


def article_urls(feed_url: str, entries: Sequence[Entry]) -> list[str]:
    """The identities of the articles that the entries of one feed document link to, in order.

    Together, for some feeds tell their entries apart by the fragment alone. An entry without a
    usable link is an article of its own, named after its feed and guid.
    """
    linked = canonical_urls([entry.link for entry in entries])
    return [
        identity or f"urn:wirewatch:{digest(feed_url, entry.guid)}"
        for identity, entry in zip(linked, entries, strict=True)
    ]


def repaired_guid(entry: Entry) -> str:
    """The identity of an entry whose guid its feed gives to others too."""
    return f"{entry.guid[:400]}#{digest(entry.link or entry.title)}"


def unsigned(entry: Entry) -> Entry:
    """An aggregator's entry as its publisher has it, without the publisher's name in the headline.

    Google News gives `Headline - Publisher`, and the same as the text. That name is only known to
    be one where the link hides the publisher's own; left in, it would match topics.
    """
    if not (entry.source_url and entry.link and is_unresolved(entry.link)):
        return entry
    headline, _, publisher = entry.title.rpartition(" - ")
    if not headline.strip() or not publisher.strip():
        return entry
    text = fold(strip_html(entry.html))
    if text in (fold(entry.title), fold(headline)):
        entry = replace(entry, summary="", content="")
    return replace(entry, title=headline.strip())


def title_key(title: str) -> str | None:
    """The fingerprint of a headline, folded; None for too few words to tell it by."""
    folded = words(title).folded
    return digest(" ".join(folded)) if len(folded) >= FEWEST_TITLE_WORDS else None


def text_key(title: str, text: str) -> str | None:
    """The fingerprint of a text under its headline, both folded; None for too few words."""
    folded = words(text).folded
    if len(folded) < FEWEST_WORDS:
        return None
    return digest(" ".join(words(title).folded), " ".join(folded))


def same_story(one: Ingested, told: Sequence[StoryMember]) -> Joins | None:
    """Which of the stored articles that it may be the same as an article joins, if any, and why.

    `told` comes earliest first. Text and headline count within 72 hours only: beyond, it is
    another event under the same standing headline.
    """
    for url in filter(None, (one.claim.url, one.page_url)):
        members = [member for member in told if url in member.urls]
        if members and len({member.title_key for member in members}) < _STRANGERS:
            return Joins(members[0], "same-url")
    near = [member for member in told if _is_near(member.published, one.published)]
    for member in near:
        if one.text_key and member.text_key == one.text_key:
            return Joins(member, "same-text")
    for member in near:
        if one.title_key and member.title_key == one.title_key and _is_aggregated(one, member):
            return Joins(member, "same-headline")
    return None


def _is_near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= WINDOW


def _is_aggregated(one: Ingested, member: StoryMember) -> bool:
    """Whether one of the two is an aggregator's link that names the other's publisher."""
    if one.reason is Reason.UNRESOLVED_LINK and one.claim.source_url:
        return any(same_site(one.claim.source_url, url) for url in member.urls)
    return bool(member.source_url and same_site(member.source_url, one.claim.url))


def from_feed(title: str, html: str, authors: tuple[str, ...]) -> Document:
    """What a feed itself says of an article, for as long as its page cannot be had."""
    return Document(title=title, text=clean(strip_html(html), MAX_TEXT), authors=authors)


def fuller(given: Document, page: Document, stored: Document | None = None) -> Document:
    """What to keep of an article that a feed (`given`) and its page both tell.

    The feed's headline is the publisher's own, while pages add their site's name; the page's text
    is the article, unless the feed has clearly more of it. Behind a paywall the longest text is
    kept that the feed, the page, or the page at an earlier reading (`stored`) has given.
    """
    text = given.text if len(page.text) < 0.6 * len(given.text) else page.text
    if page.paywalled:
        text = max(page.text, given.text, stored.text if stored else "", key=len)
    return replace(
        page,
        title=given.title or page.title,
        text=text,
        authors=given.authors or page.authors,
    )


def without_page(given: Document, stored: Document | None) -> Document:
    """What to keep where the page cannot be had: its text of before under the feed's headline."""
    return given if stored is None else replace(stored, title=given.title or stored.title)


def page_url(document: Document) -> str | None:
    """The identity of the address that a page gives itself; None where that is its site's front.

    Some sites name their front page in every article.
    """
    identity = canonical_url(document.canonical) if document.canonical else None
    is_front = identity is not None and identity.endswith("/") and identity.count("/") == 3
    return None if is_front else identity
