"""The matcher and an evaluator that knows no shortcuts agree, in nine scripts."""

import random
from collections.abc import Iterator

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.topics.brute import Article, matches
from worker.records import About, TopicRow, TopicSpec
from worker.topics import compile_topics, parse_query

# A few words of each script, so that queries and articles meet: forms, joined words, phrases.
WORDS = {
    "latin": "syria Syrian Suriye'de U.N. UN un peace-talks İran naïve ½ talks",
    "cyrillic": "Сирия Сирии сирийский МИД С.Ш.А. США переговоры ЁЖ еж",
    "greek": "Συρία συρία Σύρος σύρος Ο.Η.Ε. ΟΗΕ ειρήνη",
    "arabic": "سوريا وسوريا والسورية سُورِيّ المفاوضات للمفاوضات وزير في السلام ال",
    "persian": "سوریه مذاکره‌ها مذاکره آتش‌بس گفت‌وگو می‌شود ها سوريه",
    "hebrew": "סוריה שָׁלוֹם שלום או״ם ישראל",
    "devanagari": "सीरिया सूरया वार्ता फ़्रांस फ्रांस शांति",
    "han": "叙利亚 和平 和 平 谈判 联合国",
    "kana": "シリア ｼﾘｱ しりあ 交渉",
    "hangul": "시리아 시리아의 평화 협상 유엔",
}
FIELDS = ("title", "lead", "body", "source", "author", "section")
BETWEEN = (" ", " ", " ", "\n", ". ", "-", "")


class Writer:
    """Writes queries and articles at random, of the words of a script or two."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        scripts = self._rng.sample(sorted(WORDS), self._rng.choice((1, 1, 2)))
        self.words = [word for script in scripts for word in WORDS[script].split()]

    def query(self, depth: int = 0, field: bool = True) -> str:
        kind = self._rng.random()
        if depth > 2 or kind < 0.35:
            return self._term()
        if kind < 0.5:
            ordered = "O" if self._rng.random() < 0.3 else ""
            return f"({self._side()} {ordered}NEAR/{self._rng.randint(0, 4)} {self._side()})"
        if kind < 0.6 and field:
            return f"{self._rng.choice(FIELDS)}:({self.query(depth + 1, False)})"
        parts = [self.query(depth + 1, field) for _ in range(self._rng.randint(2, 3))]
        if kind < 0.75:
            return f"({' OR '.join(parts)})"
        if kind < 0.87:
            return f"({' AND '.join(parts)})"
        return f"({' AND '.join(parts[:-1])} AND NOT {parts[-1]})"

    def _term(self) -> str:
        word = self._rng.choice(self.words)
        kind = self._rng.random()
        if kind < 0.55:
            return f'"{word}"'
        if kind < 0.75 and len(word) > 3 and word[:4].isalpha() and not word[0] > "\u2fff":
            return f"{word[:4]}*"
        return f'"{" ".join(self._rng.choices(self.words, k=self._rng.randint(2, 3)))}"'

    def _side(self) -> str:
        return f"({self._term()} OR {self._term()})" if self._rng.random() < 0.3 else self._term()

    def text(self, most: int) -> str:
        count = self._rng.randint(0, most)
        return "".join(
            self._rng.choice(self.words) + self._rng.choice(BETWEEN) for _ in range(count)
        )

    def about(self) -> About:
        pick = self._rng.choice
        return About(
            pick((None, "fa", "ar-EG")), (pick(self.words),), (self.text(2),), pick(self.words)
        )


def disagreements(seed: int, queries: int = 32, articles: int = 40) -> Iterator[str]:
    writer = Writer(seed)
    asked = [writer.query() for _ in range(queries)]
    trees = [parse_query(query) for query in asked]
    rows = [TopicRow(n, TopicSpec(str(n), "", query), ()) for n, query in enumerate(asked)]
    compiled = compile_topics(rows)
    for _ in range(articles):
        title, text, about = writer.text(5), writer.text(24), writer.about()
        article = Article.of(title, text, about)
        found = {one.topic_id for one in compiled.match(title, text, about)}
        for number, tree in enumerate(trees):
            if matches(tree, article) is not (number in found):
                yield f"{asked[number]!r} on {title!r} / {text!r} / {about}"


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
def test_no_pair_of_topic_and_article_is_judged_otherwise(seed: int) -> None:
    # eighty times 32 topics and 40 articles: more than 100,000 pairs
    assert list(disagreements(seed)) == []


def test_the_pairs_are_worth_comparing() -> None:
    writer = Writer(1)
    trees = [parse_query(writer.query()) for _ in range(300)]
    shares = [
        sum(matches(tree, article) for tree in trees) / len(trees)
        for article in (Article.of(writer.text(5), writer.text(24)) for _ in range(30))
    ]
    assert 0.05 < sum(shares) / len(shares) < 0.8
