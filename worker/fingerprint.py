"""What of a text is compared: runs of three folded words, hashed, and which of them are kept. Pure.

A text's shingles are the xxh3 hashes of its runs of three words. A hash is kept by its own value
alone (FracMinHash: Irber et al. 2022), so that two texts keep the same of what they share, however
long each is. Excerpts and teasers are mostly a text's beginning: there, four times as much is kept
as further on.
"""

from functools import lru_cache
from itertools import pairwise

from xxhash import xxh3_64_intdigest

from worker.records import Fingerprint
from worker.text import folded_words, is_ideograph

RUN = 3
# One hash of so many is kept, of the first runs and of the others. Of the beginning more is asked
# for than is kept: an excerpt may leave out the first lines, or have some before them.
DENSE, SPARSE = 5, 20
LEAD, ASKED_LEAD = 64, 128
# A short text keeps more than its share, or chance would leave it without any.
FEWEST, MOST = 8, 40
# What follows so many words is another document's business.
MAX_WORDS = 6_000
# With fewer words the headline is compared too, for the text alone says too little.
SHORT = 60
_HASHES = 1 << 64
_DENSE_BELOW, _SPARSE_BELOW = _HASHES // DENSE, _HASHES // SPARSE


# What there is to compare of an article without words.
NOTHING = Fingerprint((), frozenset(), frozenset(), (), ())


def fingerprint(title: str, text: str) -> Fingerprint:
    """The fingerprint of an article, in about a third of a millisecond for 300 words."""
    words = folded_words(text)[:MAX_WORDS]
    headline = folded_words(title)
    compared = words if len(words) >= SHORT else headline + words
    shingles = _shingles(compared)
    lead = shingles[:LEAD]
    kept = {h for h in lead if h < _DENSE_BELOW}
    further = sorted({h for h in shingles if h < _SPARSE_BELOW} - kept)
    kept.update(further[: max(0, MOST - len(kept))])
    if len(kept) < FEWEST:
        kept.update(sorted(set(shingles))[:FEWEST])
    asked = {h for h in shingles[:ASKED_LEAD] if h < _DENSE_BELOW} | kept
    return Fingerprint(
        shingles=tuple(shingles),
        kept=frozenset(kept),
        asked=frozenset(asked),
        words=words,
        headline=headline,
        compared=compared,
    )


@lru_cache(maxsize=256)
def fingerprint_of_stored(title: str, text: str) -> Fingerprint:
    """`fingerprint`, remembered: a story's first article is compared with each of its copies."""
    return fingerprint(title, text)


def _shingles(words: tuple[str, ...]) -> list[int]:
    if not words:
        return []
    encoded = " ".join(words).encode("utf-8", "replace").split(b" ")
    runs = map(b" ".join, zip(*(encoded[i:] for i in range(RUN)), strict=False))
    return list(map(xxh3_64_intdigest, runs)) or [xxh3_64_intdigest(b" ".join(encoded))]


def telling(words: tuple[str, ...]) -> frozenset[str]:
    """Those of the folded words that say what a text is about.

    Short words are mostly grammar; a script without blanks says with two characters what others
    say with a word.
    """
    found = set()
    for word, following in pairwise((*words, "")):
        if is_ideograph(word):
            if is_ideograph(following):
                found.add(word + following)
        elif len(word) >= 4 or word.isdecimal() or (len(word) == 3 and not word.isascii()):
            found.add(word)
    return frozenset(found)


def numbers(words: tuple[str, ...]) -> frozenset[str]:
    """The numbers among the folded words, the same in whatever digits they are written."""
    return frozenset(
        str(int(word)) if len(word) < 19 else word for word in words if word.isdecimal()
    )
