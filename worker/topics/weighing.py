"""Weighted rules made ready for matching, and an article weighed by them."""

from collections.abc import Sequence
from typing import NamedTuple

from worker.records import Evidence
from worker.topics.evidence import Piece, Pieces, chosen
from worker.topics.program import Clause, Op, by_rarity, either, necessary, op_of
from worker.topics.rules import REQUIRE_GROUP, Rule, Zones
from worker.topics.seen import Found, Seen
from worker.topics.vocabulary import Vocabulary


class Group(NamedTuple):
    name: str
    weight: float
    op: Op


class Weighed(NamedTuple):
    """What an article scores, and why: what each group found, and what each place gives."""

    score: float
    reasons: Sequence[tuple[str, Found, Sequence[float]]]

    def evidence(self, pieces: Pieces) -> tuple[Evidence, ...]:
        terms: list[list[Piece]] = []
        for group, found, points in self.reasons:
            pairs = zip(found.places, points, strict=True)
            terms.append([pieces.piece(found, at, None, group, worth) for at, worth in pairs])
        return chosen(terms)


class Weighing(NamedTuple):
    """`clauses` are what an article must hold to reach the threshold, the rarest first."""

    clauses: tuple[Clause, ...]
    require: Op | None
    groups: tuple[Group, ...]
    zones: Zones
    threshold: float

    def weighed(self, seen: Seen) -> Weighed | None:
        """What an article scores; None where it does not hold what is required."""
        if self.require is not None and not seen.holds(self.require):
            return None
        lead = seen.article.lead_end
        score = 0.0
        required = () if self.require is None else seen.reasons(self.require)
        reasons = [(REQUIRE_GROUP, found, [0.0] * len(found.places)) for found in required]
        for group in self.groups:
            best = 0.0
            for found in seen.reasons(group.op):
                worth = self._worth(found, seen, lead)
                best = max(best, *worth)
                reasons.append((group.name, found, [group.weight * one for one in worth]))
            score += group.weight * best
        return Weighed(round(score, 6), reasons)

    def _worth(self, found: Found, seen: Seen, lead: int) -> list[float]:
        """What the zone of each place is worth."""
        text, width = found.passage.firsts[1], seen.vocabulary.widths[found.number]
        return [
            self.zones.title
            if place < text
            else self.zones.lead
            if place + width <= lead
            else self.zones.body
            for place in found.places
        ]


def weighing_of(rule: Rule, vocabulary: Vocabulary) -> Weighing:
    require = None if rule.require is None else op_of(rule.require, vocabulary)
    groups = tuple(
        Group(group.name, group.weight, op_of(group.node, vocabulary)) for group in rule.groups
    )
    return Weighing(
        by_rarity(_necessary(require, groups, rule, vocabulary), vocabulary),
        require,
        groups,
        rule.zones,
        rule.threshold,
    )


def _necessary(
    require: Op | None, groups: Sequence[Group], rule: Rule, vocabulary: Vocabulary
) -> list[Clause]:
    """What is required, one of the groups that give points, and each that no other can replace."""
    clauses = [] if require is None else list(necessary(require, vocabulary))
    giving = [group for group in groups if group.weight > 0]
    best_zone = max(rule.zones)
    most = sum(group.weight for group in giving) * best_zone
    needs = [(group, list(necessary(group.op, vocabulary))) for group in giving]
    any_of = [by_rarity(found, vocabulary)[0] for _, found in needs]
    clauses.append(either(any_of))
    for group, found in needs:
        if most - group.weight * best_zone < rule.threshold:
            clauses += found
    return clauses
