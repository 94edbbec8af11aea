"""`wirewatch stories`: files put into stories, families shown, corrections by hand."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.stories.texts import FERRY, FROST, HARBOUR, ORCHARD
from worker.clustering import moment

LINES = [
    {"id": "a", "title": FERRY, "text": "\n".join(HARBOUR), "date": "2026-01-05", "s": 1},
    {"id": "b", "title": FROST, "text": "\n".join(ORCHARD), "date": "2026-01-05 10:00", "s": 2},
    {"id": "c", "title": FERRY, "text": "\n".join(HARBOUR[:6]), "source": "b.example", "s": 1},
    {"id": "d", "title": FERRY, "text": "\n".join(HARBOUR[:3]), "source": "c.example", "s": 3},
]  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


def test_a_files_articles_come_into_stories(command: Command, file: Path) -> None:
    code, out, _ = command("stories", "cluster", str(file))
    placed = {row["id"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert list(placed) == ["a", "b", "c", "d"]
    assert placed["a"]["story"] == placed["c"]["story"] == placed["d"]["story"]
    assert placed["b"]["story"] != placed["a"]["story"]
    assert [row["relation"] for row in placed.values()] == ["first", "first", "copy", "excerpt"]
    assert placed["c"]["containment"] == 1.0
    assert placed["a"]["containment"] is None


def test_a_packed_file_with_a_truth_is_scored(command: Command, file: Path) -> None:
    packed = file.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    _, out, _ = command("stories", "cluster", str(packed), "--truth", "s")
    # Of three pairs that are put together one is true, and that is all that there is.
    assert json.loads(out.splitlines()[-1]) == {"precision": 0.3333, "recall": 1.0, "f1": 0.5}


@pytest.mark.parametrize("broken", ["{", "[]", '{"id": 1}', "nothing"])
def test_a_line_that_is_no_article_is_told(command: Command, file: Path, broken: str) -> None:
    file.write_text(file.read_text() + broken + "\n")
    code, out, err = command("stories", "cluster", str(file))
    assert (code, out) == (1, "")
    assert f"{file}:5" in err


def test_a_file_that_is_not_there_is_told(command: Command, tmp_path: Path) -> None:
    code, _, err = command("stories", "cluster", str(tmp_path / "none.jsonl"))
    assert code == 1
    assert "cannot be read" in err


def test_a_story_is_shown_split_and_merged(command: Command, file: Path, sqlite_url: str) -> None:
    command("stories", "cluster", str(file), "--database", sqlite_url)
    listed = command.json("stories", "list")
    assert [(row["title"], row["article_count"]) for row in listed] == [(FERRY, 3), (FROST, 1)]
    story = str(listed[0]["id"])
    code, out, _ = command("stories", "show", story)
    assert code == 0
    assert "near-copy: copy of" in out
    assert "[-" in out, "what the copies leave out"
    members = command.json("stories", "show", story)["members"]
    assert members[0]["differences"] == []
    _, out, _ = command("stories", "split", story, str(members[-1]["id"]))
    new = out.split()[1]
    assert len(command.json("stories", "show", new)["members"]) == 1
    _, out, _ = command("stories", "merge", story, new)
    assert f"story {story}" in out
    assert len(command.json("stories", "show", new)["members"]) == 3


@pytest.mark.parametrize("arguments", [("show", "999"), ("merge", "1"), ("split", "999", "1")])
def test_what_is_not_there_is_told(command: Command, arguments: tuple[str, ...]) -> None:
    code, _, err = command("stories", *arguments)
    assert code == 1
    assert err.startswith("wirewatch: ")


@pytest.mark.parametrize(("since", "count"), [("2d", 2), ("2000-01-01", 2), ("2999-01-01", 0)])
def test_stories_since_a_moment_are_listed(
    command: Command, file: Path, sqlite_url: str, since: str, count: int
) -> None:
    command("stories", "cluster", str(file), "--database", sqlite_url)
    assert len(command.json("stories", "list", "--since", since)) == count


def test_a_moment_that_is_none_is_refused(command: Command) -> None:
    code, _, err = command("stories", "list", "--since", "soon")
    assert code == 2
    assert "90m" in err


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-01-05T10:00:00+02:00", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-01-05 10:00:00.000000", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("Mon, 05 Jan 2026 10:00:00 GMT", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("November 14, 2017 ", datetime(2017, 11, 14, tzinfo=UTC)),
        (" 5-JAN-1987 14:59:53.00", datetime(1987, 1, 5, 14, 59, 53, tzinfo=UTC)),
        ("2004", None), ("", None), ("yesterday", None),
    ],
)  # fmt: skip
def test_times_as_files_write_them(text: str, found: datetime | None) -> None:
    assert moment(text) == found
