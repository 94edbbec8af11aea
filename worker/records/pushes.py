"""Push: what a feed offers, what is asked of a hub, and what hubs and programs hand in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from worker.errors import Reason


class PushKind(StrEnum):
    """How news are pushed: WebSub brings them, rssCloud only says that there are some."""

    WEBSUB = "websub"
    RSSCLOUD = "rsscloud"


class PushState(StrEnum):
    """What last became of asking for push; while a lease holds, it holds whatever this says."""

    WANTED = "wanted"
    ASKED = "asked"
    VERIFIED = "verified"
    DENIED = "denied"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PushOffer:
    """Where a feed can be subscribed to, and as what `topic`."""

    kind: PushKind
    hub: str
    topic: str


@dataclass(frozen=True, slots=True)
class ClaimedPush:
    """A subscription to be asked for, or to be renewed; `salt` is what its secrets are made of."""

    id: int
    token: int
    feed_id: int
    kind: PushKind
    hub: str
    topic: str
    salt: str
    tries: int


@dataclass(frozen=True, slots=True)
class PushAsked:
    """What follows from asking a hub: when to ask again if it does not come back to us."""

    id: int
    token: int
    state: PushState
    due_at: datetime
    tries: int
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PushPlace:
    """The subscription whose callback was asked for; `watched`: its feed is still wanted."""

    id: int
    feed_id: int
    kind: PushKind
    topic: str
    watched: bool
    asked: bool
    expires_at: datetime | None
