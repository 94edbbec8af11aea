"""Which blocks of a page are its article.

The library (trafilatura) and the page's own JSON-LD say which blocks they take for the article;
these are trusted, and weigh more, but they are neither all nor only right: on news pages the
library loses standfirsts and articles that advertisements tear in pieces, and lets in teasers and
labels. So the article is looked for anew: the smallest box that holds most of the weight, all that
stands there among the paragraphs, nothing that stands in a box of another purpose.

The numbers were chosen on two sets of news pages whose publishers differ, for the plateau they
share; docs/extraction.md tells what each is worth.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from worker.extract.blocks import Block, Box
from worker.extract.vocabulary import (
    HEADING_TAGS,
    LEAD_WORDS,
    NOISE_PAIRS,
    NOISE_TAGS,
    NOISE_WORDS,
    NOT_LEAD_WORDS,
    PARAGRAPH_TAGS,
    words_of,
)

# A block of so many letters is a paragraph that nothing but an article has in number.
LONG = 70
# A sign of a script written without blanks tells about as much as two letters.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_TRUST = 20
# Shorter ones are found in any text; and searching very long ones takes long.
_SEARCHED, _MAX_TRUSTED = 20, 400_000
# The article's box holds at least this share of the weight of the box around it.
_CORE_SHARE = 0.7
# A kind of paragraph is the article's if so much of it is of that kind.
_COMMON_SHARE = 0.3
# A box that holds more of the weight than this is not put aside for its name.
_NOISE_SHARE = 0.5
_MAX_LINK_SHARE = 0.7
# "Advertisement", "Read more": a label said twice is the site's; a sentence may well be said twice.
_REPEATED, _SENTENCE = 2, 40
_BEFORE, _AFTER = 15, 6
_LEAD_CHARS, _LEAD_WITHIN = (40, 1_000), 40

_NO_SIGNS = re.compile(r"\W+")


def key_of(text: str) -> str:
    """`text` without blanks and signs: what two readings of one paragraph have in common."""
    return _NO_SIGNS.sub("", text)


def choose(
    blocks: Sequence[Block], *, trusted: Iterable[str], leads: Collection[str]
) -> list[Block]:
    """The blocks that are the article, in the page's order.

    `trusted` are texts that the library and the page take for the article, `leads` are what the
    page says of itself in its metadata: a standfirst often says it again.
    """
    _weigh(blocks, [key_of(text) for text in trusted])
    if not blocks:
        return []
    *_, page = blocks[0].box.around()
    if not page.weight:
        return [block for block in blocks if block.trusted]
    clean = _clean(blocks, page.weight)
    homes = [_home(block) for block in blocks]
    inside = _inside(blocks, homes, page)
    _leave_next_article(blocks, homes, inside)
    if not any(block.weight and inside[at] for at, block in enumerate(blocks)):
        return [block for block in blocks if block.trusted]
    chosen = _among(blocks, homes, clean, inside)
    chosen |= _openings(blocks, clean, chosen)
    chosen |= _standfirst(blocks, chosen, {key_of(lead)[:50] for lead in leads})
    _drop_loose_headings(blocks, chosen)
    return [block for at, block in enumerate(blocks) if at in chosen]


def around(blocks: Sequence[Block], chosen: Sequence[Block]) -> list[Block]:
    """The blocks just before, at the start of and just after the article: where bylines stand."""
    if not chosen:
        return []
    first, last = blocks.index(chosen[0]), blocks.index(chosen[-1])
    return [*blocks[max(0, first - _BEFORE) : first + 3], *blocks[last + 1 : last + _AFTER]]


def _weigh(blocks: Sequence[Block], trusted: Sequence[str]) -> None:
    whole, joined = set(trusted) - {""}, "\n".join(trusted)[:_MAX_TRUSTED]
    for block in blocks:
        block.key = key = key_of(block.text)
        block.trusted = key in whole or (len(key) >= _SEARCHED and key in joined)
        letters = len(block.text) - 2 * block.links
        if _DENSE.search(block.text, 0, 20):
            letters *= 2
        if letters >= LONG and block.tag != "h1":
            block.weight = letters * (_TRUST if block.trusted else 1)
        for box in block.box.around():
            box.count += 1
            if box.tag in NOISE_TAGS and not block.trusted:
                block.weight = 0
        if block.weight:
            for box in block.box.around():
                box.weight += block.weight


def _is_noise(box: Box) -> bool:
    """Whether a box by its tag or name has another purpose than the article's text."""
    return (
        box.tag in NOISE_TAGS
        or box.hidden
        or not NOISE_WORDS.isdisjoint(words_of(box.marks))
        or bool(box.marks and NOISE_PAIRS.search(box.marks))
    )


def _clean(blocks: Sequence[Block], total: float) -> list[bool]:
    """For each block, whether no box around it has another purpose."""
    told: dict[Box, bool] = {}
    clean = []
    for block in blocks:
        fresh: list[Box] = []
        noise = False
        for box in block.box.around():
            if box in told:
                noise = told[box]
                break
            fresh.append(box)
            if box.weight > _NOISE_SHARE * total or box.tag in ("body", "main"):
                break
            if _is_noise(box):
                noise = True
                break
        told.update(dict.fromkeys(fresh, noise))
        clean.append(not noise)
        if noise and block.weight:
            for box in block.box.around():
                box.weight -= block.weight
            block.weight = 0
    return clean


