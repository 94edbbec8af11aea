"""`wirewatch extract`: a page's document from a file, many at once, and what cannot be read."""

import gzip
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.extract.reading import ARTICLE, TEXT, html

HEAD = (
    '<meta name="author" content="Ana Bo"><meta property="article:published_time" '
    'content="2026-03-01T09:30:00+01:00"><link rel=canonical href="https://news.example.org/talks">'
)
FIELDS = [
    "title",
    "text",
    "authors",
    "published",
    "modified",
    "language",
    "image",
    "site_name",
    "section",
    "paywalled",
    "canonical",
]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(html(ARTICLE, head=HEAD))
    return path


def test_one_page_is_one_document(command: Command, page: Path) -> None:
    found = command.json("extract", str(page), "--url", "https://news.example.org/a")
    assert list(found) == FIELDS
    assert found["title"] == "Talks resume in Geneva"
    assert found["text"] == TEXT
    assert found["authors"] == ["Ana Bo"]
    assert found["published"] == "2026-03-01T08:30:00+00:00"
    assert found["language"] == "en"
    assert found["canonical"] == "https://news.example.org/talks"
    assert found["paywalled"] is None


def test_an_address_of_another_site_makes_the_pages_own_unbelievable(
    command: Command, page: Path
) -> None:
    assert command.json("extract", str(page), "--url", "https://x.net/")["canonical"] is None
    assert command.json("extract", str(page))["canonical"] == "https://news.example.org/talks"


def test_a_packed_page_is_unpacked(command: Command, tmp_path: Path) -> None:
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress(html(ARTICLE).encode()))
    assert command.json("extract", str(packed))["text"] == TEXT


def test_a_page_may_come_from_the_input(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(html(ARTICLE).encode()))
    monkeypatch.setattr("sys.stdin", given)
    assert command.json("extract", "-")["text"] == TEXT


def test_people_read_it_without_json(command: Command, page: Path) -> None:
    code, out, err = command("extract", str(page))
    assert (code, err) == (0, "")
    assert "authors:    Ana Bo" in out
    assert "published:  2026-03-01 08:30:00+00:00" in out
    assert "image" not in out
    assert out.endswith(f"\nTalks resume in Geneva\n\n{TEXT}\n\n")


def test_several_pages_are_a_line_each_and_a_bad_one_stops_none(
    command: Command, page: Path, tmp_path: Path
) -> None:
    empty, torn, none = tmp_path / "empty.html", tmp_path / "torn.gz", tmp_path / "none.html"
    empty.write_text("<html></html>")
    torn.write_bytes(gzip.compress(html(ARTICLE).encode())[:-20])
    code, out, err = command(
        "extract", *map(str, (page, empty, torn, none, tmp_path, page)), "--json"
    )
    assert code == 1
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["file"] for line in lines] == [
        str(path) for path in (page, empty, torn, none, tmp_path, page)
    ]
    assert list(lines[0]) == ["file", *FIELDS]
    assert lines[-1] == lines[0]
    assert [line["error"]["reason"] for line in lines[1:-1]] == [
        "no-text",
        "bad-compression",
        "not-found",
        "access-denied",
    ]
    assert all(line["error"]["detail"] for line in lines[1:-1])
    assert err.count("wirewatch: ") == 4


def test_what_cannot_be_read_is_told_by_name(command: Command, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.html")
    code, out, err = command("extract", missing)
    assert (code, out) == (1, "")
    assert f"wirewatch: {missing}: not-found: " in err
    code, out, _ = command("extract", missing, "--json")
    assert code == 1
    assert json.loads(out) == {"error": {"reason": "not-found", "detail": "There is no such file."}}


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_past_the_daemons_limit_is_refused(
    command: Command, tmp_path: Path, packed: bool
) -> None:
    command.set("WIREWATCH_MAX_PAGE_BYTES", "2000")
    body = html(ARTICLE + "<p>word</p>" * 2_000).encode()
    path = tmp_path / "page.html"
    path.write_bytes(gzip.compress(body) if packed else body)
    code, _, err = command("extract", str(path))
    assert code == 1
    assert "too-large" in err
