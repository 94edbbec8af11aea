"""Feeds: what a document holds, what a claim brings, and what a visit wants written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions
from worker.records.hosts import HostOutcome
from worker.records.pushes import PushOffer
from worker.records.requests import Failed, Fetch


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
    `hubs` and `self_url` are where it says that it can be subscribed to, and as what (WebSub);
    `cloud` is the same by rssCloud.
    """

    title: str
    site_url: str | None
    entries: tuple[Entry, ...]
    form: str = ""
    language: str | None = None
    hints: Hints = Hints()
    older: str | None = None
    hubs: tuple[str, ...] = ()
    self_url: str | None = None
    cloud: str | None = None
    tolerant: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedMemory:
    """What a feed's next visit must know of those before; each field is a column of its row.

    Validators and `body_hash` are of the last body; `in_doubt`, validators are of the body before
    it, to see whether the server hides what is newer. `since_full` counts conditional polls since
    the last full one, due every `full_every` polls. `moved_to` is where it has been redirected for
    good in `moved_polls` polls since `moved_since`. `backfill` are pages still to be read for
    entries that were missed between `gap_from` and `gap_to`, at most `backfill_left` of them.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    since_full: int = 0
    full_every: int = 100
    false_304s: int = 0
    in_doubt: bool = False
    moved_to: str | None = None
    moved_polls: int = 0
    moved_since: datetime | None = None
    gaps: int = 0
    gap_from: datetime | None = None
    gap_to: datetime | None = None
    backfill: tuple[str, ...] = ()
    backfill_left: int = 0
    guids_repeat: bool = False
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed due to be polled; `changed_at` is when it last brought a new body.

    `rhythm` is how it publishes (schedule.Rhythm, as it is stored), `matched` how many of its
    articles matched topics, decayed, as of `matched_at`; `hints` are what it says of when to come.
    Until `pushed_until` a hub pushes what is new.
    """

    id: int
    token: int
    url: str
    host: str
    failures: int
    attempts: int
    polled_at: datetime | None = None
    changed_at: datetime | None = None
    options: FeedOptions = PLAIN
    memory: FeedMemory = FeedMemory()
    host_failures: int = 0
    rhythm: Mapping[str, Any] = field(default_factory=dict)
    hints: Mapping[str, Any] = field(default_factory=dict)
    matched: float = 0.0
    matched_at: datetime | None = None
    pushed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought: the answer and, where it was a new body, what stood in it.

    `links` are pages to read next, where the poll was a look for them.
    """

    fetch: Fetch
    body_hash: str | None = None
    feed: ParsedFeed | Failed | None = None
    links: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry that was seen before in this feed.

    Versions are digests of its headline and text, `title_before` of the headline before it;
    `published` is None where nobody has told it. `changes` counts versions after the first.
    """

    guid: str
    article_id: int
    article_url: str
    published: datetime | None
    title_version: str | None
    text_version: str | None
    title_before: str | None
    changes: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What of a document was seen in its feed before: by guid, and by its article's URL.

    `read_before`: whether anything ever was, be it in this document or not.
    """

    entries: Mapping[str, KnownEntry] = field(default_factory=dict)
    urls: Mapping[str, KnownEntry] = field(default_factory=dict)
    read_before: bool = False


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An entry with the identity of the article it links to, and the page to fetch for it.

    Without `has_page` nothing is asked of the link's host.
    """

    url: str
    entry: Entry
    link: str | None = None
    has_page: bool = True
    html: str = ""
    title_version: str = ""
    text_version: str = ""


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """A known entry that says something new: another version of its article, never another one.

    `changes` counts this one too. `only_noted`: its versions were not known before, so nobody can
    tell whether it has changed.
    """

    article_id: int
    guid: str
    title: str
    html: str
    title_version: str
    text_version: str
    title_before: str | None = None
    changes: int = 1
    only_noted: bool = False


@dataclass(frozen=True, slots=True)
class FeedVisit:
    """What one poll found and when to come back; `gap` says that entries may have been missed.

    `lied`: the server was found to answer 304 in spite of news. `quiet`: it found nothing, and what
    to remember has changed in the validators at the most. `aside`: it says nothing of the feed
    itself; no more is written than what to remember and when to come back, and the reason.
    `rhythm` is how the feed publishes (schedule.Rhythm), as it is to be stored; None: as before.
    Until `not_before` its site wants to be left alone.
    `offer` is how the document that was read can be pushed; `unpushed`: it had news that a hub
    should have pushed, and did not.
    """

    feed_id: int
    token: int
    url: str
    polled_at: datetime
    due_at: datetime
    failures: int
    memory: FeedMemory
    status: int | None = None
    reason: Reason | None = None
    detail: str = ""
    stopped: bool = False
    changed: bool = False
    title: str = ""
    site_url: str | None = None
    language: str | None = None
    hints: Hints | None = None
    articles: tuple[NewArticle, ...] = ()
    changes: tuple[ChangedEntry, ...] = ()
    move_to: str | None = None
    gap: bool = False
    lied: bool = False
    aside: bool = False
    quiet: bool = False
    offer: PushOffer | None = None
    unpushed: bool = False
    host: HostOutcome | None = None
    rhythm: Mapping[str, Any] | None = None
    not_before: datetime | None = None

    @property
    def gap_s(self) -> float:
        """The pause until the next poll."""
        return max(1.0, (self.due_at - self.polled_at).total_seconds())


@dataclass(frozen=True, slots=True)
class ClaimedBody:
    """A document that was pushed for `feed`; None: only that there is something new."""

    id: int
    token: int
    feed: ClaimedFeed
    content_type: str
    body: bytes | None
    attempts: int


@dataclass(frozen=True, slots=True)
class PushedVisit:
    """What a pushed document brought; `poll`: the feed is to be asked instead."""

    id: int
    token: int
    feed_id: int
    visit: FeedVisit | None = None
    poll: bool = False
    reason: Reason | None = None
    detail: str = ""
