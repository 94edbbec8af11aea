"""How the tests of extraction read a page."""

from worker.errors import Reason
from worker.extract import extract
from worker.records import Document, Failed, Page

URL = "https://news.example.org/2026/03/01/talks.html"
FIRST = (
    "The two sides met in Geneva on Sunday for a third day of talks on the ceasefire, "
    "diplomats said, and agreed to meet again within the week."
)
SECOND = (
    "A joint commission of the three guarantors is to watch over the truce, according to a "
    "statement that was read to reporters outside the building."
)
THIRD = (
    "Neither delegation would say whether the prisoners on the list of last month are to be freed "
    "before the next round, which is planned for Thursday."
)
CHINESE = "联合国秘书长周日在日内瓦表示，冲突各方已经同意延长停火协议，并将在一周之内再次举行会谈。"
PERSIAN = (
    "دو طرف روز یکشنبه برای سومین روز در ژنو درباره آتش‌بس گفتگو کردند و قرار شد دوباره دیدار کنند."
)


def extracted(body: bytes | str, **how: str | None) -> Page | Failed:
    given = {"content_type": "text/html", "charset": None, "url": URL} | how
    return extract(
        body.encode() if isinstance(body, str) else body,
        url=given["url"] or "",
        content_type=given["content_type"] or "",
        charset=given["charset"],
    )


def document(body: bytes | str, **how: str | None) -> Document:
    found = extracted(body, **how)
    assert isinstance(found, Page), found
    return found.document


def failed(body: bytes | str, reason: Reason, **how: str | None) -> Failed:
    found = extracted(body, **how)
    assert isinstance(found, Failed), found
    assert found.reason is reason, found
    assert found.detail
    return found


def html(inside: str, *, head: str = "", lang: str = "en") -> str:
    """A page with this in its body, and its headline's h1 over it unless it has one of its own."""
    h1 = "" if "<h1" in inside else "<h1>Talks resume in Geneva</h1>"
    return (
        f"<!doctype html><html lang='{lang}'><head><meta charset='utf-8'>{head}</head>"
        f"<body>{h1}{inside}</body></html>"
    )


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


ARTICLE = f"<article><div class='text'>{paragraphs(FIRST, SECOND, THIRD)}</div></article>"
TEXT = f"{FIRST}\n{SECOND}\n{THIRD}"
