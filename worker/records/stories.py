"""What makes articles one story: fingerprints, stored articles that may be alike, verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# What an article is to another of its story.
Relation = Literal["copy", "excerpt", "extension", "update"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What of an article is compared.

    `shingles` are the hashes (64 bits) of its runs of three words, in order; `kept` are those by
    which the index knows it, `asked` those that are looked up for it. `words` and `headline` are
    its folded words, `compared` those that the shingles are of.
    """

    shingles: tuple[int, ...]
    kept: frozenset[int]
    asked: frozenset[int]
    words: tuple[str, ...]
    headline: tuple[str, ...]
    compared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoryMember:
    """A stored article that may tell the same story as a new one."""

    article_id: int
    story_id: int
    published: datetime
    text_key: str | None = None
    title_key: str | None = None
    urls: tuple[str, ...] = ()
    source_url: str | None = None
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stored article that shares hashes with a new one, and the text to compare it by.

    `published` is None where nobody gave a date.
    """

    article_id: int
    story_id: int
    title: str
    text: str
    published: datetime | None = None
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Nearby:
    """What the index knows of a fingerprint.

    `common` are its hashes that are known from too many stories to tell anything, `candidates` the
    articles that share the most others with it, best first; `apart` are the pairs of stories that
    a person has told from each other, lower id first; `holders` are the articles that the index
    knows by each hash.
    """

    common: frozenset[int] = frozenset()
    candidates: tuple[Candidate, ...] = ()
    apart: frozenset[tuple[int, int]] = frozenset()
    holders: Mapping[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joins:
    """The verdict that an article tells a story that is there, and why.

    `why` is a level: `same-url`, `same-text`, `same-headline`, `near-copy`, `update`. `contained`
    is the share of the new article that the stored one has, `contains` the share of the stored one
    that the new one has, both 0..1; `shared` is how many runs of three words they share.
    """

    article_id: int
    story_id: int
    why: str
    relation: Relation = "copy"
    contained: float = 1.0
    contains: float = 1.0
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which story an article joins (None: a story of its own), and what else follows.

    `merges` are stories that the article shows to be the same as the one that it joins. `quotes`
    are articles that stand inside this one, or it inside them, without being the same story, with
    the share of the smaller that is found in the larger.
    """

    joins: Joins | None = None
    merges: tuple[int, ...] = ()
    quotes: Mapping[int, float] = field(default_factory=dict)
