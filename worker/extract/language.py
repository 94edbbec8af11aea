"""The language of an article's text, as an ISO 639 code: what it is rather than what is declared.

Templates declare English over texts in Zulu, and editions of one site share a template; so the
text is asked (library py3langid), and the page's word decides between languages that are nearly
one, or where there is too little text.
"""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from worker.extract.head import Head

# Enough to be sure, and no more: the time grows with it.
_LETTERS = 1_500
_TOO_FEW = 60
_SURE = 0.7
# ISO 639 codes that were withdrawn, and macrolanguages as CLDR joins them.
_CANONICAL = {"nb": "no", "iw": "he", "in": "id", "ji": "yi", "mo": "ro", "fil": "tl"}
# Within these the words of a short text do not decide.
_NEAR = (
    {"no", "nn", "da"},
    {"hr", "sr", "bs"},
    {"id", "ms"},
    {"cs", "sk"},
    {"es", "gl", "ca"},
    {"zu", "xh", "ss", "nr"},
    {"fa", "prs"},
    {"tr", "az"},
    {"ru", "be", "uk", "bg", "mk"},
)
_TAG = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.I)


def find_language(text: str, head: Head) -> str | None:
    """The language of `text`; None where neither it nor the page tells."""
    declared = _declared(head)
    if len(text) < _TOO_FEW:
        return declared
    identifier = _identifier()
    if identifier is None:
        return declared
    found, sure = identifier.classify(text[:_LETTERS])
    found = _CANONICAL.get(found, found)
    if declared == found or (declared and any({declared, found} <= near for near in _NEAR)):
        return declared
    return found if sure >= _SURE or not declared else declared


def _declared(head: Head) -> str | None:
    inside = head.linked.text("inLanguage")
    for tag in (head.language, inside, head.meta("og:locale"), head.meta("content-language")):
        found = _TAG.fullmatch(tag.strip())
        if found:
            code = found[1].lower()
            return _CANONICAL.get(code, code)
    return None


@cache
def _identifier() -> LanguageIdentifier | None:
    """The library, or None where the folder for temporary files cannot take its model for a moment.

    Some 75 MB and half a second: only a process that reads pages should pay for it.
    """
    try:
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    except OSError:
        return None  # an article whose language is only declared is better than none
