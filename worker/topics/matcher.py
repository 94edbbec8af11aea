"""All topics at once over one article: what matches, and which terms stand where."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from worker.records import About, TopicMatch, TopicRow
from worker.topics.index import Index
from worker.topics.languages import primary
from worker.topics.nodes import FieldName
from worker.topics.passage import Passage
from worker.topics.seen import Seen

_Found = Iterable[TopicMatch]

_NOTHING_KNOWN = About()
_NO_INDEX = Index(())
# So many changes, or this share of all topics, are matched beside what is there; more are worth
# building anew.
_FEW, _FEW_OF = 200, 0.05


def compile_topics(rows: Sequence[TopicRow], before: "TopicSet | None" = None) -> "TopicSet":
    """Make topics ready for matching; raises QueryError for a query that cannot be read.

    With `before`, only what has changed since is read again where that is little.
    """
    topics = {row.id: row for row in rows}
    if before is None:
        return TopicSet(topics, topics, Index(rows), _NO_INDEX)
    base = before._base_topics
    changed = [
        row for row in rows if row.id not in base or base[row.id].spec.query != row.spec.query
    ]
    gone = len(base.keys() - topics.keys())
    if len(changed) + gone > max(_FEW, _FEW_OF * len(rows)):
        return TopicSet(topics, topics, Index(rows), _NO_INDEX)
    return TopicSet(topics, base, before._base, Index(changed) if changed else _NO_INDEX)


class TopicSet:
    """Topics ready for matching; immutable, so threads may share it.

    It holds two indexes: a base that later sets go on using, and what has changed since.
    """

    def __init__(
        self,
        topics: Mapping[int, TopicRow],
        base_topics: Mapping[int, TopicRow],
        base: Index,
        changed: Index,
    ) -> None:
        self.topics = topics
        self._base_topics, self._base, self._changed = base_topics, base, changed

    def match(self, title: str, text: str, about: About = _NOTHING_KNOWN) -> tuple[TopicMatch, ...]:
        """The topics that an article matches, each with its evidence, in the order of their ids."""
        if not self.topics:
            return ()
        return self._asked(self._seen(title, text, about), Index.match)

    def match_and_miss(
        self, title: str, text: str, about: About = _NOTHING_KNOWN
    ) -> tuple[tuple[TopicMatch, ...], tuple[TopicMatch, ...]]:
        """What an article matches, and the weighted topics that it gives too few points to."""
        seen = self._seen(title, text, about)
        return self._asked(seen, Index.match), self._asked(seen, Index.near_misses)

    def _seen(self, title: str, text: str, about: About) -> tuple[Seen | None, Seen | None]:
        article = Passage((title, text), ("title", "text"))
        known = _passages(about) if self._base.looks_beside or self._changed.looks_beside else {}
        return self._changed.seen(article, known), self._base.seen(article, known)

    def _asked(
        self, seen: tuple[Seen | None, Seen | None], ask: Callable[[Index, Seen], _Found]
    ) -> tuple[TopicMatch, ...]:
        changed, base = seen
        found = [] if changed is None else list(ask(self._changed, changed))
        if base is not None:
            found += [one for one in ask(self._base, base) if self._stands(one.topic_id)]
        return tuple(sorted(found, key=lambda match: match.topic_id))

    def _stands(self, id_: int) -> bool:
        """Whether a topic is still as the base knows it."""
        now, then = self.topics.get(id_), self._base_topics[id_]
        return now is not None and (now is then or now.spec.query == then.spec.query)


def _passages(about: About) -> dict[FieldName, Passage]:
    told: dict[FieldName, Sequence[str]] = {
        "lang": [primary(about.language)],
        "source": about.source,
        "author": about.authors,
        "section": [about.section or ""],
    }
    return {name: Passage(texts, (name,) * len(texts)) for name, texts in told.items()}
