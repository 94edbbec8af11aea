"""What a term may not look like, and what to write instead.

Signs and words that other search engines read as operators are refused rather than dropped: a
query that looks as if it worked, and finds something else, is the worst kind of mistake.
"""

import re
import unicodedata
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from worker.topics.nodes import FIELDS

MAX_BETWEEN = 100

QUOTE_IT = 'To look for it as words, put it into "quotes".'
_EXAMPLE = 'Write two terms with it between them: "peace talks" NEAR/10 Syria.'
_FIELDS = f"The fields are {', '.join(f'{name}:' for name in FIELDS)}"


class Misuse(NamedTuple):
    """`offset` counts from 0 in the term."""

    offset: int
    problem: str
    remedy: str


# Operators of other search engines, of other languages, and ours written wrong.
_NEARNESS = re.compile(
    r"(?:(o?near|adj|within|pre|same)(?:/|:?(?=\d))(.*)|([wnp])/(\d*|[sp]))",
    re.IGNORECASE | re.DOTALL,
)
_SLASHED = re.compile(r"/[nwps]?(\d+)/?", re.IGNORECASE)
_NOT_OURS = {"NEAR", "ONEAR", "XOR", "NOR", "ANDNOT", "ADJ", "WITHIN"}
FOREIGN = {
    "UND": "AND", "ODER": "OR", "NICHT": "NOT", "ET": "AND", "OU": "OR", "SAUF": "NOT",
    "VE": "AND", "VEYA": "OR", "И": "AND", "ИЛИ": "OR", "НЕ": "NOT",
}  # fmt: skip
_OTHER_FIELDS = {
    "headline": "title", "hd": "title", "intitle": "title", "text": "body", "content": "body",
    "lp": "lead", "ingress": "lead", "language": "lang", "la": "lang", "by": "author",
    "byline": "author", "site": "source", "domain": "source", "url": "source", "sn": "source",
}  # fmt: skip

_QUOTES = "“”„‟‘’‚‛«»‹›`´＂「」『』《》〈〉【】〝〞"
_STARS = "＊∗﹡٭✱⁎"
_DASHES = "-‐‑–—−"
_WIDE = {"（": "(", "）": ")", "﹙": "(", "﹚": ")", "：": ":", "＂": '"', "＊": "*"}
# Signs that may stand between two letters, where they part a term into words.
_BETWEEN = _DASHES + "'’ʼ.·/_׳״"
_JOINERS = "\u200c\u200d\u00ad"
_COMMAS = ",;،؛、，；"


def is_reserved(raw: str) -> bool:
    """Whether a word in capitals may be meant as an operator."""
    return raw in _NOT_OURS or raw in FOREIGN


def misuse(raw: str) -> Misuse | None:
    """The first thing wrong with a term that stands without quotes; None where all is well."""
    return _as_operator(raw) or _as_field(raw) or next(_as_signs(raw), None)


def _as_operator(raw: str) -> Misuse | None:
    plain = unicodedata.normalize("NFKC", raw).strip(_invisible(raw) + ".:")
    upper = plain.upper()
    if found := _NEARNESS.fullmatch(plain):
        return _as_nearness(raw, found)
    if found := _SLASHED.fullmatch(plain):
        return Misuse(0, f"{raw} is an unknown operator", f"Write NEAR/{found.group(1)}.")
    if upper in ("AND", "OR", "NOT") and raw != plain:
        return Misuse(0, f"{_shown(raw)} is no operator", f"Write {upper}, and nothing beside it.")
    if plain in _NOT_OURS:
        if plain.endswith("NEAR"):
            return Misuse(0, f"{plain} does not say how near", f"Write {plain}/10.")
        remedy = f"The operators are AND, OR, NOT, NEAR/10 and ONEAR/10. {QUOTE_IT}"
        return Misuse(0, f"{plain} is an unknown operator", remedy)
    if plain in FOREIGN:
        return Misuse(0, f"{plain} is no operator", f"Write {FOREIGN[plain]}. {QUOTE_IT}")
    return None


def _as_nearness(raw: str, found: re.Match[str]) -> Misuse:
    name, number = found.group(1) or found.group(3), found.group(2) or found.group(4) or ""
    ours = "ONEAR" if name.lower() in ("onear", "adj", "pre") else "NEAR"
    if name.lower() not in ("near", "onear"):
        count = number if number.isdecimal() else "10"
        problem = f"{_shown(raw)} is an unknown operator"
        return Misuse(0, problem, f"Write {ours}/{count}. {QUOTE_IT}")
    if not re.fullmatch(r"[0-9]+", number):
        problem = f"{_shown(raw)} does not say how near in plain digits"
        return Misuse(0, problem, f"Write {ours}/10: at most ten words between.")
    if int(number[:9]) > MAX_BETWEEN:
        remedy = f"Write at most {ours}/{MAX_BETWEEN}, or AND."
        return Misuse(0, f"{_shown(raw)} is too far apart", remedy)
    return Misuse(0, f"{_shown(raw)} is no operator", f"Write {ours}/{number}. {QUOTE_IT}")


def _as_field(raw: str) -> Misuse | None:
    found = re.match(r"([^\W\d]\w*)[:：]", raw)
    if found is None:
        return None
    name, given = found.group(1), found.group()
    if name in FIELDS and given.endswith(":"):
        if given == raw:
            return Misuse(0, f"nothing stands behind {given}", f"Write {given}Syria, no blank.")
        return Misuse(0, f"{given} names a field, and stands in a list of terms", QUOTE_IT)
    if (lower := name.lower()) in FIELDS:
        return Misuse(0, f"{given} is no field", f"Write {lower}: like this. {QUOTE_IT}")
    near = get_close_matches(lower, FIELDS, n=1)
    ours = _OTHER_FIELDS.get(lower) or (near[0] if near else None)
    guess = f"Did you mean {ours}:? " if ours else ""
    return Misuse(0, f"{given} is no field", f"{guess}{_FIELDS}. {QUOTE_IT}")


