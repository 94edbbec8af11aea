"""Matching: which articles a topic finds, and what it shows for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.topics.brute import Article, matches
from worker.errors import QueryError
from worker.records import About, Evidence, TopicRow, TopicSpec
from worker.topics import TopicSet, compile_topics, folded, parse_query


def topics(*queries: str) -> TopicSet:
    specs = [TopicSpec(f"t{n}", f"Topic {n}", query) for n, query in enumerate(queries)]
    return compile_topics([TopicRow(n, spec, (n,)) for n, spec in enumerate(specs)])


def shown(query: str, title: str, text: str = "") -> list[str] | None:
    """The pieces of text that a query shows as evidence; None where it does not match."""
    found = topics(query).match(title, text)
    return [piece.text for piece in found[0].evidence] if found else None


@pytest.mark.parametrize(
    ("query", "title", "text", "evidence"),
    [
        ("syria", "SYRIA", "", ["SYRIA"]),
        ("syria", "Syrian army", "", None),
        ("syria*", "Syrian army", "in Syria", ["Syrian", "Syria"]),
        ("syria talks", "Talks", "on Syria", ["Talks", "Syria"]),
        ("syria talks", "Talks", "on Iran", None),
        ("syria OR iran", "Iran", "", ["Iran"]),
        ("syria NOT football", "Syria", "wins at football", None),
        ("syria NOT football", "Syria", "at the summit", ["Syria"]),
        ("(a b) OR c", "a c", "", ["c"]),
        ("(a OR b) (c OR d)", "b", "d a", ["b", "d", "a"]),
        ("a NOT (b c)", "a b", "", ["a"]),
        ("a NOT (b c)", "a b", "c", None),
        ("a NOT (b NOT c)", "a b c", "", ["a"]),
        ('"peace talks"', "Peace talks", "peace-\ntalks", ["Peace talks", "peace-\ntalks"]),
        ('"peace talks"', "Talks on peace", "", None),
        ('"a a"', "a a a", "", ["a a", "a a"]),
        ("cease-fire", "A cease fire", "no ceasefire", ["cease fire"]),
        ("U.N.", "U.N. envoy", "UN, not un", ["U.N", "UN"]),
        ("UN", "U.N. envoy", "un, UN", ["U.N", "un", "UN"]),
        # nearness: at most so many words between, never across the border of title and text
        ("syria NEAR/2 talks", "Syria holds new talks", "", ["Syria", "talks"]),
        ("syria NEAR/1 talks", "Syria holds new talks", "", None),
        ("syria NEAR/0 talks", "talks, Syria", "", ["talks", "Syria"]),
        ("syria ONEAR/0 talks", "talks, Syria", "", None),
        ("syria ONEAR/0 talks", "talks, Syria talks", "", ["Syria", "talks"]),
        ("syria NEAR/100 talks", "Syria", "talks", None),
        ("(syria OR iran) NEAR/1 talk*", "talking to Iran", "Syria", ["talking", "Iran"]),
        ('"peace talks" NEAR/1 syria', "Syria: peace talks", "", ["Syria", "peace talks"]),
        ("syria NEAR/3 syria", "Syria", "", None),
        # fields
        ("title:syria", "Syria", "syria", ["Syria"]),
        ("title:syria", "", "syria", None),
        ("body:syria", "Syria", "syria", ["syria"]),
        ("lead:syria", "", "word " * 40 + "\nsyria", None),
        ("body:syria", "", "word " * 40 + "\nsyria", ["syria"]),
        ("lead:syria", "", "word " * 20 + "\nsyria", ["syria"]),
        ("syria NOT title:football", "Syria", "football", ["Syria"]),
        ("title:(a NEAR/3 b)", "a b", "", ["a", "b"]),
        ("title:(a NEAR/3 b)", "a c", "a b", None),
        # words that Arabic and Persian write together with the next or the last
        ("سوريا", "وسوريا", "لسوريا", ["سوريا", "سوريا"]),
        ("مفاوضات", "والمفاوضات في سوريا", "", ["مفاوضات"]),
        ('"وزير الخارجية"', "ووزير الخارجية في سوريا", "", ["وزير الخارجية"]),
        ("زير", "وزير الخارجية في سوريا", "", None),
        ("مذاکره", "مذاکره‌ها آغاز شد", "", ["مذاکره"]),
        ("café", "CAFE", "cafe\u0301", ["CAFE", "cafe\u0301"]),
        # Arabic: short vowels, tatweel, hamza and yeh
        ("السوري", "الحوار السُّورِيّ", "الســوري", ["السُّورِيّ", "الســوري"]),
        ("إدلب", "ادلب", "أدلب", ["ادلب", "أدلب"]),
        ("المفاوض*", "المفاوضات", "", ["المفاوضات"]),
        ('"وقف إطلاق النار"', "وَقْف اطلاق النار", "", ["وَقْف اطلاق النار"]),
        # Persian: zero-width non-joiner, and letters typed on an Arabic keyboard
        ("آتش‌بس", "آتشبس", "آتش\u200cبس", ["آتشبس", "آتش\u200cبس"]),
        ("سوریه", "سوريه", "", ["سوريه"]),
        # Chinese and Japanese: no blanks between words
        ("叙利亚", "叙利亚问题", "关于叙利亚", ["叙利亚", "叙利亚"]),
        ("シリア", "シリア情勢", "", ["シリア"]),
        ("叙利亚 AND 停火", "叙利亚停火协议", "", ["叙利亚", "停火"]),
        ("シリア", "ｼﾘｱ", "", ["ｼﾘｱ"]),
        # a sign that stands for several words is found as a whole or not at all
        ('"1 4"', "¼ and 1/4", "", ["¼", "1/4"]),
        ("4 OR 1", "¼", "a ¼", None),
        # Russian, Turkish, French, German
        ("переговор*", "ПЕРЕГОВОРЫ", "о переговорах", ["ПЕРЕГОВОРЫ", "переговорах"]),
        ("dışişleri", "DIŞİŞLERİ", "Dışişleri disisleri", ["DIŞİŞLERİ", "Dışişleri", "disisleri"]),
        ("trêve", "Une TRÊVE", "", ["TRÊVE"]),
        ("Außenm*", "Aussenministerin", "AUSSENMINISTER", ["Aussenministerin", "AUSSENMINISTER"]),
    ],
)
def test_a_topic_shows_why_it_matches(
    query: str, title: str, text: str, evidence: list[str] | None
) -> None:
    assert shown(query, title, text) == evidence


def test_no_phrase_reaches_from_the_title_into_the_text() -> None:
    assert shown('"peace talks"', "A hope for peace", "Talks began.") is None
    assert shown("叙利亚", "叙", "利亚") is None


def test_every_topic_is_answered_in_the_order_given_and_keeps_its_row() -> None:
    three = topics("iran", "syria", "talks OR syria")
    assert [match.topic_id for match in three.match("Talks", "on Syria")] == [1, 2]
    assert three.topics[2].spec.query == "talks OR syria"
    assert three.topics[2].channel_ids == (2,)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lang:fa", True),
        ("lang:ar", False),
        ("source:bbc", True),
        ('source:"BBC News"', True),
        ("source:bbc.co.uk", True),
        ('source:"news bbc"', False),
        ("author:doe", True),
        ('author:"doe roe"', False),
        ("section:world", True),
        ("syria NOT section:sport", True),
        ("syria NOT section:world", False),
    ],
)
def test_a_field_looks_at_what_is_known_beside_the_text(query: str, found: bool) -> None:
    about = About("fa-IR", ("BBC News", "bbc.co.uk"), ("Jane Doe", "Roe"), "World")
    assert bool(topics(query).match("Syria", "", about)) is found


def test_no_topics_and_empty_articles_are_no_matter() -> None:
    assert topics().match("Syria", "Syria") == ()
    assert topics("syria").match("", "") == ()


def test_a_query_that_cannot_be_read_is_refused_when_compiled() -> None:
    with pytest.raises(QueryError):
        topics("syria", "syria AND")


def test_a_term_is_named_as_its_first_spelling_in_the_query() -> None:
    found = topics('"Peace  Process" OR peace-process OR Proc*').match("", "the peace process")
    assert found[0].evidence == (
        Evidence("Peace Process", "text", 4, 17, "peace process"),
        Evidence("Proc*", "text", 10, 17, "process"),
    )


def test_a_common_term_does_not_crowd_out_the_rare_one() -> None:
    found = topics("syria AND truce").match("Syria " * 30, "Syria " * 30 + "truce")
    pieces = found[0].evidence
    assert len(pieces) == 20
    assert pieces[-1].text == "truce"
    assert [piece.field for piece in pieces] == ["title"] * 19 + ["text"]


# ---- laws

WORD = st.sampled_from(
    ["syria", "Syrian", "talks", "Peace", "U.N.", "叙利亚", "سُوريا", "İran", "x"]
)
ARTICLE = st.lists(st.one_of(WORD, st.sampled_from([" ", "-", "\n", ". "])), max_size=30).map(
    lambda parts: " ".join(parts)
)
TERM = st.one_of(
    st.sampled_from(["syria", "syr*", "talks", "叙利", "سوريا", "iran", "pea*", "un"]),
    st.lists(WORD, min_size=1, max_size=3).map(lambda parts: f'"{" ".join(parts)}"'),
)
QUERY = st.recursive(
    TERM,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda p: f"({' AND '.join(p)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: f"({' OR '.join(p)})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} NOT {p[1]})"),
    ),
    max_leaves=8,
)


@given(st.lists(QUERY, min_size=1, max_size=4), ARTICLE, ARTICLE)
def test_matching_agrees_with_a_naive_reading(queries: list[str], title: str, text: str) -> None:
    article = Article.of(title, text)
    expected = [n for n, query in enumerate(queries) if matches(parse_query(query), article)]
    assert [match.topic_id for match in topics(*queries).match(title, text)] == expected


@given(QUERY, st.one_of(ARTICLE, st.text(max_size=80)), ARTICLE)
def test_evidence_can_be_found_where_it_says(query: str, title: str, text: str) -> None:
    for match in topics(query).match(title, text):
        assert 1 <= len(match.evidence) <= 20
        order = [(piece.field != "title", piece.start) for piece in match.evidence]
        assert order == sorted(order)
        for piece in match.evidence:
            field = {"title": title, "text": text}[piece.field]
            assert piece.text == field[piece.start : piece.end]
            if piece.term.endswith("*"):
                assert folded(piece.text).startswith(folded(piece.term))
            else:
                assert folded(piece.text) == folded(piece.term)
