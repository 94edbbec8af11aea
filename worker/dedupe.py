"""What makes two articles one story: identities, fingerprints, and the verdict. Pure.

Three identities are exact: the same guid in one feed, the same canonical URL, and the same text
under the same headline. Equal text under other headlines is no identity: in real feeds it is
mostly an extraction failure, the same cookie notice under strangers' headlines.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker.records import Document, Entry, StoryMember
from worker.text import digest, words
from worker.urls import canonical_urls

WINDOW = timedelta(hours=72)
# Below this many words a text says too little to be told from another of its kind.
FEWEST_WORDS = 8


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


def text_key(title: str, text: str) -> str | None:
    """The fingerprint of a text under its headline, both folded; None for too few words."""
    folded = words(text).folded
    if len(folded) < FEWEST_WORDS:
        return None
    return digest(" ".join(words(title).folded), " ".join(folded))


def same_story(published: datetime, told: Sequence[StoryMember]) -> StoryMember | None:
    """Which of the stored articles with an equal fingerprint an article joins, if any.

    `told` comes earliest first; one further than 72 hours away is another event under the same
    standing headline.
    """
    near = (member for member in told if abs(member.published - published) <= WINDOW)
    return next(near, None)


def fuller(given: Document, page: Document) -> Document:
    """What to keep of an article that a feed (`given`) and its page both tell.

    The feed's headline is the publisher's own, while pages add their site's name; the page's text
    is the article, unless the feed has clearly more of it, as behind a paywall.
    """
    return replace(
        page,
        title=given.title or page.title,
        text=given.text if len(page.text) < 0.6 * len(given.text) else page.text,
        authors=given.authors or page.authors,
    )