def _home(block: Block) -> Box:
    """The box that holds a block's paragraph among others: wrappers around a single one apart."""
    box = block.box
    while box.parent is not None and (box.tag in PARAGRAPH_TAGS or box.count == 1):
        box = box.parent
    return box


def _inside(blocks: Sequence[Block], homes: Sequence[Box], page: Box) -> list[bool]:
    """For each block, whether it stands in the article's box or in one of the same kind.

    Articles that advertisements or a paywall cut are several boxes with the same names.
    """
    core = _core(blocks, page)
    inside = [any(box is core for box in block.box.around()) for block in blocks]
    kinds: Counter[tuple[str, str, str]] = Counter()
    for at, block in enumerate(blocks):
        if inside[at] and block.weight:
            kinds[_kind(block, homes[at])] += round(block.weight)
    enough = _COMMON_SHARE * kinds.total()
    common = {kind for kind, weight in kinds.items() if kind[2] and weight > enough}
    for at, block in enumerate(blocks):
        inside[at] = inside[at] or bool(block.weight and _kind(block, homes[at]) in common)
    return inside


def _leave_next_article(blocks: Sequence[Block], homes: Sequence[Box], inside: list[bool]) -> None:
    """Takes out of `inside` what follows a second headline: pages that scroll on load it along."""
    heads = [at for at, block in enumerate(blocks) if block.tag == "h1" and block.key]
    full = [at for at, block in enumerate(blocks) if inside[at] and block.weight]
    for head in heads[1:]:
        before = {homes[at] for at in full if heads[0] < at < head}
        if before and before.isdisjoint(homes[at] for at in full if at > head):
            inside[head:] = [False] * (len(blocks) - head)
            return


def _kind(block: Block, home: Box) -> tuple[str, str, str]:
    return block.tag, home.tag, home.marks


def _core(blocks: Sequence[Block], page: Box) -> Box:
    """The smallest box that still holds nearly all the weight of the one around it."""
    heaviest: dict[Box, Box] = {}
    for block in blocks:
        if block.weight:
            for box in block.box.around():
                parent = box.parent
                if parent is not None:
                    best = heaviest.get(parent)
                    if best is None or box.weight > best.weight:
                        heaviest[parent] = box
    core = page
    while core in heaviest and heaviest[core].weight >= _CORE_SHARE * core.weight:
        core = heaviest[core]
    return core


def _among(
    blocks: Sequence[Block], homes: Sequence[Box], clean: Sequence[bool], inside: Sequence[bool]
) -> set[int]:
    """The paragraphs of the article's box, with what stands among them or in their own boxes."""
    full = [at for at, block in enumerate(blocks) if inside[at] and block.weight]
    first, last = full[0], full[-1]
    shared = {homes[at] for at in full}
    times = Counter(block.key for block in blocks if len(block.text) < LONG)
    chosen = set()
    for at, block in enumerate(blocks):
        direct = homes[at] in shared
        if not clean[at] or not inside[at] or not (direct or first <= at <= last):
            continue
        if not block.key or block.tag == "h1" or block.link_share > _MAX_LINK_SHARE:
            continue
        letters = len(block.text)
        if letters < LONG and times[block.key] >= _REPEATED + (letters >= _SENTENCE):
            continue
        if block.weight or direct or block.tag in PARAGRAPH_TAGS:
            chosen.add(at)
    return chosen


def _openings(blocks: Sequence[Block], clean: Sequence[bool], chosen: set[int]) -> set[int]:
    """Trusted paragraphs before the others: an opening may stand in a box of its own."""
    first = min(chosen, default=0)
    found = set()
    for at in range(first - 1, max(-1, first - _LEAD_WITHIN), -1):
        block = blocks[at]
        if block.tag == "h1":
            break
        if block.trusted and block.weight and clean[at]:
            found.add(at)
    return found


def _standfirst(blocks: Sequence[Block], chosen: set[int], leads: set[str]) -> set[int]:
    """What stands between headline and text and says of itself that it belongs to both."""
    first = min(chosen, default=0)
    found = set()
    for at in range(first - 1, max(-1, first - _LEAD_WITHIN), -1):
        block = blocks[at]
        if block.tag == "h1":
            break
        if not _LEAD_CHARS[0] <= len(block.text) <= _LEAD_CHARS[1] or block.link_share > 0.5:
            continue
        boxes = list(block.box.around())
        names = set().union(*(words_of(box.marks) for box in boxes[:3]))
        if any(box.tag in NOISE_TAGS for box in boxes) or names & NOT_LEAD_WORDS:
            continue
        if names & LEAD_WORDS or block.key[:50] in leads:
            found.add(at)
    return found


def _drop_loose_headings(blocks: Sequence[Block], chosen: set[int]) -> None:
    """Takes out of `chosen` the headings that no text follows: what they head was no article."""
    following: str | None = None
    for at in sorted(chosen, reverse=True):
        tag = blocks[at].tag
        if tag in HEADING_TAGS and (following is None or "h2" <= following <= tag):
            chosen.discard(at)
        else:
            following = tag
