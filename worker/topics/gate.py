"""Words of which an article must hold one, so that an index tells which are worth a look."""

from collections.abc import Iterable
from dataclasses import replace

from worker.topics.nodes import FIELDS
from worker.topics.passage import BORDER, Passage
from worker.topics.program import clauses_of, op_of
from worker.topics.rules import is_rules, read_rule
from worker.topics.vocabulary import Vocabulary
from worker.topics.weighing import weighing_of

_BESIDE = tuple(f"{name}:" for name in FIELDS if name not in ("title", "lead", "body"))
# Any points at all: what falls short of the threshold is looked at as well.
_ANY_POINTS = 1e-9


def words_of(title: str, text: str) -> set[str]:
    """The folded words of an article, also without what is joined to them."""
    return set(Passage((title, text), ("title", "text")).words) - {BORDER}


def gate_of(query: str) -> tuple[str, ...] | None:
    """Words, or beginnings of words with a `*`, of which each match or near miss holds one.

    None where there are none: a topic that only asks for a source, say. Raises QueryError.
    """
    vocabulary, rule = Vocabulary(), read_rule(query)
    if is_rules(query):
        clauses = weighing_of(replace(rule, threshold=_ANY_POINTS), vocabulary).clauses
    else:
        clauses, _ = clauses_of(op_of(rule.groups[0].node, vocabulary), vocabulary)
    for clause in clauses:
        keys = [vocabulary.keys[number] for number in clause]
        if not any(key.startswith(_BESIDE) for key in keys):
            return tuple(dict.fromkeys(_longest(key) for key in keys))
    return None


def _longest(key: str) -> str:
    """Of a term's words the one that tells the most."""
    words: Iterable[str] = key.rpartition(":")[2].split(" ")
    return max((word.lstrip(".") for word in words), key=len)
