"""Codes of languages (ISO 639), as `lang:` takes them and documents name theirs."""

import re

from worker.topics.nodes import Term

_CODE = re.compile(r"[a-z]{2,3}")
_NAMES = {
    "arabic": "ar", "chinese": "zh", "english": "en", "farsi": "fa", "french": "fr",
    "german": "de", "hebrew": "he", "kurdish": "ku", "persian": "fa", "russian": "ru",
    "spanish": "es", "turkish": "tr", "ukrainian": "uk", "urdu": "ur",
}  # fmt: skip


def code_of(term: Term) -> str | None:
    """The code that a term of `lang:` stands for, `fa` for `FA` and for `Persian`; else None."""
    code = _NAMES.get(term.key, term.key)
    return code if _CODE.fullmatch(code) else None


def primary(tag: str | None) -> str:
    """The language of a tag such as `zh-Hans-CN`, without its script and region."""
    return re.split(r"[-_]", (tag or "").strip().lower(), maxsplit=1)[0]
