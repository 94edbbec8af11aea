"""`wirewatch explain`: one article's whole way, readable at 80 columns."""

import pytest

from tests.cli.conftest import Command
from tests.cli.test_commands import at_work as at_work


def test_the_whole_way_is_told_in_eighty_columns(at_work: Command) -> None:
    at_work.set("COLUMNS", "80")
    (article,) = at_work.json("articles", "list")
    code, out, _ = at_work("explain", article["url"])
    assert code == 0
    lines = out.splitlines()
    for step in (
        "seen",
        "fetch",
        "extraction",
        "story",
        "topics",
        "alert of syria to desk (waits)",
    ):
        assert step in lines
    assert out.count("500 server-error") == 1
    assert lines[-1].startswith(("It waits at alert of syria to desk", "  "))
    assert all(len(line) <= 80 for line in lines if len(line.split()) > 1)
    found = at_work.json("explain", article["url"])
    assert [step["name"] for step in found["steps"]][:2] == ["seen", "fetch"]
    assert found["alerts"][0]["tries"][0]["status"] == 500
    assert "lease_token" not in found["article"]


def test_why_a_topic_did_not_match_is_told_part_by_part(at_work: Command) -> None:
    code, out, _ = at_work("explain", "1", "--topic", "syria")
    assert (code, "it does match syria" in out) == (0, True)
    assert at_work.json("explain", "1", "--topic", "syria")["why_not"]["lines"] == []
    code, _, err = at_work("explain", "1", "--topic", "nothing")
    assert (code, "there are syria" in err) == (1, True)


@pytest.mark.parametrize("url", ["https://nowhere.example/a", "nonsense", "-1x", "http://[::1"])
def test_an_article_that_nobody_has_shown_is_told(at_work: Command, url: str) -> None:
    code, out, err = at_work("explain", "--", url)
    assert (code, err) == (1, "")
    assert out.startswith("No feed that is watched has shown this article.")
    assert "feeds check" in out


def test_near_guesses_are_named(at_work: Command) -> None:
    (article,) = at_work.json("articles", "list")
    (feed,) = at_work.json("feeds", "list")
    code, out, _ = at_work("explain", feed["url"].replace("/feed", "/something-else"))
    assert code == 1
    assert feed["url"] in out
    found = at_work.json("explain", feed["url"].replace("/feed", "/something-else"))
    assert found["found"] is False
    assert article["id"] == 1
