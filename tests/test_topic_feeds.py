"""Topics as feeds: read back by our own parser and by feedparser, whatever strangers wrote."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.parse import parse_feed
from worker.records import FeedStory, ParsedFeed, TopicFeed
from worker.topic_feeds import FORMS, feed_id, key_of, story_id

NOW = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
EVIDENCE = ({"term": "talks", "text": "Talks", "field": "title", "start": 0, "end": 5},)
STORY = FeedStory(
    story_id=7,
    story_seen=NOW - timedelta(hours=2),
    last_seen=NOW,
    updated=NOW - timedelta(hours=1),
    published=NOW - timedelta(hours=3),
    title="Talks & tea in Geneva: 3 < 4",
    url="https://news.example/a?b=1&c=2",
    lead="They met again. <script>alert(1)</script>",
    authors=("Ann Onym", "Bo"),
    language="en",
    site_name="The News",
    publishers=3,
    evidence=EVIDENCE,
)
FEED = TopicFeed("syria", "Syria & more", NOW - timedelta(days=1), (STORY,))
HOME = "https://watch.example/topics/key/syria.atom"


def read(form: str, feed: TopicFeed) -> ParsedFeed:
    write, kind = FORMS[form]
    parsed = parse_feed(write(feed, HOME), url=HOME, content_type=kind)
    assert isinstance(parsed, ParsedFeed)
    return parsed


@pytest.mark.parametrize("form", FORMS)
def test_our_own_parser_reads_what_was_written(form: str) -> None:
    parsed = read(form, FEED)
    assert parsed.title == FEED.title
    assert not parsed.tolerant, "nothing had to be mended"
    (entry,) = parsed.entries
    assert entry.guid == story_id("syria", STORY)
    assert entry.link == STORY.url
    assert entry.title == STORY.title
    assert entry.published == STORY.published.replace(microsecond=0)
    assert "3 publishers" in entry.html
    assert "<script>" not in entry.html
    assert "Talks" in entry.html


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_feedparser_reads_it_as_well_formed(form: str) -> None:
    parsed = feedparser.parse(FORMS[form][0](FEED, HOME))
    assert not parsed.bozo
    assert parsed.feed.title == FEED.title
    (entry,) = parsed.entries
    assert (entry.id, entry.link) == (story_id("syria", STORY), STORY.url)
    assert [link.href for link in parsed.feed.links if link.rel == "self"] == [HOME]
    assert "They met again." in entry.description


def test_a_json_feed_says_how_far_a_story_has_spread_and_why_it_is_in() -> None:
    told = json.loads(FORMS["json"][0](FEED, HOME))
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = told["items"]
    assert item["_wirewatch"]["publishers"] == 3
    assert item["_wirewatch"]["evidence"] == [dict(EVIDENCE[0])]
    assert item["date_published"] == "2026-03-02T09:00:00Z"


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_of_nothing_is_a_feed(form: str) -> None:
    write, _ = FORMS[form]
    empty = replace(FEED, stories=())
    told = feedparser.parse(write(empty, None)) if form != "json" else None
    assert told is None or (not told.bozo and told.feed.title == FEED.title)
    assert write(empty, None) == write(empty, None)


def test_ids_stay_whatever_is_told_of_a_story_and_differ_between_topics_and_installations() -> None:
    told_anew = replace(STORY, title="Other", url=None, publishers=9, updated=NOW)
    assert story_id("syria", told_anew) == story_id("syria", STORY)
    elsewhere = replace(STORY, story_seen=STORY.story_seen + timedelta(microseconds=1))
    ids = {story_id("syria", STORY), story_id("iran", STORY), story_id("syria", elsewhere)}
    assert len(ids | {feed_id("syria"), feed_id("iran")}) == 5


def test_a_key_is_of_one_topic_and_one_secret() -> None:
    assert len({key_of("a" * 16, "x"), key_of("a" * 16, "y"), key_of("b" * 16, "x")}) == 3


HOSTILE = {
    "what XML forbids": "a\x00b\x08c\ufffe\udfff",
    "an override": "\u202egnp.exe",
    "an embedding never closed": "\u202babc \u2067def",
    "the end of CDATA": "]]><entry><title>x</title></entry>",
    "an entity": "&xxe; &#0; &amp;",
    "right to left": "محادثات سوريا 2026 (Geneva)",
    "only blanks": " \n\t ",
    "nothing": "",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_strangers_write_stays_theirs(form: str, name: str) -> None:
    bad = HOSTILE[name]
    piece = {"term": bad, "text": bad, "field": "title", "start": 0, "end": 1}
    story = replace(STORY, title=bad, lead=bad, authors=(bad,), site_name=bad, evidence=(piece,))
    body = FORMS[form][0](replace(FEED, title=bad or "x", stories=(story,)), HOME)
    assert len(read(form, replace(FEED, stories=(story,))).entries) == 1
    if form != "json":
        assert not feedparser.parse(body).bozo
    told = body.decode()
    assert not set(told) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
    assert told.count("\u2068") == told.count("\u2069"), "what is opened is closed"


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_a_well_formed_feed(title: str, lead: str) -> None:
    piece = {"text": lead}
    story = replace(STORY, title=title, lead=lead, authors=(title,), evidence=(piece,))
    for form in ("atom", "rss"):
        parsed = feedparser.parse(FORMS[form][0](replace(FEED, stories=(story,)), HOME))
        assert not parsed.bozo
        assert len(parsed.entries) == 1
    json.loads(FORMS["json"][0](replace(FEED, stories=(story,)), HOME))
