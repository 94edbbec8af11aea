"""Topics: the query language that analysts write, and the matcher that runs it over articles."""

from worker.topics.matcher import TopicSet, compile_topics
from worker.topics.nodes import And, Field, Near, Node, Not, Or, Term
from worker.topics.query import parse_query
from worker.topics.spelling import spelling
from worker.topics.tokens import folded

__all__ = [
    "And",
    "Field",
    "Near",
    "Node",
    "Not",
    "Or",
    "Term",
    "TopicSet",
    "compile_topics",
    "folded",
    "parse_query",
    "spelling",
]
