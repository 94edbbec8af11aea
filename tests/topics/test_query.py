"""The query language: what it reads, and where it puts its finger on a mistake."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import QueryError
from worker.topics import And, Field, Near, Node, Not, Or, Term, parse_query, spelling


def plain(node: Node) -> str:
    """A query in one unmistakable spelling."""
    match node:
        case Term(key):
            return key.replace(" ", "+")
        case Not(part):
            return f"!{plain(part)}"
        case And(parts):
            return f"({' & '.join(map(plain, parts))})"
        case Or(parts):
            return f"({' | '.join(map(plain, parts))})"
        case Near(left, right, within, ordered):
            arrow = f"{'>' if ordered else '~'}{within}"
            return f"({'|'.join(map(plain, left))} {arrow} {'|'.join(map(plain, right))})"
        case Field(name, part):
            return f"{name}:{plain(part)}"


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
        ("U.N.", ".un"),
        ("UN", "un"),
        ('"U.N. envoy*"', ".un+envoy*"),
        ('"peace talk*"', "peace+talk*"),
        ("cease-fir*", "cease+fir*"),
        ("한국*", "한국*"),
        ("Syria NEAR/10 talks", "(syria ~10 talks)"),
        ("a NEAR/0 b", "(a ~0 b)"),
        ("(a OR b) ONEAR/100 cde*", "(a|b >100 cde*)"),
        ("a (b NEAR/2 c)", "(a & (b ~2 c))"),
        ("a NOT b NEAR/2 c", "(a & !(b ~2 c))"),
        ("title:Syria", "title:syria"),
        ("title: Syria", "title:syria"),
        ("title:(a OR b) c", "(title:(a | b) & c)"),
        ('lead:"peace talks"', "lead:peace+talks"),
        ("body:(a NEAR/5 b)", "body:(a ~5 b)"),
        ("lang:farsi Syria", "(lang:fa & syria)"),
        ("lang:(ar OR FA)", "lang:(ar | fa)"),
        ("source:bbc.co.uk", "source:bbc+co+uk"),
        ('author:"J. Smith"', "author:j+smith"),
        ("Syria NOT section:sport", "(syria & !section:sport)"),
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
    (" \n ", 4, "empty"),
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
    ('"—…"', 1, "holds no letter and no digit"),
    ('"peace talk"*', 13, "stands behind the quotes"),
    ('"a"b', 4, "right behind a quote"),
    ('a"b"', 2, "opens inside a term"),
    ("“peace talks”", 1, "opens no phrase"),
    ("«paix»", 1, "opens no phrase"),
    ("'peace talks'", 1, "opens no phrase"),
    ("a NEAR b", 3, "NEAR does not say how near"),
    ("a ONEAR b", 3, "ONEAR does not say how near"),
    ("a NEAR/x b", 3, "NEAR/x does not say how near in plain digits"),
    ("a NEAR/-3 b", 3, "does not say how near in plain digits"),
    ("a NEAR/ b", 3, "does not say how near in plain digits"),
    ("a NEAR/101 b", 3, "too far apart"),
    ("a ONEAR/101 b", 3, "too far apart"),
    ("a NEAR/5", 3, "NEAR/5 has no term behind"),
    ("NEAR/5 a", 1, "NEAR/5 has no term before"),
    ("a NEAR/5 NOT b", 3, "NEAR/5 has no term behind"),
    ("a NEAR/5 b NEAR/5 c", 12, "a second NEAR in a row"),
    ("(a AND b) NEAR/5 c", 11, "stands between terms"),
    ("a NEAR/5 title:b", 3, "stands between terms"),
    ("a near b", 3, "near is no operator"),
    ("a PRE/3 b", 3, "PRE/3 is an unknown operator"),
    ("a ADJ b", 3, "ADJ is an unknown operator"),
    ("a ANDNOT b", 3, "ANDNOT is an unknown operator"),
    ("Сирия И Иран", 7, "И is no operator"),
    ("Syrien ODER Iran", 8, "ODER is no operator"),
    ("a near/3 b", 3, "near/3 is no operator"),
    ("a w/10 b", 3, "w/10 is an unknown operator"),
    ("a XOR b", 3, "XOR is an unknown operator"),
    ("Title:Syria", 1, "Title: is no field"),
    ("titel:Syria", 1, "titel: is no field"),
    ("text:(a b)", 1, "text: is no field"),
    ("http://example.org", 1, "http: is no field"),
    ("title:", 1, "title: is followed by nothing"),
    ("a title:)", 3, "title: is followed by )"),
    ("title:AND", 1, "title: is followed by AND"),
    ("title:(lead:a)", 8, "lead: stands inside title:"),
    ("title(a b)", 1, "title is no operator"),
    ("lang:xyzzy", 6, "xyzzy is no code of a language"),
    ("lang:fa lang:ar", 9, "an article has one language"),
    ("lang:(fa AND ar)", 1, "an article has one language"),
    ("title:(NOT a)", 8, "only what to leave out"),
    ("NOT a NEAR/3 b", 1, "only what to leave out"),
    ('"a b"~10', 6, "~ is an unknown operator"),
    ("Syria~2", 6, "~ is an unknown operator"),
    ("Syria^2", 6, "^ is an unknown operator"),
    ("-Syria", 1, "- before a term"),
    ("a - b", 3, "- is an unknown operator"),
    ("+Syria", 1, "+ before a term"),
    ("a && b", 3, "& is an unknown operator"),
    ("a || b", 3, "| is an unknown operator"),
    ("a|b", 2, "| is an unknown operator"),
    ("!a b", 1, "! before a term is an unknown operator"),
    ("Sуria", 2, "a Cyrillic у stands in one word with a Latin S"),
    ("a\u00a0b", 2, "U+00A0 no-break space"),
    ("a\u200bb", 2, "an invisible sign"),
    ("（a OR b）", 1, "full-width form of ("),
    ("negotiat＊", 9, "full-width form of *"),
    ("negotiat∗", 9, "is not the star of a keyboard"),
    ('"peace “talks"', 8, "does not close what"),
    ("wom?n", 4, "? is an unknown operator"),
    ("[2010 TO 2020]", 1, "[ is an unknown operator"),
    ("Syria, Iran", 6, ", joins nothing"),
    ("Syria,Iran", 6, ", joins nothing"),
    ("سوريا، إيران", 6, "، joins nothing"),
    ("ne*", 3, "fewer than 3 letters"),
    ("*", 1, "fewer than 3 letters"),
    ("a ne* b", 5, "fewer than 3 letters"),
    ("*tion", 1, "before a term"),
    ("nego*ation", 5, "inside a term"),
    ("nego**", 5, "inside a term"),
    ("叙利亚*", 4, "fewer than 3 letters"),
    ("한*", 2, "fewer than 3 letters"),
    ("a ... b", 3, "a stray ."),
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
    assert caught.value.remedy.endswith(".")


def test_a_mistake_in_a_long_query_is_told_by_line_and_drawn() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("Syria\n  talks or truce\nGeneva")
    error = caught.value
    assert (error.line, error.line_column, error.column) == (2, 9, 15)
    assert str(error).startswith("line 2, column 9: or is no operator. Write OR")
    assert error.picture() == "  talks or truce\n        ^ or is no operator"


def test_a_lower_case_operator_is_answered_with_the_upper_case_one() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("war or peace")
    assert caught.value.remedy == 'Write OR in upper case, or "or" in quotes to look for it.'


def test_the_table_holds_enough_mistakes() -> None:
    assert len({query for query, _, _ in MISTAKES}) >= 100


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ("a && b", "Write AND."),
        ("a || b", "Write OR."),
        ('"peace talks"~10', "Write peace NEAR/10 talks."),
        ("a w/10 b", "Write NEAR/10."),
        ("a NEAR/101 b", "Write at most NEAR/100, or AND."),
        ("headline:Syria", "Did you mean title:?"),
        ("a b OR c", "Add parentheses: a AND (b OR c)."),
    ],
)
def test_a_remedy_says_what_to_write_instead(query: str, remedy: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert caught.value.remedy.startswith(remedy)


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
        "NEAR/3",
        "ONEAR/10",
        "title:",
        "U.N.",
        '"p q*"',
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
def test_a_tree_spelt_out_reads_as_the_same_tree(query: str) -> None:
    if not refusal(query):
        tree = parse_query(query)
        assert parse_query(spelling(tree)) == tree


@given(st.lists(PIECES, max_size=40).map(" ".join))
def test_blanks_and_parentheses_around_a_query_change_nothing(query: str) -> None:
    if not refusal(query):
        assert plain(parse_query(f"\n ( {query}\t) ")) == plain(parse_query(query))
