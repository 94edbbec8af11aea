"""Texts of strangers made literal in Markdown, and addresses safe within it. Pure."""

import re
from collections.abc import Callable

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|>~])")
# A sign that begins a mention, an emoji or an address, and what would follow.
_OPENING = re.compile(r"([@:<])(?=\S)")
_APART = "\u200b"  # the zero width space
_IN_URL = re.compile(r"""[\s()<>\[\]\\`*_~|"'{}^]""")


def markdown(text: str) -> str:
    """One line of text as Markdown that shows just that: no markup, mention, emoji or link.

    For CommonMark and the dialects of Discord and Mattermost, which all know a backslash before
    these signs; what they find by itself (@name, :name:, http://…) is parted by a sign of no width.
    """
    apart = _OPENING.sub(rf"\1{_APART}", " ".join(text.split()))
    return _MARKUP.sub(r"\\\1", apart)


def unlinked(text: str) -> str:
    """Plain text in which no service finds a mention: for those that read markup into it."""
    return re.sub(r"(@|<)(?=[\w@#!&/])", rf"\1{_APART}", text)


def link(text: str, url: str) -> str:
    """A Markdown link, or its text alone where there is no address."""
    shown = markdown(text)
    return f"[{shown}]({_IN_URL.sub(_encoded, url)})" if url else shown


def _encoded(sign: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in sign[0].encode())


def fitted(text: str, most: int, escape: Callable[[str], str], size: Callable[[str], int]) -> str:
    """As much of `text` as is at most `most` long once it is escaped; "…" where it was cut."""
    whole = escape(text)
    if size(whole) <= most:
        return whole
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        if size(escape(text[:middle].rstrip()) + "…") <= most:
            low = middle
        else:
            high = middle - 1
    return escape(text[:low].rstrip()) + "…"
