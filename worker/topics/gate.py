"""Words that an article must hold, so that an index tells which are worth a look."""

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


# Alternatives, each words that all must stand in an article; a word may end in `*`.
Gate = tuple[str, ...]


def gates_of(query: str) -> tuple[Gate, ...]:
    """Gates through which each match or near miss of a topic comes; raises QueryError.

    Each holds terms, of one of which all words stand in the article. There may be none: a topic
    that only asks for a source, say.
    """
    vocabulary, rule = Vocabulary(), read_rule(query)
    if is_rules(query):
        clauses = weighing_of(replace(rule, threshold=_ANY_POINTS), vocabulary).clauses
    else:
        clauses, _ = clauses_of(op_of(rule.groups[0].node, vocabulary), vocabulary)
    told = ([vocabulary.keys[number] for number in clause] for clause in clauses)
    return tuple(
        tuple(dict.fromkeys(map(_bare, keys)))
        for keys in told
        if not any(key.startswith(_BESIDE) for key in keys)
    )


def _bare(key: str) -> str:
    """A term's words, whatever its field, and whether they are abbreviations or not."""
    return " ".join(word.lstrip(".") for word in key.rpartition(":")[2].split(" "))
