"""The frozen records that flow between the stages, one group per arrow of the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from worker.errors import Reason

# ---- a request and what came of it


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One GET: validators are sent exactly as the site gave them."""

    url: str
    accept: str
    max_bytes: int
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decompressed; `url` is where redirects ended."""

    url: str
    status: int
    body: bytes
    content_type: str
    charset: str | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The site answered 304; validators are its newest (None: it gave none, keep the old)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """No usable answer; `retry_after_s` is the site's own wish, in seconds."""

    reason: Reason
    detail: str
    status: int | None = None
    retry_after_s: float | None = None


Fetch = Fetched | NotModified | Failed

# ---- what a feed holds


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as a feed gives it; `guid` is unique within its document.

    `title` is plain text; `summary` and `content` are HTML that nobody has sanitised. `source_url`
    is the publisher's site where the feed passes on another's item, as Google News does.
    """

    guid: str
    link: str | None
    title: str
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    image: str | None = None
    source_url: str | None = None

    @property
    def html(self) -> str:
        """Of all that a feed gives as an entry's body, the longest is nearest to the article."""
        return max(self.content, self.summary, key=len)


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed says of when to ask it again; hours are UTC, 0..23, days 0..6 from Monday."""

    ttl_s: float | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    update_every_s: float | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document: bounded, cleaned, entries in the document's order.

    `form` is feedparser's word for it (`rss20`, `atom10`, `rss10`, `json11`, `sitemap` …), `older`
    the page with the entries before these (RFC 5005), `notes` what was repaired in reading it.
    """

    title: str
    site_url: str | None
    entries: tuple[Entry, ...]
    form: str = ""
    language: str | None = None
    hints: Hints = Hints()
    older: str | None = None
    tolerant: bool = False
    notes: tuple[str, ...] = ()


# ---- claims: what a worker holds a lease on


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    id: int
    token: int
    url: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    failures: int
    attempts: int


@dataclass(frozen=True, slots=True)
class ClaimedArticle:
    """An article due to be ingested; `html` is what its feed gave."""

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


@dataclass(frozen=True, slots=True)
class ClaimedAlert:
    """An alert due to be delivered; `attempts` counts this try."""

    id: int
    token: int
    channel_id: int
    channel_name: str
    kind: str
    config: dict[str, str]
    webhook_id: str
    body: str
    attempts: int


# ---- decisions: what a stage wants the store to write


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An entry with the identity of the article it links to."""

    url: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class FeedVisit:
    """What one poll found and when to come back; validators are what the next poll will send."""

    feed_id: int
    token: int
    polled_at: datetime
    due_at: datetime
    failures: int
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    status: int | None = None
    reason: Reason | None = None
    detail: str = ""
    stopped: bool = False
    changed: bool = False
    title: str = ""
    site_url: str | None = None
    articles: tuple[NewArticle, ...] = ()


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
class Page:
    """What a page gave: its document, and keys of those of its lines that may be furniture.

    `line_keys` are taken before known furniture was dropped, so that what is learnt stays learnt.
    """

    document: Document
    line_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a term of a topic stands: `text` is `field[start:end]` of the stored article."""

    term: str
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class TopicMatch:
    topic_id: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class StoryMember:
    """A stored article that may tell the same story as a new one."""

    article_id: int
    story_id: int
    published: datetime


@dataclass(frozen=True, slots=True)
class Ingested:
    """An article with its document, ready for a verdict; `text_key` is None for no usable text."""

    claim: ClaimedArticle
    document: Document
    text_key: str | None
    matches: tuple[TopicMatch, ...]
    fetched_at: datetime | None
    due_at: datetime | None = None
    reason: Reason | None = None
    detail: str = ""

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
    """An article that is stored already and whose page still cannot be had."""

    claim: ClaimedArticle
    due_at: datetime | None
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Owed:
    """One alert to be stored: one per topic, story and channel, whatever happens."""

    topic_id: int
    story_id: int
    channel_id: int
    article_id: int
    webhook_id: str
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a channel said to one try of an alert."""

    accepted: bool
    status: int | None = None
    reason: Reason | None = None
    detail: str = ""
    duration_ms: int = 0
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try of one alert and what follows: delivered, due again, or given up (no `due_at`)."""

    claim: ClaimedAlert
    answer: Answer
    at: datetime
    due_at: datetime | None
    stop_channel: bool = False


# ---- configuration, as its files say it


@dataclass(frozen=True, slots=True)
class FeedSpec:
    url: str
    title: str = ""
    site_url: str | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """`options` may hold `${NAME}`: secrets are filled in only when an alert is sent."""

    name: str
    kind: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSpec:
    name: str
    title: str
    query: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    feeds: Sequence[FeedSpec]
    topics: Sequence[TopicSpec]
    channels: Sequence[ChannelSpec]


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic as the store knows it, with the ids of the channels that want it."""

    id: int
    spec: TopicSpec
    channel_ids: tuple[int, ...]
