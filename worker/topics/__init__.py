"""Topics: the query language that analysts write, and the matcher that runs it over articles."""

from worker.topics.explain import explain
from worker.topics.gate import Gate, gates_of, words_of
from worker.topics.lexer import read_term
from worker.topics.matcher import TopicSet, compile_topics
from worker.topics.nodes import And, Field, Near, Node, Not, Or, Term
from worker.topics.query import parse_query
from worker.topics.rules import (
    ZONES,
    Group,
    Require,
    Rule,
    Rules,
    Zone,
    Zones,
    is_rules,
    read_rule,
    rule_of,
    rules_from_text,
    rules_to_text,
)
from worker.topics.spelling import spelling
from worker.topics.tokens import folded, words_in_order
from worker.topics.why_not import why_not

__all__ = [
    "ZONES",
    "And",
    "Field",
    "Gate",
    "Group",
    "Near",
    "Node",
    "Not",
    "Or",
    "Require",
    "Rule",
    "Rules",
    "Term",
    "TopicSet",
    "Zone",
    "Zones",
    "compile_topics",
    "explain",
    "folded",
    "gates_of",
    "is_rules",
    "parse_query",
    "read_rule",
    "read_term",
    "rule_of",
    "rules_from_text",
    "rules_to_text",
    "spelling",
    "why_not",
    "words_in_order",
    "words_of",
]
