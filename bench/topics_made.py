"""Topics made up for the benchmark, of words and phrases of real articles."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from worker.records import TopicRow, TopicSpec
from worker.text import words


def make_topics(texts: Sequence[str], count: int, seed: int = 7) -> list[TopicRow]:
    """Topics of 5 to 30 terms, of which an article matches about one in a thousand.

    Half of the terms are words that one article in a hundred to five hundred holds, a fourth rarer
    words, a fifth phrases of two and three words that more than one article holds, the rest
    prefixes. A topic asks for one term of each of two or three groups; of twenty topics, one wants
    two groups near each other, and three leave something out.
    """
    rng = random.Random(seed)
    read = [words(text).folded for text in texts]
    holding: Counter[str] = Counter()
    for found in read:
        holding.update({word for word in found if len(word) > 3 and _is_plain(word)})
    share = {word: n / len(read) for word, n in holding.items()}
    common = [word for word, part in share.items() if 0.002 <= part <= 0.01]
    rare = [word for word, part in share.items() if part < 0.002]
    phrases = _phrases(read, {word for word, part in share.items() if part <= 0.02})
    made = [_query(rng, common, rare, phrases) for _ in range(count)]
    return [TopicRow(n, TopicSpec(f"topic-{n}", f"Topic {n}", q), ()) for n, q in enumerate(made)]


def _is_plain(word: str) -> bool:
    """Whether a query may hold the word without quotes: no letters that merely look alike."""
    return word.isascii() and word.isalpha()


def _phrases(read: list[tuple[str, ...]], telling: set[str]) -> list[str]:
    """Phrases that stand in more than one article, one of their words not a common one."""
    holding: Counter[tuple[str, ...]] = Counter()
    for text in read:
        pairs = {*pairwise(text), *zip(text, text[1:], text[2:], strict=False)}
        holding.update(
            pair for pair in pairs if not telling.isdisjoint(pair) and all(map(str.isascii, pair))
        )
    return sorted(f'"{" ".join(phrase)}"' for phrase, n in holding.items() if n > 1)


def _query(rng: random.Random, common: list[str], rare: list[str], phrases: list[str]) -> str:
    kind = rng.random()
    groups = rng.choice((2, 2, 3))
    total = rng.randint(5, 30)
    sizes = [total // groups + (n < total % groups) for n in range(groups)]
    parts = [" OR ".join(_term(rng, common, rare, phrases) for _ in range(size)) for size in sizes]
    if kind < 0.05:
        near = f"({parts[0]}) NEAR/20 ({parts[1]})"
        return " AND ".join([near, *(f"({part})" for part in parts[2:])])
    query = " AND ".join(f"({part})" for part in parts)
    return f"{query} NOT {rng.choice(common)}" if kind < 0.2 else query


def _term(rng: random.Random, common: list[str], rare: list[str], phrases: list[str]) -> str:
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(common)
    if kind < 0.75:
        return rng.choice(rare)
    return rng.choice(phrases) if kind < 0.95 else f"{rng.choice(common)[:6]}*"
