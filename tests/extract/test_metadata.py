"""What a page says of its article: headline, names, times, labels, its own address."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.reading import ARTICLE, URL, document, html, paragraphs
from worker.extract.times import parse_time
from worker.records import Document

TITLE = "Talks resume in Geneva"


def told(head: str = "", *, inside: str = ARTICLE, **how: str | None) -> Document:
    return document(html(inside, head=head), **how)


def linked(**article: Any) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle"} | article
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def meta(**names: str) -> str:
    return "".join(
        f'<meta property="{n.replace("__", ":")}" content="{v}">' for n, v in names.items()
    )


# ---- headline


@pytest.mark.parametrize(
    ("h1", "og", "title", "headline"),
    [
        (TITLE, "", "", ""),
        ("", TITLE, "", ""),
        ("", "", TITLE, ""),
        ("", "", "", TITLE),
        (TITLE, f"{TITLE} | The Wire", f"{TITLE} | The Wire", TITLE),
        (TITLE, f"{TITLE} – The Wire", "", ""),
        (TITLE, f"{TITLE} - example", "", ""),  # the site as its host has it
        ("", "", f"{TITLE} | World | The Wire", TITLE),
        ("The Wire", TITLE, "", ""),  # the site's name is no headline
        ("Geneva: Talks resume in Geneva", TITLE, "", ""),  # a kicker in the h1
        (TITLE, "Geneva talks: what to know", "Geneva talks: what to know | The Wire", TITLE),
        ("He said: &quot;Never&quot;, and went", "He said: ", "", 'He said: "Never", and went'),
        (f"  {TITLE}\n ", "", "", f"<b>{TITLE}</b>"),
        (TITLE, "", "", "Talks resume in Geneva &amp; Bern"),
    ],
)
def test_the_headline_is_the_one_without_the_sites_name(
    h1: str, og: str, title: str, headline: str
) -> None:
    head = meta(og__site_name="The Wire")
    head += f'<meta property="og:title" content="{og}">' if og else ""
    head += f"<title>{title}</title>" if title else ""
    head += linked(headline=headline) if headline else ""
    expected = {"He said: ": 'He said: "Never", and went'}.get(og, TITLE)
    if headline.endswith("Bern"):
        expected = "Talks resume in Geneva & Bern"
    found = told(head, inside=f"{f'<h1>{h1}</h1>' if h1 else '<h1></h1>'}{ARTICLE}")
    assert found.title == expected


@pytest.mark.parametrize(
    "title",
    [
        "War and peace - a year on",
        "Live: the vote | what we know",
        "Budget 3.0: who pays, who wins",
        "«Never again», he says – and leaves",
    ],
)
def test_a_headline_keeps_signs_that_only_look_like_a_sites_name(title: str) -> None:
    assert told(meta(og__title=title), inside=f"<h1>{title}</h1>{ARTICLE}").title == title


def test_of_several_h1_the_one_that_the_title_repeats_is_the_headline() -> None:
    inside = f"<h1>The Wire</h1><h1>{TITLE}</h1>{ARTICLE}<h1>Most read</h1>"
    assert told(f"<title>{TITLE} – The Wire</title>", inside=inside).title == TITLE


# ---- authors


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ({"@type": "Person", "name": "Ana Bo"}, ("Ana Bo",)),
        ([{"@type": "Person", "name": "Ana Bo"}, {"name": "Carl Di"}], ("Ana Bo", "Carl Di")),
        ("By Ana Bo", ("Ana Bo",)),
        (["Ana Bo", "Carl Di", "ana bo"], ("Ana Bo", "Carl Di")),
        ({"name": "Ana Bo and Carl Di"}, ("Ana Bo", "Carl Di")),
        ({"name": "Ana Bo, Carl Di and Eva Fo"}, ("Ana Bo", "Carl Di", "Eva Fo")),
        ({"name": "AFP, Manila"}, ("AFP, Manila",)),
        ({"name": ["Ana Bo", "Carl Di"]}, ("Ana Bo", "Carl Di")),
        ({"givenName": "Ana", "familyName": "Bo"}, ("Ana Bo",)),
        ({"@type": "Person", "byline": "Ana Bo"}, ("Ana Bo",)),
        ({"name": "Di Maria, Angel"}, ("Di Maria, Angel",)),
        ({"@type": "Organization", "name": "The Desk"}, ("The Desk",)),
        ([{"@type": "Organization", "name": "dpa"}, {"name": "Ana Bo"}], ("dpa", "Ana Bo")),
        ({"name": "https://example.org/ana"}, ()),
        ({"name": "ana@example.org"}, ()),
        ({"name": 7}, ()),
        ([None, 3, {"name": None}, [["x"]]], ()),
    ],
)
def test_authors_of_the_pages_data(author: Any, names: tuple[str, ...]) -> None:
    assert told(linked(author=author)).authors == names


def test_an_author_may_be_referred_to() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": TITLE, "author": {"@id": "#ana"}},
        {"@type": "Person", "@id": "#ana", "name": "Ana Bo"},
    ]
    head = f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>'
    assert told(head).authors == ("Ana Bo",)


def test_meta_tags_name_authors_where_the_data_names_only_the_site() -> None:
    site = {"@type": "Organization", "name": "The Wire"}
    head = linked(author=site, publisher=site) + '<meta name=author content="Ana Bo">'
    assert told(head).authors == ("Ana Bo",)
    assert told(linked(author=site, publisher=site)).authors == ("The Wire",)


@pytest.mark.parametrize(
    "byline",
    [
        "<p class='byline'>By Ana Bo</p>",
        "<div class='article-author'><a href='/ana'>Ana Bo</a></div>",
        "<p>Von Ana Bo</p>",
        "<p>By Ana Bo</p>",
        "<p>Date <a rel=author href='/ana'>Ana Bo</a></p>",
    ],
)
def test_a_byline_near_the_text_names_authors(byline: str) -> None:
    assert told(inside=f"<h1>{TITLE}</h1>{byline}{ARTICLE}").authors == ("Ana Bo",)


def test_a_commenter_is_no_author() -> None:
    comments = "".join(
        "<div class='comment'><b class='author'>Kim Lo</b><p>Yes.</p></div>" for _ in range(9)
    )
    assert told(inside=f"{ARTICLE}<section>{'<p>x</p>' * 9}{comments}</section>").authors == ()


# ---- times


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01T09:30:15Z", (2026, 3, 1, 9, 30, 15)),
        ("2026-03-01T09:30:15.123Z", (2026, 3, 1, 9, 30, 15, 123_000)),
        ("2026-03-01T09:30+01:00", (2026, 3, 1, 8, 30)),
        ("2026-03-01T09:30:15+0530", (2026, 3, 1, 4, 0, 15)),
        ("2026-03-01 09:30:15", (2026, 3, 1, 9, 30, 15)),
        ("2026-03-01 09:30:15 UTC", (2026, 3, 1, 9, 30, 15)),
        ("2026-03-01T09:30:15.1234567-08", (2026, 3, 1, 17, 30, 15, 123_456)),
        ("2026-03-01", (2026, 3, 1)),
        ("20260301", (2026, 3, 1)),
        ("2026/03/01 09:30", (2026, 3, 1, 9, 30)),
        ("20260301T093015", (2026, 3, 1, 9, 30, 15)),
        ("Sun, 01 Mar 2026 09:30:15 +0200", (2026, 3, 1, 7, 30, 15)),
        ("Sun, 1 Mar 2026 09:30:15 GMT", (2026, 3, 1, 9, 30, 15)),
        ("1.3.2026, 09:30 Uhr", (2026, 3, 1, 9, 30)),
        ("01.03.2026", (2026, 3, 1)),
        ("1772357415", (2026, 3, 1, 9, 30, 15)),
        ("1772357415000", (2026, 3, 1, 9, 30, 15)),
        ("2026-03-01T00:00:00+08:00", (2026, 3, 1)),  # a bare day, not the evening before
        ("Published 2026-03-01T09:30:15Z", (2026, 3, 1, 9, 30, 15)),
    ],
)
def test_a_time_for_machines(text: str, time: tuple[int, ...]) -> None:
    year, month, day, hour, minute, second, micros = time + (0,) * (7 - len(time))
    expected = datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
    assert parse_time(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "2026-02-30T10:00:00Z", "0001-01-01", "9999-12-31T23:59-12:00",
     "1970-01-01T00:00:00Z", "0", "9" * 13, "99999999999999999999", "31.31.2026", "12:30", "-1"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert parse_time(text) is None


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[\d:./ TZ+-]{6,40}", fullmatch=True)))
def test_any_text_is_a_time_in_utc_or_none(text: str) -> None:
    found = parse_time(text)
    assert found is None or (found.tzinfo is UTC and 1990 < found.year < 2100)


@given(st.datetimes(datetime(1992, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_every_iso_time_is_read_to_the_second(time: datetime) -> None:
    assert parse_time(time.isoformat()) == time


@pytest.mark.parametrize(
    "head",
    [
        linked(datePublished="2026-03-01T09:30:15Z"),
        linked(datePublished="2026-03-01T09:30:15Z") + meta(article__published_time="2025-01-01"),
        linked(datePublished="2026-03-01") + meta(article__published_time="2026-03-01T09:30:15Z"),
        linked(datePublished="soon") + meta(article__published_time="2026-03-01T09:30:15Z"),
        meta(article__published_time="2026-03-01T11:30:15+02:00"),
        '<meta name="date" content="2026-03-01T09:30:15Z">',
        '<meta itemprop="datePublished" content="2026-03-01T09:30:15Z">',
        linked(dateCreated="2026-03-01T09:30:15Z"),
    ],
)
def test_when_it_was_published(head: str) -> None:
    assert told(head).published == datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("inside", "time"),
    [
        ("<time datetime='2026-03-01T09:30Z'>1 March</time>", datetime(2026, 3, 1, 9, 30)),
        (
            "<time class='updated' datetime='2026-03-02'>x</time>"
            "<time itemprop='datePublished' datetime='2026-03-01'>x</time>",
            datetime(2026, 3, 1),
        ),
        ("<p>Published on 1 March 2026</p>", datetime(2026, 3, 1)),
    ],
)
def test_a_time_that_stands_in_the_text(inside: str, time: datetime) -> None:
    address = "https://news.example.org/talks"
    found = told(inside=f"<h1>{TITLE}</h1>{inside}{ARTICLE}", url=address)
    assert found.published == time.replace(tzinfo=UTC)


def test_when_it_was_changed() -> None:
    time = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert told(linked(dateModified="2026-03-02T11:00:00+01:00")).modified == time
    assert told(meta(article__modified_time="2026-03-02T10:00:00Z")).modified == time
    assert told().modified is None


# ---- image, site, section


@pytest.mark.parametrize(
    ("head", "image"),
    [
        (meta(og__image="https://img.example.org/1.jpg"), "https://img.example.org/1.jpg"),
        (meta(og__image="/1.jpg"), "https://news.example.org/1.jpg"),
        (linked(image="https://img.example.org/2.jpg"), "https://img.example.org/2.jpg"),
        (linked(image=[{"url": "//img.example.org/3.jpg"}]), "https://img.example.org/3.jpg"),
        (linked(image={"url": ["https://img.example.org/4.jpg"]}), "https://img.example.org/4.jpg"),
        (meta(og__image="data:image/png;base64,AAAA"), None),
        (meta(og__image="javascript:alert(1)") + linked(image=7), None),
        ("", None),
    ],
)
def test_the_image_is_an_address(head: str, image: str | None) -> None:
    assert told(head).image == image


def test_what_the_site_and_the_section_are_called() -> None:
    found = told(meta(og__site_name="The Wire", article__section="World"))
    assert (found.site_name, found.section) == ("The Wire", "World")
    found = told(linked(publisher={"name": "The Wire"}, articleSection=["World", "Asia"]))
    assert (found.site_name, found.section) == ("The Wire", "World")
    found = told()
    assert (found.site_name, found.section) == (None, None)


# ---- paywall


@pytest.mark.parametrize(
    ("head", "paywalled"),
    [
        (linked(isAccessibleForFree=True), False),
        (linked(isAccessibleForFree=False), True),
        (linked(isAccessibleForFree="False"), True),
        (linked(isAccessibleForFree="true"), False),
        (linked(isAccessibleForFree="http://schema.org/False"), True),
        (linked(hasPart={"isAccessibleForFree": False, "cssSelector": ".paid"}), True),
        (linked(isAccessibleForFree=True, hasPart=[{"isAccessibleForFree": "False"}]), True),
        (linked(isAccessibleForFree=True, hasPart=[{"isAccessibleForFree": True}, 3]), False),
        (linked(isAccessibleForFree="perhaps"), None),
        (linked(isAccessibleForFree={"x": 1}), None),
        (meta(article__content_tier="locked"), True),
        (meta(article__content_tier="metered"), True),
        (meta(article__content_tier="free"), False),
        (meta(article__content_tier="gold"), None),
        (linked(isAccessibleForFree=True) + meta(article__content_tier="locked"), False),
        ("", None),
    ],
)
def test_a_paywall_that_the_page_tells_of(head: str, paywalled: bool | None) -> None:
    assert told(head).paywalled is paywalled


# ---- the page's own address

OWN = "https://news.example.org/2026/talks"


@pytest.mark.parametrize(
    ("head", "canonical"),
    [
        (f"<link rel=canonical href='{OWN}'>", OWN),
        (f"<link rel='shortlink CANONICAL' href='{OWN}'>", OWN),
        ("<link rel=canonical href='/2026/talks'>", OWN),
        ("<link rel=canonical href='../../../2026/talks'>", OWN),
        ("<base href='https://news.example.org/2026/'><link rel=canonical href='talks'>", OWN),
        ("<link rel=canonical href='https://www.example.org/t'>", "https://www.example.org/t"),
        ("<link rel=canonical href='https://m.example.org/t'>", "https://m.example.org/t"),
        (meta(og__url=OWN), OWN),
        (f"<link rel=canonical href='https://thief.net/x'>{meta(og__url=OWN)}", OWN),
        ("<link rel=canonical href='https://thief.net/x'>", None),
        ("<link rel=canonical href='https://example.org.thief.net/x'>", None),
        ("<link rel=canonical href='https://news.example.org/'>", None),
        ("<link rel=canonical href='https://news.example.org'>", None),
        ("<link rel=canonical href='javascript:void(0)'>", None),
        ("<link rel=canonical href='http://[bad'>", None),
        ("<link rel=canonical href=''>", None),
        ("", None),
    ],
)
def test_the_pages_own_address_is_believed_on_its_own_site(
    head: str, canonical: str | None
) -> None:
    assert told(head).canonical == canonical


@pytest.mark.parametrize(
    ("url", "href", "same"),
    [
        ("https://www.bbc.co.uk/news/1", "https://bbc.co.uk/news/1", True),
        ("https://www.bbc.co.uk/news/1", "https://www.guardian.co.uk/news/1", False),
        ("https://ana.blogspot.com/1", "https://carl.blogspot.com/1", False),
        ("https://ana.github.io/1", "https://carl.github.io/1", False),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b", True),
        ("http://127.0.0.1:8000/a", "http://127.0.0.2:8000/b", False),
        ("http://localhost/a", "http://localhost/b", True),
    ],
)
def test_a_site_is_a_registrable_domain(url: str, href: str, same: bool) -> None:
    found = told(f"<link rel=canonical href='{href}'>", url=url).canonical
    assert found == (href if same else None)


# ---- data that is none


@pytest.mark.parametrize(
    "script",
    [
        "{", "[[[[", "null", "7", '"x"', "[" * 5_000, '{"@type": ["NewsArticle", 3, null]}',
        '{"@type": {"a": 1}}', '{"@graph": 3}', '{"@type": "NewsArticle", "headline": [3, "a"]}',
        '{"@type": "NewsArticle", "headline": {"a": 1}, "image": [[]], "publisher": []}',
        '{"@type": "NewsArticle", "author": {"@id": 3}, "hasPart": "x", "articleBody": 5}',
    ],
)  # fmt: skip
def test_data_that_is_none_spoils_nothing(script: str) -> None:
    found = told(f'<script type="application/ld+json">{script}</script>')
    assert found.title == TITLE
    assert found.text


@pytest.mark.parametrize(
    "script",
    [
        '<!-- {"@type":"NewsArticle","headline":"Found"} -->',
        '//<![CDATA[\n{"@type":"NewsArticle","headline":"Found"}\n//]]>',
        '/*<![CDATA[*/{"@type":"NewsArticle","headline":"Found"}/*]]>*/',
        '{"@type":"NewsArticle","headline":"Found",}',
        '{"@type":"NewsArticle","headline":"Fou\tnd"};',
        '[{"@type":"WebPage","mainEntity":{"@type":"Article","headline":"Found"}}]',
        '{"@graph":[{"@type":"WebSite","name":"x"},{"@type":["Article","X"],"headline":"Found"}]}',
    ],
)
def test_data_as_sites_write_it_is_read(script: str) -> None:
    inside = f"<h1></h1>{ARTICLE}"
    found = told(f'<script type="application/ld+json">{script}</script>', inside=inside)
    assert found.title.replace(" ", "") == "Found"


def test_all_of_it_at_once_with_nothing_else_on_the_page() -> None:
    found = document(
        html(paragraphs("Talks are on again in Geneva, and all of them are there.")), url=URL
    )
    assert found.title == TITLE
    assert found.authors == ()
    assert found.published is not None  # the day in the address
    assert found.published.date().isoformat() == "2026-03-01"
