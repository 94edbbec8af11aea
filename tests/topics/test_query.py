"""The query language: what it reads, and where it puts its finger on a mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import QueryError
from worker.topics import And, Node, Not, Or, Prefix, Term, parse_query


def plain(node: Node) -> str:
    """A query in one unmistakable spelling."""
    match node:
        case Term(words):
            return "+".join(words)
        case Prefix(start):
            return f"{start}*"
        case Not(part):
            return f"!{plain(part)}"
        case And(parts):
            return f"({' & '.join(map(plain, parts))})"
        case Or(parts):
            return f"({' | '.join(map(plain, parts))})"


def refusal(query: str) -> QueryError | None:
    try:
        parse_query(query)
    except QueryError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("Syria", "syria"),
        ("Syria talks", "(syria & talks)"),
        ("Syria AND talks", "(syria & talks)"),
        ("Syria\n  talks\tGeneva", "(syria & talks & geneva)"),
        ("a OR b OR c", "(a | b | c)"),
        ("a AND (b OR c)", "(a & (b | c))"),
        ("(a OR b)(c OR d)", "((a | b) & (c | d))"),
        ("a NOT b", "(a & !b)"),
        ("a AND NOT (b OR c)", "(a & !(b | c))"),
        ("NOT a b", "(!a & b)"),
        ("((a))", "a"),
        ('"peace talks"', "peace+talks"),
        ('"AND" OR "or"', "(and | or)"),
        ('"peace\n talks"', "peace+talks"),
        ("negotiat*", "negotiat*"),
        ("Négociat*", "negociat*"),
        ("cease-fire", "cease+fire"),
        ("U.N.", "u+n"),
        ("Syria's", "syria+s"),
        ("10,000", "10+000"),
        ("叙利亚", "叙+利+亚"),
        ("or", "or"),
        ("(or)", "or"),
        ("آتش‌بس", "اتشبس"),
        ("السُّورِيّ", "السوری"),
    ],
)
def test_a_query_is_read_as_it_looks(query: str, read: str) -> None:
    assert plain(parse_query(query)) == read


MISTAKES = [
    ("", 1, "empty"),
    (" \n ", 1, "empty"),
    ("()", 1, "nothing between the parentheses"),
    ("a ( )", 3, "nothing between the parentheses"),
    ("(a", 1, "never closed"),
    ("((a)", 1, "never closed"),
    ("a AND (", 7, "never closed"),
    ("a)", 2, "closes nothing"),
    (")", 1, "closes nothing"),
    ("(a OR b)) c", 9, "closes nothing"),
    ("AND a", 1, "AND has no term before"),
    ("a AND", 3, "AND has no term behind"),
    ("a OR", 3, "OR has no term behind"),
    ("a OR OR b", 3, "OR has no term behind"),
    ("a AND OR b", 3, "AND has no term behind"),
    ("(OR a)", 2, "OR has no term before"),
    ("a (b OR)", 6, "OR has no term behind"),
    ("a NOT", 3, "NOT has no term behind"),
    ("a NOT AND b", 3, "NOT has no term behind"),
    ("NOT", 1, "NOT has no term behind"),
    ("a OR b c", 8, "AND beside OR in one group (a blank is AND)"),
    ("a OR b AND c", 8, "AND beside OR"),
    ("a b OR c", 5, "OR beside AND"),
    ("a OR b NOT c", 8, "AND beside OR"),
    ("x AND (a b OR c)", 12, "OR beside AND"),
    ("NOT a", 1, "only what to leave out"),
    ("a OR NOT b", 6, "only what to leave out"),
    ("NOT (NOT a)", 1, "only what to leave out"),
    ("NOT a AND NOT b", 1, "only what to leave out"),
    ("war or peace", 5, "or is no operator"),
    ("war and peace", 5, "and is no operator"),
    ("war And peace", 5, "And is no operator"),
    ("not war", 1, "not is no operator"),
    ("war not peace", 5, "not is no operator"),
    ("war (or peace)", 6, "or is no operator"),
    ("war or", 5, "or is no operator"),
    ('"', 1, "never closed"),
    ('a "b c', 3, "never closed"),
    ('a ""', 3, "nothing between the quotes"),
    ('"  "', 1, "nothing between the quotes"),
    ('"—…"', 1, "no word in the quotes"),
    ('"peace talk*"', 12, "inside quotes is not known yet"),
    ('"peace talk"*', 13, "after quotes is not known yet"),
    ('"a"b', 4, "right behind a quote"),
    ('a"b"', 2, "opens inside a term"),
    ("“peace talks”", 1, "opens no phrase"),
    ("«paix»", 1, "opens no phrase"),
    ("'peace talks'", 1, "opens no phrase"),
    ("a NEAR/10 b", 3, "NEAR/10 is an unknown operator"),
    ("a NEAR b", 3, "NEAR is an unknown operator"),
    ("a near/3 b", 3, "near/3 is an unknown operator"),
    ("a w/10 b", 3, "w/10 is an unknown operator"),
    ("a XOR b", 3, "XOR is an unknown operator"),
    ("title:Syria", 1, "field title: is not known yet"),
    ('a title:"b c"', 3, "field title: is not known yet"),
    ("text:(a b)", 1, "field text: is not known yet"),
    ('"a b"~10', 6, "~ is an unknown operator"),
    ("Syria~2", 6, "~ is an unknown operator"),
    ("Syria^2", 6, "^ is an unknown operator"),
    ("-Syria", 1, "- before a term"),
    ("a - b", 3, "- before a term"),
    ("+Syria", 1, "+ before a term"),
    ("a && b", 3, "&& is an unknown operator"),
    ("a || b", 3, "|| is an unknown operator"),
    ("a|b", 2, "| is an unknown operator"),
    ("!a b", 1, "! is an unknown operator"),
    ("wom?n", 4, "? is an unknown operator"),
    ("[2010 TO 2020]", 1, "[ is an unknown operator"),
    ("Syria, Iran", 6, ", joins nothing"),
    ("Syria,Iran", 6, ", joins nothing"),
    ("سوريا، إيران", 6, "، joins nothing"),
    ("ne*", 3, "fewer than 3 letters"),
    ("*", 1, "fewer than 3 letters"),
    ("a ne* b", 5, "fewer than 3 letters"),
    ("*tion", 1, "inside a term"),
    ("nego*ation", 5, "inside a term"),
    ("nego**", 5, "inside a term"),
    ("cease-fir*", 10, "2 words, and a prefix is one"),
    ("叙利亚*", 4, "3 words, and a prefix is one"),
    ("a ... b", 3, "no letter and no digit"),
    ("(" * 51 + "a" + ")" * 51, 51, "nested too deeply"),
    ("NOT " * 20_000, 20_001, "80,000 characters"),
    ("NOT " * 4_000 + "a", 201, "nested too deeply"),
    ("(" * 20_000, 51, "nested too deeply"),
    ("a" * 20_001, 20_001, "20,001 characters"),
]


@pytest.mark.parametrize(("query", "column", "problem"), MISTAKES)
def test_a_mistake_is_named_at_its_column(query: str, column: int, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert (caught.value.column, caught.value.query) == (column, query)
    assert problem in caught.value.problem
    assert caught.value.remedy.endswith((".", '"peace talks".'))


def test_a_lower_case_operator_is_answered_with_the_upper_case_one() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("war or peace")
    assert caught.value.remedy == 'Write OR in upper case, or "or" in quotes to look for it.'


def test_the_deepest_and_the_longest_query_are_read() -> None:
    assert plain(parse_query("(" * 50 + "a" + ")" * 50)) == "a"
    assert parse_query(" OR ".join(["word"] * 2_500))


PIECES = st.sampled_from(
    [
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        '"',
        "*",
        "a",
        "bcd",
        "efg*",
        " ",
        "\n",
        "~",
        ":",
        "or",
        ",",
        "叙",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_read_or_refused_with_a_column_in_it(query: str) -> None:
    error = refusal(query)
    if error:
        assert 1 <= error.column <= len(query) + 1
        assert error.problem
        assert error.remedy


@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_blanks_and_parentheses_around_a_query_change_nothing(query: str) -> None:
    if not refusal(query):
        assert plain(parse_query(f"\n ( {query}\t) ")) == plain(parse_query(query))
