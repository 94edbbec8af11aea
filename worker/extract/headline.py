"""An article's headline, without the site's name behind it."""

import re

from worker.extract.head import Head
from worker.text import clean_line, fold

MAX_TITLE = 1_000
# What stands between a headline and what sites append to it.
_END = re.compile(r"\s*(?:[|｜ㅣ»•·*:：]|(?<=\s)[-–—~/](?=\s))\s*")
_TIGHT_END = re.compile(r"\s*[-–—|｜ㅣ»•·*:：]")
_SHORTEST = 8


def find_headline(head: Head, url: str = "") -> str:
    """The headline that the page gives for itself, empty where it gives none.

    Sites write one for readers (h1), one for other sites (og:title), one for search engines
    (title) and one for machines (JSON-LD). Where they differ, og:title is the one least laden with
    kickers and sections, unless it is the search engines', too, and readers and machines agree.
    A site's name is cut off.
    """
    linked = head.linked.text("headline", "name")[:MAX_TITLE]
    read = _nearest(head)
    forms = [form for form in (linked, read) if form]
    names = head.site_names(url)
    shared = _without_site(head.meta("og:title")[:MAX_TITLE], names, forms)
    for_search = _without_site(head.title, names, [shared] if shared else [])
    if len(forms) == 2 and fold(linked) == fold(read) and fold(shared) == fold(for_search):
        shared = linked
    if _is_broken(shared, forms):
        shared = ""
    other = head.meta("twitter:title", "title")[:MAX_TITLE]
    for candidate in (shared, linked, read, other, head.title):
        bare = clean_line(_without_site(candidate, names, forms), MAX_TITLE)
        if fold(bare) and fold(bare) not in names:
            return bare
    return clean_line(head.title, MAX_TITLE)


def _is_broken(shared: str, forms: list[str]) -> bool:
    """Whether a title ends where a quotation mark broke its tag."""
    bare = shared.rstrip()
    return any(form.startswith(bare) and form[len(bare) :].lstrip()[:1] == '"' for form in forms)


def _nearest(head: Head) -> str:
    """Of several h1, the longest that the page's title or its title for other sites repeats."""
    titles = (fold(head.title), fold(head.meta("og:title")))
    folded = {text: fold(text) for text in head.headings}
    repeated = [text for text, key in folded.items() if key and any(key in t for t in titles)]
    return max(repeated, key=len, default=head.headings[0] if head.headings else "")


def _without_site(text: str, names: set[str], forms: list[str]) -> str:
    """`text` up to where its site's name begins, or what the headline elsewhere does not have.

    JSON-LD has the last word on what belongs to it, an h1 only where there is no JSON-LD.
    """
    for form in forms[:1]:
        if len(form) >= _SHORTEST and text.startswith(form) and _TIGHT_END.match(text, len(form)):
            return form
    for cut in _END.finditer(text):
        before, after = text[: cut.start()], fold(text[cut.end() :])
        if len(before) < _SHORTEST:
            continue
        folded = fold(before)
        if after in names or after.replace(" ", "") in names:
            return before
        if any(fold(form) == folded for form in forms[:1]):
            return before
    return text
