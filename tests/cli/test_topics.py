"""`wirewatch topics check`, `explain` and `tag`."""

import gzip
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.test_commands import at_work  # noqa: F401 (a fixture)
from worker import configure, runtime, store
from worker.store import Database

TOPICS = """\
topics:
  - name: syria
    title: Syria
    channels: []
    query: title:Syria AND (talks OR U.N.)
  - name: weighed
    title: Weighed
    channels: []
    rules:
      groups: [{name: talks, weight: 1, any: [talks]}, {name: truce, weight: 1, any: [truce]}]
      threshold: 5
"""
ARTICLES = [
    {"id": "a", "title": "Syria", "text": "talks", "label": 1},
    {"id": "b", "title": "Iran", "text": "talks and truce", "label": 1},
    {"id": "c", "title": "Syria talks", "text": "truce", "label": 0},
]


@pytest.fixture
def topics(tmp_path: Path) -> str:
    path = tmp_path / "some.yml"
    path.write_text(TOPICS, "utf-8")
    return str(path)


@pytest.fixture
def articles(tmp_path: Path) -> str:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in ARTICLES), "utf-8")
    return str(path)


def test_check_says_that_all_is_well_or_every_mistake(command: Command, topics: str) -> None:
    assert command("topics", "check", topics) == (0, f"{topics}: 2 topics: all is well.\n", "")
    Path(topics).write_text(TOPICS.replace("talks OR", "talks or").replace("threshold: 5", ""))
    code, _, err = command("topics", "check", topics)
    assert code == 1
    assert f"{topics}:5: topics[0].query: column 35: or is no operator" in err
    assert f"{topics}:10: topics[1].rules.threshold: threshold is missing" in err


def test_explain_tells_how_a_topic_was_read(command: Command, topics: str) -> None:
    code, out, _ = command("topics", "explain", "syria", "--topics", topics)
    assert code == 0
    assert "in title:\n    Syria\n  one of: talks, U.N.\n" in out
    assert "U.N. as UN" in out
    _, out, _ = command("topics", "explain", "weighed", "--topics", topics)
    assert "matches from 5 points on; a place is worth: title 3, lead 2, body 1" in out
    code, _, err = command("topics", "explain", "--query", "a or b")
    assert (code, "a or b\n  ^ or is no operator" in err) == (1, True)


def test_tag_prints_a_line_for_each_article_and_topic(
    command: Command, topics: str, articles: str
) -> None:
    code, out, _ = command("topics", "tag", articles, "--topics", topics)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(one["id"], one["topic"], one["matched"], one["score"]) for one in lines] == [
        ("a", "syria", True, 1.0),
        ("a", "weighed", False, 2.0),
        ("b", "syria", False, 0.0),
        ("b", "weighed", False, 4.0),
        ("c", "syria", True, 1.0),
        ("c", "weighed", True, 5.0),
    ]
    assert lines[0]["evidence"][0] == {
        "term": "Syria", "field": "title", "start": 0, "end": 5, "text": "Syria",
        "group": "query", "points": 1.0,
    }  # fmt: skip


def test_tag_judges_one_topic_by_a_label(command: Command, topics: str, articles: str) -> None:
    judge = ("topics", "tag", articles, "--topics", topics, "--truth", "label")
    code, out, err = command(*judge, "--topic", "syria")
    assert (code, len(out.splitlines())) == (0, 3)
    assert err == (
        "syria: precision 0.500, recall 0.500, F1 0.500 (3 articles, 1 right, 1 wrong, 1 missed)\n"
    )
    code, _, err = command(*judge)
    assert (code, "add --topic, one of syria, weighed" in err) == (1, True)


