"""What a subject's stories are put together from, and how one is put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

Facts = Mapping[str, str | int]

_FIRST = (
    "Adela", "Anton", "Bashir", "Camille", "Dorothea", "Elias", "Farida", "Gregor", "Hanna",
    "Ilya", "Jonas", "Karim", "Leila", "Marit", "Nadim", "Odile", "Pavel", "Rania", "Samir",
    "Tamsin", "Ulrika", "Viktor", "Wanda", "Yusuf", "Zeina",
)  # fmt: skip
_LAST = (
    "Abernathy", "Barakzai", "Castellan", "Darwazi", "Eklund", "Ferrante", "Ghosnavi", "Halloran",
    "Ivanescu", "Jarrahi", "Kessler", "Lindqvist", "Marchetti", "Nasrani", "Oyelaran", "Petrosyan",
    "Quillan", "Rahbani", "Sandvik", "Tarabishi", "Umarov", "Vasquez", "Winterhalt", "Yazdani",
    "Zoric",
)  # fmt: skip
_PEOPLE = ("person", "second", "third")


@dataclass(frozen=True, slots=True)
class Bank:
    """A subject's sentences; `{name}` stands for a fact, drawn once for a whole story.

    `paragraphs` holds, for each place in the text, the sentences of which one is taken.
    """

    subject: str
    matches: bool
    headlines: Sequence[str]
    rival_headlines: Sequence[str]
    paragraphs: Sequence[Sequence[str]]
    additions: Sequence[str]
    facts: Mapping[str, Sequence[str | int]]

    def draw_facts(self, rng: Random, day: str) -> Facts:
        """People, places and numbers of one story; no person appears twice in it."""
        facts: dict[str, str | int] = {"day": day}
        for key in sorted(self.facts):
            facts[key] = rng.choice(self.facts[key])
        first = rng.sample(_FIRST, len(_PEOPLE))
        last = rng.sample(_LAST, len(_PEOPLE))
        for role, given, family in zip(_PEOPLE, first, last, strict=True):
            facts[role], facts[f"{role}_name"] = f"{given} {family}", family
        return facts

    def headline(self, rng: Random, facts: Facts) -> str:
        return _fill(rng.choice(self.headlines), facts)

    def rival_headline(self, rng: Random, facts: Facts) -> str:
        """Another desk's headline over the same text."""
        return _fill(rng.choice(self.rival_headlines), facts)

    def body(self, rng: Random, facts: Facts) -> tuple[str, ...]:
        return tuple(_fill(rng.choice(variants), facts) for variants in self.paragraphs)

    def addition(self, rng: Random, facts: Facts) -> str:
        """One more paragraph, for an update."""
        return _fill(rng.choice(self.additions), facts)


def byline(rng: Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def _fill(template: str, facts: Facts) -> str:
    filled = template.format_map(facts)
    return filled[0].upper() + filled[1:]
