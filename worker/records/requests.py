"""A request, and what came of it."""

from dataclasses import dataclass

from worker.errors import Reason
from worker.feed_options import PLAIN, FeedOptions


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One GET: validators are sent exactly as the site gave them.

    What is secret in `options` goes only to the site of `home`, the feed's own address.
    """

    url: str
    accept: str
    max_bytes: int
    etag: str | None = None
    last_modified: str | None = None
    options: FeedOptions = PLAIN
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect: the status that sent us on, and where to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decompressed; `url` is where redirects ended.

    `whole` is false where the body was cut off; `fresh_s` is for how many seconds the site says
    that asking again is useless (None: it does not say). `links` is its Link header (RFC 8288).
    """

    url: str
    status: int
    body: bytes
    content_type: str
    charset: str | None
    etag: str | None
    last_modified: str | None
    whole: bool = True
    links: str = ""
    fresh_s: float | None = None
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class NotModified:
    """The site answered 304; validators are its newest (None: it gave none, keep the old)."""

    etag: str | None = None
    last_modified: str | None = None
    fresh_s: float | None = None
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """No usable answer; `retry_after_s` is the site's own wish, in seconds."""

    reason: Reason
    detail: str
    status: int | None = None
    retry_after_s: float | None = None
    hops: tuple[Hop, ...] = ()


Fetch = Fetched | NotModified | Failed
