"""Any page at all is a page or a named failure: raise WIREWATCH_FUZZ for more of them."""

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.extract.reading import ARTICLE, FIRST, PERSIAN, SECOND
from worker.errors import Reason
from worker.extract import extract
from worker.records import Failed, Page

# So many documents of each kind: five kinds of 600 take some twenty seconds.
_DOCUMENTS = int(os.environ.get("WIREWATCH_FUZZ", "3000")) // 5
fuzz = settings(
    max_examples=_DOCUMENTS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_REASONS = {Reason.NO_TEXT, Reason.EMPTY_BODY, Reason.NOT_HTML, Reason.TOO_LARGE}

_TAG_NAMES = (
    "html head body div p span a article main section h1 h2 ul li table tr td th br b script style "
    "noscript template time figure figcaption aside form input svg math iframe title meta link "
    "base blockquote pre select option textarea frameset plaintext x-y"
)
_ATTRIBUTES = "class id href rel lang style hidden content property name datetime"
_KEYS = (
    "@type @id @graph name headline author image publisher datePublished dateModified url hasPart "
    "isAccessibleForFree articleBody articleSection inLanguage mainEntity description givenName"
)
TAGS = st.sampled_from(_TAG_NAMES.split())
TEXTS = st.one_of(
    st.sampled_from(
        [FIRST, SECOND, PERSIAN, "", " ", "Read more", "Talks resume", "\u200c", "\x00", "&"]
    ),
    st.text(max_size=40),
)
NAMES = st.sampled_from(_ATTRIBUTES.split())
VALUES = st.one_of(
    st.sampled_from(
        ["caption", "related", "author", "canonical", "http://[", "/x", "display:none", "og:title",
         "article:published_time", "2026-02-30T99:99", "datePublished", "isAccessibleForFree", "en"]
    ),
    st.text(max_size=30),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TEXTS,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(_KEYS.split()),
            inside
            | st.sampled_from(["NewsArticle", "Person", "WebPage", "#1", "2026-03-01", "False"]),
            max_size=8,
        )
    ),
    max_leaves=20,
)


@st.composite
def markup(draw: st.DrawFn) -> str:
    """Tags in any order, closed or not, with attributes that mean something or nothing."""
    parts: list[str] = []
    for _ in range(draw(st.integers(0, 25))):
        tag = draw(TAGS)
        given_ = draw(st.dictionaries(NAMES, VALUES, max_size=3))
        quote = draw(st.sampled_from(['"', "'", ""]))
        attributes = "".join(f" {name}={quote}{value}{quote}" for name, value in given_.items())
        parts.append(
            draw(st.sampled_from([f"<{tag}{attributes}>", f"</{tag}>", f"<{tag}", "<!--"]))
        )
        parts.append(draw(TEXTS))
    return "".join(parts)


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """A page as sites write it, with pieces cut out, doubled, or put elsewhere."""
    data = '{"@type":"NewsArticle","headline":"Talks","author":{"name":"Ana Bo"}}'
    page = (
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>Talks | The Wire</title>"
        f'<script type="application/ld+json">{data}</script>'
        '<meta property="article:published_time" content="2026-03-01T09:30:00Z"></head>'
        f"<body><h1>Talks</h1><p class=byline>By Ana Bo</p>{ARTICLE}"
        "<ul><li><a href=/x>More</a></li></ul></body></html>"
    ).encode()
    for _ in range(draw(st.integers(1, 6))):
        start, length = draw(st.integers(0, len(page))), draw(st.integers(0, 60))
        piece = draw(
            st.sampled_from([b"", page[start : start + length], draw(st.binary(max_size=8))])
        )
        page = page[:start] + piece + page[start + length :]
    return page


def holds(body: bytes, url: str = "https://news.example.org/a", charset: str | None = None) -> None:
    found = extract(body, url=url, charset=charset)
    assert extract(body, url=url, charset=charset) == found
    if isinstance(found, Failed):
        assert found.reason in _REASONS, found
        return
    assert isinstance(found, Page)
    one = found.document
    assert one.text
    json.dumps([one.title, one.text, one.authors, found.line_keys], ensure_ascii=False).encode()
    for time in (one.published, one.modified):
        assert time is None or time.utcoffset() is not None
    for link in (one.image, one.canonical):
        assert link is None or link.startswith(("http://", "https://", "HTTP"))


@fuzz
@given(markup())
def test_any_markup(page: str) -> None:
    holds(page.encode("utf-8", "replace"))


@fuzz
@given(torn())
def test_any_torn_page(page: bytes) -> None:
    holds(page)


@fuzz
@given(
    st.binary(max_size=600), st.sampled_from([None, "utf-8", "utf-16", "gbk", "big5", "nonsense"])
)
def test_any_bytes(body: bytes, charset: str | None) -> None:
    holds(body, charset=charset)
    holds(b"<html><body><p>" + body + FIRST.encode(), charset=charset)


@fuzz
@given(JSON, st.integers(0, 40))
def test_any_data(data: Any, cut: int) -> None:
    script = json.dumps(data)[: -cut or None].replace("</", "<\\/")
    head = f'<script type="application/ld+json">{script}</script>'
    holds(f"<html><head>{head}</head><body><h1>Talks</h1>{ARTICLE}".encode("utf-8", "replace"))


@fuzz
@given(st.dictionaries(NAMES, VALUES, max_size=4), VALUES, TEXTS, st.text(max_size=40))
def test_any_meta_tags_times_and_addresses(
    names: dict[str, str], value: str, text: str, url: str
) -> None:
    tags = "".join(f"<meta property='{name}' content=\"{of}\">" for name, of in names.items())
    tags += f"<meta property='article:published_time' content='{value}'>"
    tags += f"<link rel=canonical href='{value}'>"
    body = f"<time datetime='{value}'>{text}</time><p class=byline>By {text}</p>{ARTICLE}"
    page = f"<html lang='{value}'><head>{tags}<base href='{value}'></head><body>{body}"
    holds(page.encode("utf-8", "replace"), url=url)
