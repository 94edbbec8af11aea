"""The names that pages give to their parts: elements, and words in classes and ids.

Words count whole (`image` and `caption` in `imageCaption`), never as a part of another.
"""

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What never holds text of the article, whatever the page.
SKIPPED_TAGS = _set(
    "script style noscript template svg math iframe head select textarea object embed canvas"
)
# Elements that do not end a run of text (HTML Standard, "phrasing content"). Cells belong to their
# row: a line per cell would tear a table's rows apart.
CELL_TAGS = _set("td th")
INLINE_TAGS = CELL_TAGS | _set(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark nobr picture q "
    "rp rt ruby s samp small source span strike strong sub sup time tt u var wbr"
)
# Elements that are one paragraph, or a part of one: their box is what holds several of them.
PARAGRAPH_TAGS = _set(
    "p h1 h2 h3 h4 h5 h6 li ul ol blockquote dl dt dd pre table thead tbody tfoot tr"
)
HEADING_TAGS = _set("h2 h3 h4 h5 h6")
# Elements whose purpose is another than the article's text.
NOISE_TAGS = _set(
    "nav footer form button aside figure figcaption dialog menu label option input video audio"
)
# Words that name such a purpose, by what stood in boxes of that name on the pages of both sets.
# `player` and `social` are none of them: the one is a footballer, too, the other often a post that
# the article is about.
NOISE_WORDS = _set(
    """
    ad ads advert advertisement advertising advertisment affiliate banner breadcrumb breadcrumbs
    byline bylines caption captions comment comments consent cookie copyright credit credits
    disclaimer donate donation factbox feedback footer hidden infobox lightbox login menu modal nav
    navigation newsletter newsletters outbrain playlist poll popover popular popup promo promotion
    promotions quiz recirc recirculation recommend recommendation recommendations recommended
    register related relatedarticles relatedposts screenreader share sharebar sharing sidebar signup
    sponsor sponsored sronly subscribe subscription survey taboola taglist tags teaser teasers
    toolbar tooltip topics trending
    """
)
# ... and such words in two parts.
NOISE_PAIRS = re.compile(
    r"(?<![a-z])(?:(?:info|fact|fakta)[-_ ]?(?:box|boks)|read[-_ ]more|sr[-_ ]only)(?![a-z])", re.I
)
# Classes of spans that only screen readers read out.
UNSEEN = re.compile(r"sr-only|visually-?hidden|screen-?reader|a11y-text", re.I)
# Words that name the paragraph between headline and text.
LEAD_WORDS = _set(
    """
    abstract anleser bajada catenaccio chapeau chapo deck dek description entradilla excerpt ingress
    intro introduction lead leadtext lede manchet occhiello preamble sommario sottotitolo standfirst
    strapline sub subhead subheading subheadline subtitle sumario summary synopsis tagline teaser
    vorspann
    """
)
# ... and what stands there beside it.
NOT_LEAD_WORDS = _set("author byline caption credit image img photo picture")
BYLINE_WORDS = _set(
    """
    auteur author authors autor autoren autore autori autores byline bylines contributor creator
    forfatter journalist redakteur reporter skribent verfasser writer writers
    """
)
# Words inside a name that are written small.
NAME_PARTICLES = _set(
    "af al ap av ben bin da das de del della den der di dos du e el la le of ten ter van vom von y "
    "zu"
)

_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+")


def words_of(marks: str) -> set[str]:
    """The words in a class or id, however they are joined: image and caption of `imageCaption`."""
    return {word.lower() for word in _WORD.findall(marks)}
