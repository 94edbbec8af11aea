"""Push: what a feed offers, what is asked of a hub, and what hubs and programs hand in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Where a feed can be subscribed to, the best hub first, and as what `topic`."""

    kind: PushKind
    hubs: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True)
class HubRest:
    """Until when a hub is left alone while there are others, and how often in a row that was so."""

    until: datetime
    times: int


@dataclass(frozen=True, slots=True)
class ClaimedPush:
    """A subscription to be asked for, or to be renewed; `salt` is what its secrets are made of.

    `hub` is one of the `hubs` that the feed names; `tries` counts how often in a row it was asked
    without coming to verify. `rests` are of hubs that failed or said no.
    """

    id: int
    token: int
    feed_id: int
    kind: PushKind
    hub: str
    topic: str
    salt: str
    tries: int
    hubs: tuple[str, ...] = ()
    rests: Mapping[str, HubRest] = field(default_factory=dict)
    state: PushState = PushState.WANTED


@dataclass(frozen=True, slots=True)
class NextHub:
    """The hub to be asked instead, under another callback, and which hubs rest from now on."""

    hub: str
    rests: Mapping[str, HubRest]


@dataclass(frozen=True, slots=True)
class PushAsked:
    """What follows from asking a hub: when to ask again if it does not come back to us.

    With `instead`, that other hub is asked then.
    """

    id: int
    token: int
    state: PushState
    due_at: datetime
    tries: int
    reason: Reason | None = None
    detail: str = ""
    instead: NextHub | None = None


@dataclass(frozen=True, slots=True)
class ClaimedEnd:
    """A subscription that a hub is to be told the end of, made by `key_id` for `address`."""

    id: int
    token: int
    hub: str
    topic: str
    salt: str
    key_id: str
    address: str
    tries: int


@dataclass(frozen=True, slots=True)
class EndAsked:
    """What follows from telling a hub of an end: when it is told again; None: never."""

    id: int
    token: int
    due_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class PushPlace:
    """The subscription whose callback was asked for; `watched`: its feed is still wanted.

    `ending`: it is one that its hub is told the end of.
    """

    id: int
    feed_id: int
    kind: PushKind
    topic: str
    watched: bool
    asked: bool
    expires_at: datetime | None
    hub: str = ""
    hubs: tuple[str, ...] = ()
    rests: Mapping[str, HubRest] = field(default_factory=dict)
    ending: bool = False
