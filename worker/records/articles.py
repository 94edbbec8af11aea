"""Articles: claimed, read as documents, and the verdicts on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions
from worker.records.hosts import HostOutcome
from worker.records.stories import Fingerprint


@dataclass(frozen=True, slots=True)
class Document:
    """An article's extracted text and metadata.

    `canonical` is the address that the page gives itself, believed only on its own site;
    `paywalled` is what the page says of itself (None: nothing).
    """

    title: str
    text: str
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    language: str | None = None
    image: str | None = None
    site_name: str | None = None
    modified: datetime | None = None
    section: str | None = None
    paywalled: bool | None = None
    canonical: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedArticle:
    """An article due to be ingested; `html` is what its feed gave.

    `page_at` is when it is its page's turn, where that is too long to wait for: until then the
    feed's own text is judged. `options` and `home` are those of the feed that brought it, `lines`
    what has been learnt of the lines that its host puts on every page. `stored` is what the last
    verdict was on, and `fetched` whether its text is the page's own.
    """

    id: int
    token: int
    url: str
    link: str | None
    title: str
    html: str
    authors: tuple[str, ...]
    published: datetime
    published_known: bool
    first_seen: datetime
    story_id: int | None
    page_tries: int
    attempts: int
    host: str | None = None
    source_url: str | None = None
    page_at: datetime | None = None
    options: FeedOptions = PLAIN
    home: str | None = None
    host_failures: int = 0
    lines: Mapping[str, Any] = field(default_factory=dict)
    stored: Document | None = None
    fetched: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read: `line_keys` are digests of its lines that may be furniture."""

    document: Document
    line_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a term of a topic stands: `text` is `field[start:end]` of the stored article.

    `points` are what this place alone gives to its `group` of the topic's rule; a group counts
    its best place. They are negative in a group that speaks against the topic.
    """

    term: str
    field: str
    start: int
    end: int
    text: str
    group: str = "query"
    points: float = 1.0


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """That an article fits a topic, and why; `score` is 1 where the topic is a plain query."""

    topic_id: int
    evidence: Sequence[Evidence]
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an article beside its text: what a topic's `lang:`, `source:` … look at.

    `source` holds whatever names it, such as the site's name and its host.
    """

    language: str | None = None
    source: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    section: str | None = None


@dataclass(frozen=True, slots=True)
class StoredText:
    """What of a stored article topics are held against, and what a person needs to know it by."""

    id: int
    title: str
    text: str
    about: About
    url: str
    story_id: int | None
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Ingested:
    """An article with its document, ready for a verdict; `text_key` is None for no usable text.

    `page_url` is the identity of the address that its page gives itself, `tried` whether the page
    was asked for at all; `wire` names the agency that its text is credited to.
    """

    claim: ClaimedArticle
    document: Document
    text_key: str | None
    matches: tuple[TopicMatch, ...]
    fetched_at: datetime | None
    due_at: datetime | None = None
    reason: Reason | None = None
    detail: str = ""
    title_key: str | None = None
    page_url: str | None = None
    line_keys: tuple[str, ...] = ()
    tried: bool = True
    host: HostOutcome | None = None
    fingerprint: Fingerprint | None = None
    wire: str | None = None

    @property
    def replaced(self) -> Document | None:
        """What this takes the place of, where that was another version of the article.

        The feed's few words are only there until the page comes: they are none.
        """
        before = self.claim.stored
        if before is None or (before.title, before.text) == (
            self.document.title,
            self.document.text,
        ):
            return None
        is_upgrade = not self.claim.fetched and self.fetched_at is not None
        return None if is_upgrade and before.title in ("", self.document.title) else before

    @property
    def published_known(self) -> bool:
        return self.claim.published_known or self.document.published is not None

    @property
    def published(self) -> datetime:
        """A feed gives the second, a page often only the day; never later than first seen."""
        if self.claim.published_known or self.document.published is None:
            return self.claim.published
        return min(self.document.published, self.claim.first_seen)


@dataclass(frozen=True, slots=True)
class Postponed:
    """An article that is stored already and whose page still cannot be had.

    `tried`: whether that says anything of the page, so that the try counts.
    """

    claim: ClaimedArticle
    due_at: datetime | None
    reason: Reason
    detail: str
    host: HostOutcome | None = None
    tried: bool = True
