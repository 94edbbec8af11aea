"""Why an article does not match a topic: which part of it held, and which did not."""

from collections.abc import Callable, Iterator
from typing import assert_never

from worker.records import About, TopicRow, TopicSpec
from worker.topics.matcher import compile_topics
from worker.topics.nodes import And, Field, FieldName, Near, Node, Not, Or, Term
from worker.topics.rules import ALL_ALIKE, read_rule
from worker.topics.spelling import spelling


def why_not(query: str, title: str, text: str, about: About) -> list[str]:
    """A line for each part of a query, or of weighted rules, with whether it holds in an article.

    Empty where the article matches. Raises QueryError for a query that cannot be read.
    """

    def matches(asked: str) -> bool:
        row = TopicRow(0, TopicSpec("asked", "", asked), ())
        return bool(compile_topics([row]).match(title, text, about))

    if matches(query):
        return []
    rule = read_rule(query)
    if rule.zones == ALL_ALIKE and rule.require is None and len(rule.groups) == 1:
        return list(_tree(rule.groups[0].node, "", None, matches))
    row = TopicRow(0, TopicSpec("asked", "", query), ())
    _, missed = compile_topics([row]).match_and_miss(title, text, about)
    score = missed[0].score if missed else 0.0
    lines = [f"it has {score:g} points, and matches from {rule.threshold:g} on"]
    if rule.require is not None:
        held = _holds(rule.require, None, matches)
        lines.append(f"{'yes' if held else 'no '}  what is required")
        if not held:
            lines += _tree(rule.require, "  ", None, matches)
    for group in rule.groups:
        found = _holds(group.node, None, matches)
        lines.append(f"{'yes' if found else 'no '}  {group.name} ({group.weight:+g})")
    return lines


def _tree(
    node: Node, indent: str, field: FieldName | None, matches: Callable[[str], bool]
) -> Iterator[str]:
    """A node and what is below it, each with whether it holds."""
    mark = "yes" if _holds(node, field, matches) else "no "
    match node:
        case Term() | Near():
            yield f"{mark}  {indent}{spelling(node)}"
        case Not(part):
            yield f"{mark}  {indent}not {spelling(part)}"
        case Field(name, part):
            yield f"{mark}  {indent}in {name}:"
            yield from _tree(part, f"{indent}  ", name, matches)
        case And(parts) | Or(parts):
            yield f"{mark}  {indent}{'all' if isinstance(node, And) else 'one'} of these:"
            for part in parts:
                yield from _tree(part, f"{indent}  ", field, matches)
        case _:
            assert_never(node)


def _holds(node: Node, field: FieldName | None, matches: Callable[[str], bool]) -> bool:
    match node:
        case Term() | Near():
            return matches(spelling(Field(field, node) if field else node))
        case Not(part):
            return not _holds(part, field, matches)
        case Field(name, part):
            return _holds(part, name, matches)
        case And(parts):
            return all(_holds(part, field, matches) for part in parts)
        case Or(parts):
            return any(_holds(part, field, matches) for part in parts)
    assert_never(node)
