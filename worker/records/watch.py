"""What the watch over the daemon itself looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WatchedFeed:
    """A feed as the watch sees it. `arrivals` are the last polls that brought a new article, the
    newest first; `reason` is why its last poll failed, if it did.
    """

    id: int
    url: str
    host: str
    polled_at: datetime | None
    reason: str | None = None
    arrivals: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class MovedFeed:
    """A feed that was moved from `url` to `to`; `id` is that of the former address."""

    id: int
    url: str
    to: str
    host: str


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the daemon is going.

    `polls`, `errors` and `reasons` are of the last hour. `waits` are seconds by stage that its
    oldest due work has waited. `feeds` are watched, and of them `offline` wait for our own network.
    `may_be_quiet` is None where nobody has looked this time.
    """

    feeds: int = 0
    offline: int = 0
    polls: int = 0
    errors: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    waits: Mapping[str, float] = field(default_factory=dict)
    gone: Sequence[WatchedFeed] = ()
    moved: Sequence[MovedFeed] = ()
    may_be_quiet: Sequence[WatchedFeed] | None = None
    free_share: float = 1.0
    place: str = ""


@dataclass(frozen=True, slots=True)
class StandingMatter:
    """A matter that an operator was told of, and that is not well yet."""

    name: str
    title: str
    text: str
    remedy: str
    since: datetime
