"""How alike two articles are, and what that makes them to each other. Pure.

Jaccard's measure says little where one text is a part of the other, so what counts is containment:
the share of one text that is found in the other, both ways. Runs of words that too many stories
share (furniture, agencies' lines, templates) are left out of it. Three guards hold back what
containment alone would glue: numbers tell reports of one template apart; headlines tell pages apart
of which only the furniture was read; and of two texts of unlike length, the headline of the longer
says whether it tells the shorter's story or only quotes it.
"""

from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

from worker.fingerprint import numbers, telling
from worker.records import Fingerprint, Relation

# Shares of a text, 0..1.
SAME = 0.5  # from here on, what two texts share is the text
ALIKE = 0.3  # enough where headlines and numbers agree as well
NEARLY_ALL = 0.8
IDENTICAL = 0.93  # of all runs, furniture included: no template is that alike
# Runs of three words.
FEWEST_SHARED = 6
SHORT, ITEM = 120, 60  # a text of fewer may be all template; of so few, an item of a series
LONG_SPAN, SHORT_SPAN = 12.0, 8.0  # mean length of what is shared in one piece
# Shares of a headline's telling words.
AGREES, HALF, FITS, TOUCHES = 0.6, 0.5, 0.4, 0.34

Kind = Literal["whole", "part", "headline", "quote"]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two texts side by side, the smaller and the larger of them.

    `of_new` and `of_old` are the shares of the new and of the stored article that the other has,
    furniture left out; `raw` the share of the smaller with furniture. `shared` counts runs of three
    words without furniture, `span` is the mean length of the pieces in which they come, `starts`
    where they begin, as a share of the larger and of the smaller text. `headlines` is the share of
    the shorter headline's telling words that the other headline has; `fits_larger` the share of the
    larger text's headline that the smaller article says, `fits_smaller` the other way round. Of
    `numbers` that the text with fewer has, and of those in the headlines, shares are found in both.
    """

    of_new: float
    of_old: float
    raw: float
    shared: float
    span: float
    size: int
    new_is_larger: bool
    starts: tuple[float, float]
    headlines: float
    fits_larger: float
    fits_smaller: float
    headlines_known: bool
    numbers: int
    numbers_shared: float
    headline_numbers: float

    @property
    def of_smaller(self) -> float:
        return max(self.of_new, self.of_old)

    @property
    def of_larger(self) -> float:
        return min(self.of_new, self.of_old)

    @property
    def fit(self) -> float:
        """How far the headlines speak for one story, by each other or by the texts."""
        return max(self.headlines, self.fits_larger, self.fits_smaller)


@dataclass(frozen=True, slots=True)
class Kinship:
    """What a new article is to a stored one; `strength` orders the stored ones, the best highest.

    Of the kinds, `quote` alone makes no story: the one text stands inside the other.
    """

    kind: Kind
    relation: Relation
    strength: float


def likeness(new: Fingerprint, old: Fingerprint, common: Set[int] = frozenset()) -> Likeness | None:
    """The two texts compared run by run; None where they share next to nothing.

    `common` are those of the new one's asked hashes that too many stories share. What share of all
    runs is furniture is told from them, for they are a fair sample.
    """
    all_new, all_old = frozenset(new.shingles), frozenset(old.shingles)
    both = all_new & all_old
    if len(both) < FEWEST_SHARED:
        return None
    sample = both & new.asked
    furniture = len(sample & common) / len(sample) if sample else 0.0
    shared = max(len(both) * (1 - furniture), 0.01)
    size_new = max(len(all_new) * (1 - len(common) / max(1, len(new.asked))), shared)
    size_old = max(len(all_old) - len(both) * furniture, shared)
    new_is_larger = size_new > size_old
    larger, smaller = (new, old) if new_is_larger else (old, new)
    headlines = _Headlines(larger, smaller)
    fewest, numbers_shared = _numbers(new.compared, old.compared)
    return Likeness(
        of_new=shared / size_new,
        of_old=shared / size_old,
        raw=len(both) / min(len(all_new), len(all_old)),
        shared=shared,
        span=len(both) / _pieces(new.shingles, both),
        size=min(len(all_new), len(all_old)),
        new_is_larger=new_is_larger,
        starts=(_start(larger, both), _start(smaller, both)),
        headlines=headlines.agree,
        fits_larger=headlines.fits_larger,
        fits_smaller=headlines.fits_smaller,
        headlines_known=headlines.known,
        numbers=fewest,
        numbers_shared=numbers_shared,
        headline_numbers=_numbers(new.headline, old.headline)[1],
    )


class _Headlines:
    """What two headlines say of each other and of the other's text.

    A headline of one telling word, or of none, speaks for nothing and against nothing.
    """

    def __init__(self, larger: Fingerprint, smaller: Fingerprint) -> None:
        of_larger, of_smaller = _headline(larger), _headline(smaller)
        fewer = min(len(of_larger), len(of_smaller))
        self.known = fewer >= 2
        self.agree = len(of_larger & of_smaller) / max(1, fewer)
        self.fits_larger = _said(of_larger, of_smaller, smaller.words)
        self.fits_smaller = _said(of_smaller, of_larger, larger.words)


def _headline(one: Fingerprint) -> frozenset[str]:
    return telling(one.headline) or frozenset(one.headline)


def _said(headline: frozenset[str], other: frozenset[str], words: tuple[str, ...]) -> float:
    if len(headline) < 2:
        return 1.0
    missing = headline - other
    return 1 - len(missing - telling(words)) / len(headline) if missing else 1.0


def _numbers(new: tuple[str, ...], old: tuple[str, ...]) -> tuple[int, float]:
    """How many numbers the one with fewer has, and the share of them that the other has too."""
    of_new, of_old = numbers(new), numbers(old)
    fewest = min(len(of_new), len(of_old))
    return fewest, len(of_new & of_old) / fewest if fewest else 1.0


def _pieces(shingles: tuple[int, ...], both: Set[int]) -> int:
    inside = [h in both for h in shingles]
    return sum(now and not before for before, now in zip([False, *inside], inside, strict=False))


def _start(one: Fingerprint, both: Set[int]) -> float:
    first = next(i for i, h in enumerate(one.shingles) if h in both)
    return first / len(one.shingles)


def kinship(alike: Likeness | None, *, same_publisher: bool = False) -> Kinship | None:
    """What the new article is to the stored one, or None where they are strangers."""
    if alike is None or alike.shared < FEWEST_SHARED or _is_template(alike):
        return None
    kind = _kind(alike, same_publisher=same_publisher)
    if kind is None:
        return None
    weight = {"whole": 1.0, "part": 0.9, "headline": 0.8, "quote": 0.0}[kind]
    share = alike.of_larger if kind == "whole" else alike.of_smaller
    return Kinship(kind, _relation(alike, same_publisher=same_publisher), weight * share)


def _is_template(alike: Likeness) -> bool:
    """Whether the two are reports of one frame, filled in with other names and numbers."""
    if alike.size < ITEM and min(alike.numbers_shared, alike.headline_numbers) < 1:
        return True  # so little text is told from the next of its series by its numbers alone
    if alike.raw >= IDENTICAL:
        return False
    broken, short = alike.span < SHORT_SPAN, alike.size < SHORT
    if alike.numbers >= (3 if short or broken else 6):
        least = 0.85 if short and broken else 0.65 if short or broken else 0.5
        if alike.numbers_shared < least:
            return True
    return (
        short
        and alike.headlines_known
        and alike.numbers >= 2
        and alike.of_larger < 0.9
        and alike.span < 20
        and alike.fit < 0.75
    )


def _kind(alike: Likeness, *, same_publisher: bool) -> Kind | None:
    if alike.headlines_known and _is_furniture(alike, same_publisher=same_publisher):
        return None
    if alike.of_larger >= SAME:
        return "whole"
    if alike.of_smaller >= SAME:
        return _kind_of_part(alike, same_publisher=same_publisher)
    return "headline" if _agrees_otherwise(alike) else None


def _is_furniture(alike: Likeness, *, same_publisher: bool) -> bool:
    """Whether equal text stands under headlines that have nothing to do with it or each other.

    So it does where extraction failed: a notice, a list of links or the wrong article was read.
    """
    if alike.fit < (TOUCHES if alike.of_larger >= NEARLY_ALL else HALF):
        return True
    worse = min(alike.fits_larger, alike.fits_smaller)
    return same_publisher and alike.headlines == 0 and worse < TOUCHES


def _kind_of_part(alike: Likeness, *, same_publisher: bool) -> Kind | None:
    """Of a text that is a part of a larger one: its excerpt, or quoted in it?"""
    if (
        same_publisher
        and alike.of_larger < 0.35
        and alike.of_smaller < 0.7
        and alike.headlines < AGREES
    ):
        return None  # a publisher repeats its own background under other news
    if alike.headlines == 0 and alike.fits_smaller < 0.2:
        return None  # what the smaller is about is not even mentioned in the larger
    if alike.fits_larger >= FITS or alike.headlines >= TOUCHES or alike.of_larger >= FITS:
        return "part"
    opens_both = max(alike.starts) < 0.1
    if opens_both and alike.of_smaller >= NEARLY_ALL:
        return "part"
    return "quote"


def _agrees_otherwise(alike: Likeness) -> bool:
    """Whether headlines and numbers make up for what texts have been changed (OCR, cuts, leads)."""
    whole_pieces = alike.span > LONG_SPAN
    if (
        alike.of_larger >= FITS
        and alike.fit >= 0.75
        and alike.shared >= 100
        and alike.span >= SHORT_SPAN
    ):
        return True
    least = 0.7 if alike.span < SHORT_SPAN else 0.55
    return (
        alike.of_smaller >= ALIKE
        and alike.headlines >= AGREES
        and alike.shared >= 15
        and alike.span >= 3.5
        and (alike.numbers < 3 or alike.numbers_shared > least or whole_pieces)
    )


def _relation(alike: Likeness, *, same_publisher: bool) -> Relation:
    if alike.of_larger >= SAME:
        return "update" if same_publisher else "copy"
    if alike.new_is_larger:
        return "update" if same_publisher else "extension"
    return "excerpt"


def same_beyond_doubt(one: Kinship, of: Likeness, other: Kinship, of_other: Likeness) -> bool:
    """Whether two stories that a new article is kin to are one story.

    A round-up is kin to all that it rounds up, so it takes more than that: most of the article is
    in both, or its headline speaks for both.
    """
    pairs = ((one, of), (other, of_other))
    if any(kin.kind not in ("whole", "part") for kin, _ in pairs):
        return False
    return all(
        kin.kind == "whole" or alike.headlines >= HALF or alike.fits_larger >= AGREES
        for kin, alike in pairs
    )