def _as_signs(raw: str) -> Iterator[Misuse]:
    """What is wrong with the signs between and around the letters."""
    if raw[0] in "+!" + _DASHES and raw.strip(_DASHES + "+!"):
        problem = f"{raw[0]} before a term is an unknown operator"
        remedy = "Write NOT before what must be absent, AND between what must be there."
        yield Misuse(0, problem, f"{remedy} {QUOTE_IT}")
    for offset, sign in enumerate(raw):
        if not _is_letter(sign) and sign != "*":
            before, behind = raw[offset - 1 : offset], raw[offset + 1 : offset + 2]
            yield from _as_sign(offset, sign, before, behind)


def _as_sign(offset: int, sign: str, before: str, behind: str) -> Iterator[Misuse]:
    inside = bool(before and behind) and _is_letter(before) and _is_letter(behind)
    if sign in _COMMAS:
        if not _between_digits(before, behind):
            yield Misuse(offset, f"{sign} joins nothing", "Write AND or OR between terms.")
    elif sign in _JOINERS or sign == ".":
        if not (inside or (sign == "." and before and _is_letter(before))):
            yield Misuse(offset, f"a stray {_shown(sign)}", "Remove it.")
    elif sign in (_BETWEEN if inside else "") or (sign == ":" and _between_digits(before, behind)):
        return
    elif sign in _WIDE:
        problem = f"{sign} is the full-width form of {_WIDE[sign]}"
        yield Misuse(offset, problem, f"Write {_WIDE[sign]}.")
    elif sign in _STARS:
        yield Misuse(offset, f"{sign} is not the star of a keyboard", "Write *: negotiat*.")
    elif sign in _QUOTES or sign == "'":
        remedy = 'A phrase stands between straight double quotes: "peace talks".'
        yield Misuse(offset, f"{sign} opens no phrase", remedy)
    elif sign in "&|":
        remedy = f"Write {'AND' if sign == '&' else 'OR'}. {QUOTE_IT}"
        yield Misuse(offset, f"{sign} is an unknown operator", remedy)
    elif sign == "~":
        yield Misuse(offset, "~ is an unknown operator", _EXAMPLE)
    elif sign == "^":
        remedy = "Leave it out: rules: in place of query: give terms weight."
        yield Misuse(offset, "^ is an unknown operator", remedy)
    elif sign == "?":
        remedy = "Only a * at the end of a word stands for letters: negotiat*."
        yield Misuse(offset, "? is an unknown operator", remedy)
    elif unicodedata.category(sign) in ("Cf", "Cc"):
        problem = f"an invisible sign stands here, {_shown(sign)}"
        yield Misuse(offset, problem, "Remove it: type the term anew.")
    else:
        remedy = f"The operators are AND, OR, NOT, NEAR/10 and ONEAR/10. {QUOTE_IT}"
        yield Misuse(offset, f"{sign} is an unknown operator", remedy)


def mixed_scripts(raw: str) -> Misuse | None:
    """A letter that looks like those around it and is another: such a term would never be found."""
    first: tuple[str, str] | None = None
    for offset, sign in enumerate(raw):
        if not sign.isalpha():
            first = first if sign in _JOINERS or unicodedata.combining(sign) else None
            continue
        script = _script(sign)
        if first and script and first[1] and script != first[1]:
            problem = f"a {script} {sign} stands in one word with a {first[1]} {first[0]}"
            remedy = 'Type the word anew, or put it into "quotes" if it is meant so.'
            return Misuse(offset, problem, remedy)
        first = first or (sign, script)
    return None


def odd_blank(sign: str) -> Misuse:
    problem = f"this blank is no plain one, but {_shown(sign)}"
    return Misuse(0, problem, "Type a plain blank in its place.")


def in_quotes(inner: str) -> Misuse | None:
    """A sign that may not stand between quotes, for most likely it was meant to close them."""
    for offset, sign in enumerate(inner):
        if sign in "“”„‟«»＂":
            remedy = 'Close it with ", or leave the other quotes out.'
            return Misuse(offset, f'{sign} does not close what " opened', remedy)
        if sign in _STARS:
            return Misuse(offset, f"{sign} is not the star of a keyboard", "Write *: negotiat*.")
    return None


def _script(letter: str) -> str:
    """Of the three scripts whose letters look alike, the one that `letter` is of; else nothing."""
    name = unicodedata.name(letter, "").partition(" ")[0].capitalize()
    return name if name in ("Latin", "Cyrillic", "Greek") else ""


def _between_digits(before: str, behind: str) -> bool:
    return before.isdecimal() and behind.isdecimal()


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign)[0] == "M" or sign == "\u0640"


def _invisible(raw: str) -> str:
    return "".join(c for c in raw if unicodedata.category(c) in ("Cf", "Cc"))


def _shown(raw: str) -> str:
    """A term as a message may show it; a sign that cannot be seen by its code and name."""
    if len(raw) == 1 and (not raw.isprintable() or raw.isspace()):
        return f"U+{ord(raw):04X} {unicodedata.name(raw, 'a control character').lower()}"
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in raw)
    return printable if len(printable) <= 20 else f"{printable[:19]}…"
