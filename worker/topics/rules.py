"""Weighted rules: what must be there, what speaks for a topic and against it, and how much.

A rule's score is the sum of its groups' points; a group gives its weight times the worth of the
best zone that one of its terms stands in, and a `minus` group takes as much away. A plain query is
the same with one group of weight 1, zones that are all worth 1, and a threshold of 1.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from worker.errors import QueryError
from worker.topics.lexer import Lexer, read_term
from worker.topics.nodes import And, Field, Near, Node, Or, Term
from worker.topics.query import parse_query

Zone = Literal["title", "lead", "body"]
ZONES: tuple[Zone, ...] = ("title", "lead", "body")
QUERY_GROUP, REQUIRE_GROUP = "query", "require"


class Zones(NamedTuple):
    """What a zone is worth; the lead is part of the body, and counts as lead."""

    title: float = 3.0
    lead: float = 2.0
    body: float = 1.0


DEFAULT_ZONES, ALL_ALIKE = Zones(), Zones(1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Require:
    """One of the entities must stand in one of the zones."""

    any_of: tuple[str, ...]
    zones: tuple[Zone, ...] = ZONES


@dataclass(frozen=True, slots=True)
class Group:
    """Terms and entities of which one is enough.

    If `near` names entities, only places count with at most `within` words to one of them.
    """

    name: str
    weight: float
    terms: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    within: int = 0


@dataclass(frozen=True, slots=True)
class Rules:
    """Weighted rules as an analyst writes them; `entities` holds the aliases of each."""

    groups: tuple[Group, ...]
    threshold: float
    entities: Mapping[str, tuple[str, ...]]
    require: tuple[Require, ...] = ()
    minus: tuple[Group, ...] = ()
    zones: Zones = DEFAULT_ZONES


class Weighted(NamedTuple):
    name: str
    weight: float
    node: Node


@dataclass(frozen=True, slots=True)
class Rule:
    """What a topic asks for, whether it was written as a query or as weighted rules."""

    groups: tuple[Weighted, ...]
    require: Node | None = None
    threshold: float = 1.0
    zones: Zones = ALL_ALIKE


def plain_rule(node: Node) -> Rule:
    return Rule((Weighted(QUERY_GROUP, 1.0, node),))


def read_rule(text: str, lexer: Lexer | None = None) -> Rule:
    """The rule that a topic's `query` holds; raises QueryError."""
    if is_rules(text):
        return rule_of(rules_from_text(text))
    return plain_rule(parse_query(text, lexer))


def is_rules(text: str) -> bool:
    """Whether a topic's `query` holds weighted rules: no query begins with a brace."""
    return text.startswith("{")


def rules_to_text(rules: Rules) -> str:
    """Rules as the store keeps them, in the place of a query: one line of JSON."""
    return json.dumps(asdict(rules), ensure_ascii=False, separators=(",", ":"))


def rules_from_text(text: str) -> Rules:
    try:
        told = json.loads(text)
        return Rules(
            groups=tuple(map(_group, told["groups"])),
            threshold=float(told["threshold"]),
            entities={name: tuple(aliases) for name, aliases in told["entities"].items()},
            require=tuple(
                Require(tuple(one["any_of"]), tuple(one["zones"])) for one in told["require"]
            ),
            minus=tuple(map(_group, told["minus"])),
            zones=Zones(*map(float, told["zones"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"these are no rules as wirewatch writes them ({error})"
        raise QueryError(text, 1, problem, "Write them under rules: in topics.yml.") from None


def _group(told: Mapping[str, Any]) -> Group:
    return Group(
        name=str(told["name"]),
        weight=float(told["weight"]),
        terms=tuple(told["terms"]),
        any_of=tuple(told["any_of"]),
        near=tuple(told["near"]),
        within=int(told["within"]),
    )


def rule_of(rules: Rules) -> Rule:
    """The rules as trees; raises QueryError for a term that cannot be read."""
    entities = {name: _terms(aliases) for name, aliases in rules.entities.items()}
    required = [_required(one, entities) for one in rules.require]
    groups = [(one, one.weight) for one in rules.groups]
    groups += [(one, -one.weight) for one in rules.minus]
    return Rule(
        tuple(Weighted(one.name, weight, _node(one, entities)) for one, weight in groups),
        _one(And, required) if required else None,
        rules.threshold,
        rules.zones,
    )


def _required(require: Require, entities: Mapping[str, tuple[Term, ...]]) -> Node:
    terms = tuple(term for name in require.any_of for term in entities[name])
    node = _one(Or, terms)
    if "body" in require.zones:
        # the lead is part of the body
        return node if "title" in require.zones else Field("body", node)
    return _one(Or, [Field(zone, node) for zone in require.zones])


def _node(group: Group, entities: Mapping[str, tuple[Term, ...]]) -> Node:
    terms = _terms(group.terms) + tuple(t for name in group.any_of for t in entities[name])
    if not group.near:
        return _one(Or, terms)
    return Near(terms, tuple(t for name in group.near for t in entities[name]), group.within)


def _terms(texts: Sequence[str]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(map(read_term, texts)))


def _one(kind: type[And] | type[Or], parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
