"""Topics: the query language that analysts write, and the matcher that runs it over articles."""

from worker.topics.matcher import TopicSet, compile_topics
from worker.topics.nodes import And, Node, Not, Or, Prefix, Term
from worker.topics.query import parse_query

__all__ = [
    "And",
    "Node",
    "Not",
    "Or",
    "Prefix",
    "Term",
    "TopicSet",
    "compile_topics",
    "parse_query",
]
