"""Writes the demo's news: what is published next, where, and what a watcher should make of it.

Pure and deterministic: a seed and the times it is asked at decide everything. Kinds and subjects
are dealt from shuffled decks rather than drawn, so that even a short run has some of each.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import TypeVar

from worker.demo.banks import OTHERS, SYRIA, Bank, Facts, byline
from worker.demo.outlets import OUTLETS, Outlet


class Kind(StrEnum):
    """What a publication is. A re-headed copy has the text of its story, but not its headline."""

    ORIGINAL = "original"
    TWICE = "twice"
    COPY = "copy"
    REHEADED = "reheaded"
    UPDATE = "update"


_KINDS = {
    Kind.ORIGINAL: 11,
    Kind.TWICE: 3,
    Kind.COPY: 5,
    Kind.REHEADED: 1,
    Kind.UPDATE: 3,
}
T = TypeVar("T")

_SUBJECTS = {"syria": 2, "other": 3}
_RECENT = 16  # copies and updates are of stories among so many of the newest
_HISTORY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Item:
    """One publication. An update has the address and `published` of what it updates.

    `story` is the same for an original and everything derived from it; `matches` says whether
    the shipped topic should find it.
    """

    kind: Kind
    story: str
    outlet: Outlet
    feeds: tuple[str, ...]
    slug: str
    headline: str
    paragraphs: tuple[str, ...]
    author: str
    subject: str
    matches: bool
    published: datetime
    updated: datetime

    @property
    def path(self) -> str:
        return f"/{self.outlet.slug}/{self.slug}.html"

    @property
    def guid(self) -> str:
        return f"tag:{self.outlet.slug}.example,2026:{self.slug}"

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)

    @property
    def summary(self) -> str:
        return self.paragraphs[0]


@dataclass(slots=True)
class _Story:
    """An original with the facts it was written from, for what is derived from it later."""

    item: Item
    bank: Bank
    facts: Facts
    carriers: set[str]
    updated: bool = False


class Newsroom:
    """`history` once, then `write` for each new item."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        self._kinds = _deck(self._rng, list(Counter(_KINDS).elements()))
        self._subjects = _deck(self._rng, list(Counter(_SUBJECTS).elements()))
        self._stories: list[_Story] = []
        self._told: set[str] = set()
        self._slugs = 0

    def history(self, now: datetime, per_outlet: int) -> list[Item]:
        """Originals of the hours before `now`, oldest first."""
        outlets = [outlet for outlet in OUTLETS for _ in range(per_outlet)]
        self._rng.shuffle(outlets)
        step = _HISTORY / (len(outlets) + 1)
        return [
            self._original(outlet, now - _HISTORY + step * nth)
            for nth, outlet in enumerate(outlets, start=1)
        ]

    def write(self, now: datetime) -> Item:
        """The next publication; where there is nothing to copy or update it is an original."""
        kind = next(self._kinds)
        item: Item | None = None
        if kind in (Kind.COPY, Kind.REHEADED):
            item = self._copy(now, kind)
        elif kind is Kind.UPDATE:
            item = self._update(now)
        elif kind is Kind.TWICE:
            double = [outlet for outlet in OUTLETS if len(outlet.feeds) > 1]
            item = self._original(self._rng.choice(double), now, Kind.TWICE)
        return item or self._original(self._rng.choice(OUTLETS), now)

    def _original(self, outlet: Outlet, now: datetime, kind: Kind = Kind.ORIGINAL) -> Item:
        bank = SYRIA if next(self._subjects) == "syria" else self._rng.choice(OTHERS)
        facts, headline, body = self._untold(bank, now)
        item = Item(
            kind=kind,
            story=f"s{len(self._stories) + 1:04}",
            outlet=outlet,
            feeds=outlet.feeds if kind is Kind.TWICE else outlet.feeds[:1],
            slug=self._slug(headline),
            headline=headline,
            paragraphs=body,
            author=byline(self._rng),
            subject=bank.subject,
            matches=bank.matches,
            published=now,
            updated=now,
        )
        self._stories.append(_Story(item, bank, facts, {outlet.slug}))
        return item

    def _untold(self, bank: Bank, now: datetime) -> tuple[Facts, str, tuple[str, ...]]:
        while True:
            facts = bank.draw_facts(self._rng, f"{now:%A}")
            headline, body = bank.headline(self._rng, facts), bank.body(self._rng, facts)
            if headline not in self._told and body[0] not in self._told:
                self._told |= {headline, body[0]}
                return facts, headline, body

    def _copy(self, now: datetime, kind: Kind) -> Item | None:
        """A recent story, word for word, at another outlet.

        Never of an updated story: which of its texts a reader has is a matter of luck, and the
        demo must know beforehand what should be recognised.
        """
        recent = [
            story
            for story in self._stories[-_RECENT:]
            if not story.updated and len(story.carriers) < 4
        ]
        if not recent:
            return None
        story = self._rng.choice(recent)
        outlet = self._rng.choice([one for one in OUTLETS if one.slug not in story.carriers])
        story.carriers.add(outlet.slug)
        headline = story.item.headline
        if kind is Kind.REHEADED:
            headline = story.bank.rival_headline(self._rng, story.facts)
        return replace(
            story.item,
            kind=kind,
            outlet=outlet,
            feeds=outlet.feeds[:1],
            slug=self._slug(headline),
            headline=headline,
            author=byline(self._rng),
            published=now,
            updated=now,
        )

    def _update(self, now: datetime) -> Item | None:
        """A recent story that nobody has copied, one paragraph longer, at its own address."""
        recent = [
            story
            for story in self._stories[-_RECENT:]
            if not story.updated and len(story.carriers) == 1
        ]
        if not recent:
            return None
        story = self._rng.choice(recent)
        story.updated = True
        more = story.bank.addition(self._rng, story.facts)
        return replace(
            story.item,
            kind=Kind.UPDATE,
            paragraphs=(*story.item.paragraphs, more),
            updated=now,
        )

    def _slug(self, headline: str) -> str:
        self._slugs += 1
        bare = re.sub(r"[^a-z0-9]+", "-", headline.lower().replace("'", "")).strip("-")
        return f"{bare[:60].strip('-')}-{self._slugs}"


def _deck(rng: Random, cards: Sequence[T]) -> Iterator[T]:
    while True:
        yield from rng.sample(cards, len(cards))
