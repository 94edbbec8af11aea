"""Why an article does not match: every part of a query, and whether it held."""

import pytest

from tests.topics.test_agreement import Writer
from worker.records import About, TopicRow, TopicSpec
from worker.topics import compile_topics, parse_query, why_not

TITLE, TEXT = "Talks in Geneva", "The envoy of Syria met the press. Nobody spoke of football."
ABOUT = About("en", ("The News",))
REASONS = {
    "Syria AND truce": ["no   all of these:", "yes    Syria", "no     truce"],
    "Syria NOT football": ["no   all of these:", "yes    Syria", "no     not football"],
    "title:Syria": ["no   in title:", "no     Syria"],
    "title:(Syria OR Talks) AND lang:fa": [
        "no   all of these:",
        "yes    in title:",
        "yes      one of these:",
        "no         Syria",
        "yes        Talks",
        "no     in lang:",
        "no       fa",
    ],
    "Syria NEAR/2 football": ["no   Syria NEAR/2 football"],
    "Syria": [],
}


@pytest.mark.parametrize("query", REASONS)
def test_each_part_says_whether_it_held(query: str) -> None:
    assert why_not(query, TITLE, TEXT, ABOUT) == REASONS[query]


@pytest.mark.parametrize("seed", range(40))
def test_an_article_matches_or_there_is_a_reason(seed: int) -> None:
    """By the same words as the matcher's own test, against the matcher."""
    writer = Writer(seed)
    query = writer.query()
    parse_query(query)
    text = " ".join(writer.words)
    row = TopicRow(0, TopicSpec("t", "T", query), ())
    matched = bool(compile_topics([row]).match("", text, ABOUT))
    reasons = why_not(query, "", text, ABOUT)
    assert bool(reasons) != matched
    assert matched or reasons[0].startswith("no ")
