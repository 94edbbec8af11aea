"""An article's whole way, as the store knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """All that the store knows of how an article came, and of what came of it; columns as they are.

    `found_by` says which form of the address it was found by. `joined` is the article that it
    joined the story of; `alerts` are those of its story for the topics that it matches, each with
    its `tries`; `owed_to` are the channels of each match's topic.
    """

    found_by: str
    article: Row
    host: Row | None
    sightings: Sequence[Row]
    story: Row | None
    membership: Row | None
    joined: Row | None
    revisions: int
    topics: int
    matches: Sequence[Row]
    alerts: Sequence[Row]
    withheld: Sequence[Row]
    owed_to: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an article's way: `state` is `done`, `waits`, `failed` or `nothing`."""

    name: str
    state: str
    lines: tuple[str, ...]
