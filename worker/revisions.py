"""What changed between two versions of an article, and what an editor must hear of it. Pure."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from worker.records import Document
from worker.text import fold

HEADLINE, CORRECTION, RETRACTION = "headline", "correction", "retraction"
# How publishers say it, folded; a notice is short, so these stand near a line's beginning.
_CORRECTIONS = (
    "correction", "corrections", "corrected", "clarification", "this story has been corrected",
    "this article has been corrected", "this article was amended", "this story was corrected",
    "an earlier version of this", "a previous version of this", "editor s note", "erratum",
    "korrektur", "berichtigung", "richtigstellung", "anmerkung der redaktion", "rectificatif",
    "correccion", "fe de erratas", "rettifica", "duzeltme", "исправление", "уточнение",
    "تصحيح", "تصويب", "استدراك", "اصلاحیه", "تصحیح", "διορθωση", "更正", "勘误", "訂正",
)  # fmt: skip
_RETRACTIONS = (
    "retraction", "retracted", "this story has been withdrawn", "this article has been withdrawn",
    "this story has been retracted", "this article has been retracted", "story withdrawn",
    "this article has been removed", "kill", "please disregard", "widerruf", "zuruckgezogen",
    "retractation", "retractacion", "ritrattazione", "geri cekildi", "опровержение", "отозвано",
    "سحب الخبر", "تكذيب", "تکذیبیه", "ανακληση", "撤稿", "撤回", "取り消し",
)  # fmt: skip
_NOTICE_WORDS = 6


def flags(before: Document, after: Document) -> list[str]:
    """What of a change must be pointed out: `headline`, `correction`, `retraction`.

    A notice counts where the version before did not have it.
    """
    found = [HEADLINE] if fold(before.title) != fold(after.title) else []
    told, tells = _notices(before), _notices(after)
    return found + [flag for flag in (CORRECTION, RETRACTION) if tells[flag] > told[flag]]


def _notices(document: Document) -> dict[str, int]:
    lines = [fold(line) for line in (document.title, *document.text.split("\n"))]
    return {
        CORRECTION: sum(_opens(line, _CORRECTIONS) for line in lines),
        RETRACTION: sum(_opens(line, _RETRACTIONS) for line in lines),
    }


def _opens(line: str, notices: tuple[str, ...]) -> bool:
    """Whether a folded line begins with a notice, or with a word or two (a date) before it."""
    words = line.split(" ")
    opening = f" {' '.join(words[: _NOTICE_WORDS + 4])} "
    return any(0 <= opening.find(f" {fold(notice)} ") <= 24 for notice in notices)


def differences(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Two texts word by word, in order: `=` what both say, `-` only before, `+` only after."""
    old, new = before.split(), after.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield "=", " ".join(old[a:b])
            continue
        if a < b:
            yield "-", " ".join(old[a:b])
        if c < d:
            yield "+", " ".join(new[c:d])
