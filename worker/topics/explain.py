"""How a topic was read, told to the analyst who wrote it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from worker.topics.nodes import And, Field, Near, Node, Not, Or, Term, terms_of
from worker.topics.program import clauses_of, op_of
from worker.topics.rules import ALL_ALIKE, Rule, read_rule
from worker.topics.spelling import spelling
from worker.topics.vocabulary import Vocabulary
from worker.topics.weighing import weighing_of

_SHOWN = 8


def explain(query: str) -> list[str]:
    """What a query, or weighted rules in the place of one, asks for; raises QueryError."""
    rule = read_rule(query)
    plain = rule.zones == ALL_ALIKE and rule.require is None and len(rule.groups) == 1
    lines = [*_tree(rule.groups[0].node, "")] if plain else [*_weights(rule)]
    nodes = [group.node for group in rule.groups]
    lines += ["", "An article is looked at where it holds, the rarest first:"]
    lines += [f"  one of {_listed(clause)}" for clause in _clauses(rule, plain=plain)]
    terms = {term.text: term for node in nodes for term in terms_of(node)}
    if folded := [f"{text} as {key}" for text, key in _folded(terms.values())]:
        lines += ["", "Case, accents and letter variants make no difference. Read are"]
        lines += [f"  {one}" for one in folded]
    return lines


def _tree(node: Node, indent: str) -> Iterator[str]:
    deeper = f"{indent}  "
    match node:
        case Term():
            yield f"{indent}{spelling(node)}"
        case Near():
            yield f"{indent}{spelling(node)}"
        case And(parts) | Or(parts):
            if all(isinstance(part, Term) for part in parts):
                word = "all of" if isinstance(node, And) else "one of"
                yield f"{indent}{word}: {', '.join(map(spelling, parts))}"
                return
            yield f"{indent}{'all' if isinstance(node, And) else 'one'} of these:"
            for part in parts:
                yield from _tree(part, deeper)
        case Not(part):
            yield f"{indent}and not:"
            yield from _tree(part, deeper)
        case Field(name, part):
            yield f"{indent}in {name}:"
            yield from _tree(part, deeper)
        case _:
            assert_never(node)


def _weights(rule: Rule) -> Iterator[str]:
    zones = ", ".join(f"{zone} {worth:g}" for zone, worth in rule.zones._asdict().items())
    yield f"matches from {rule.threshold:g} points on; a place is worth: {zones}"
    if rule.require is not None:
        yield "required:"
        yield from _tree(rule.require, "  ")
    for group in rule.groups:
        yield f"{group.weight:+g} times the best place of {group.name}:"
        yield from _tree(group.node, "  ")


def _clauses(rule: Rule, *, plain: bool) -> list[Sequence[str]]:
    """The terms of each clause that must hold, the rarest first."""
    vocabulary = Vocabulary()
    if plain:
        clauses, _ = clauses_of(op_of(rule.groups[0].node, vocabulary), vocabulary)
    else:
        clauses = weighing_of(rule, vocabulary).clauses
    return [[vocabulary.texts[number] for number in clause] for clause in clauses]


def _listed(terms: Sequence[str]) -> str:
    shown = ", ".join(terms[:_SHOWN])
    return shown if len(terms) <= _SHOWN else f"{shown} and {len(terms) - _SHOWN} more"


def _folded(terms: Iterable[Term]) -> Iterator[tuple[str, str]]:
    """Terms that are not simply their lower case, and what they fold to."""
    for term in terms:
        told = " ".join(term.text.split()).lower()
        if term.key not in (told, term.text):
            dotted = any(word.startswith(".") for word in term.words)
            key = term.key.replace(".", "").upper() if dotted else term.key
            yield term.text, key