def test_tag_reads_gzip_and_the_standard_input(
    command: Command, topics: str, articles: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = command("topics", "tag", articles, "--topics", topics)
    packed = Path(articles + ".gz")
    packed.write_bytes(gzip.compress(Path(articles).read_bytes()))
    assert command("topics", "tag", str(packed), "--topics", topics) == told
    stdin = io.TextIOWrapper(io.BytesIO(Path(articles).read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert command("topics", "tag", "-", "--topics", topics) == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", ":2: this is no JSON"),
        ("[]", ":2: write an object with id, title and text"),
        ('{"text": 5}', ":2: write an object"),
        ('{"id": "x", "text": "x"}', ":2: there is no key 'label'"),
    ],
)
def test_tag_names_the_line_that_it_cannot_read(
    command: Command, topics: str, articles: str, line: str, told: str
) -> None:
    Path(articles).write_text(json.dumps(ARTICLES[0]) + f"\n{line}\n", "utf-8")
    arguments = ("--topics", topics, "--topic", "syria", "--truth", "label")
    code, _, err = command("topics", "tag", articles, *arguments)
    assert (code, told in err) == (1, True)
    code, _, err = command("topics", "tag", articles + ".none", *arguments)
    assert (code, "there is no such file" in err) == (1, True)


# ---- stored articles


def test_a_rule_is_tested_on_what_is_stored(at_work: Command, topics: str) -> None:  # noqa: F811
    code, out, _ = at_work("topics", "test", topics, "--topic", "syria", "--since", "2d")
    assert code == 0
    assert "1 hits in 1 stories, about 0.5 alerts a day; 1 articles looked at" in out
    assert "The highest:\n       1  Talks on Syria  [Talks, Syria]" in out
    assert "New against what is at work: 0" not in out
    (told,) = at_work.json("topics", "test", topics, "--topic", "syria")
    assert (told["hits"], told["come"], told["gone"]) == (1, [], [])
    code, out, _ = at_work("topics", "test", topics, "--topic", "weighed")
    assert "Terms that match" not in out
    code, _, err = at_work("topics", "test", topics, "--since", "yesterday")
    assert (code, "'yesterday' is no span of time. Write days or hours" in err) == (1, True)


def test_a_match_is_marked_and_the_mark_taken_back(at_work: Command) -> None:  # noqa: F811
    (match,) = at_work.json("matches", "list")
    id_ = str(match["article_id"])
    for says, mark in (("right", True), ("wrong", False), ("unsaid", None)):
        assert at_work("matches", "mark", id_, "syria", says)[0] == 0
        (match,) = at_work.json("matches", "list", "--topic", "syria")
        assert match["mark"] is mark
    code, _, err = at_work("matches", "mark", id_, "syria", "perhaps")
    assert (code, "Write right, wrong or unsaid" in err) == (1, True)
    code, _, err = at_work("matches", "mark", "999", "syria", "right")
    assert (code, "Article 999 does not match a topic 'syria'" in err) == (1, True)
    assert "unsaid" in at_work("matches", "list")[1]


def test_a_second_opinion_waits_for_enough_marks(at_work: Command) -> None:  # noqa: F811
    (match,) = at_work.json("matches", "list")
    at_work("matches", "mark", str(match["article_id"]), "syria", "right")
    code, _, err = at_work("matches", "list", "--topic", "syria", "--opinion")
    assert (code, "syria: 1 matches are marked right and 0 wrong" in err) == (1, True)
    code, _, err = at_work("matches", "list", "--at-least", "0.5")
    assert (code, "An opinion is on one topic" in err) == (1, True)


def test_status_tells_that_files_were_refused(at_work: Command) -> None:  # noqa: F811
    assert at_work.json("status")["notices"] == {}
    db = Database(at_work.fleet.database_url, patience_s=5)
    notice = "topics.yml:5: or is no operator."
    db.write(lambda c: store.give_notice(c, configure.REFUSED, notice, runtime.clock()))
    db.close()
    _, out, _ = at_work("status")
    assert "the last good ones stay at work: topics.yml:5: or is no operator." in out
    assert at_work.json("status")["notices"]["configuration"]["text"] == notice
