"""`wirewatch parse`: what it prints of files, and what it says of those that it cannot read."""

import gzip
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.site import page, rss

FEED = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The Wire</title><link>https://news.example.org/</link><ttl>60</ttl>
<item><title>AT&amp;amp;T and &lt;i&gt;more&lt;/i&gt;</title><link>/1</link>
<guid isPermaLink="false">tag:1</guid><pubDate>Sun, 01 Mar 2026 13:00:00 +0100</pubDate>
<author>ana@a.org (Ana B)</author><description>Short &amp; sweet.</description>
<content:encoded><![CDATA[<p onclick="f()">All of it.<script>x</script></p>]]></content:encoded>
</item><item><description>No more than this.</description></item></channel></rss>"""


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    file = tmp_path / "feed.xml"
    file.write_text(FEED)
    return file


def test_one_file_is_one_document(command: Command, feed: Path) -> None:
    code, out, err = command("parse", str(feed), "--json")
    assert (code, err) == (0, "")
    assert out.startswith('{\n  "feed"')
    told = json.loads(out)
    assert told["feed"]["title"] == "The Wire"
    assert told["feed"]["form"] == "rss20"
    assert told["feed"]["hints"]["ttl_s"] == 3_600
    first, second = told["entries"]
    assert first == {
        "id": "tag:1",
        "link": "/1",
        "title": "AT&amp;T and <i>more</i>",
        "published": "2026-03-01T12:00:00+00:00",
        "authors": ["Ana B"],
        "summary": "Short &amp; sweet.",
        "content": "<p>All of it.</p>",
        "image": None,
    }
    assert [second[key] for key in ("id", "link", "title", "published")] == [None] * 4
    assert second["authors"] == []
    assert (second["summary"], second["content"]) == ("No more than this.", "")


def test_an_address_makes_relative_links_whole(command: Command, feed: Path) -> None:
    told = command.json("parse", str(feed), "--url", "https://news.example.org/feed")
    assert told["entries"][0]["link"] == "https://news.example.org/1"


def test_several_files_are_a_line_each_and_a_bad_one_ends_none(
    command: Command, feed: Path, tmp_path: Path
) -> None:
    html, folder = tmp_path / "page.html", tmp_path / "folder"
    html.write_text(page("Sign in", "Please."))
    folder.mkdir()
    missing = tmp_path / "missing.xml"
    files = [str(file) for file in (html, feed, missing, folder, feed)]
    code, out, err = command("parse", *files, "--json")
    assert code == 1
    told = [json.loads(line) for line in out.splitlines()]
    assert [one["file"] for one in told] == files
    assert [one.get("error", {}).get("reason") for one in told] == [
        *("not-a-feed", None, "not-found", "access-denied", None),
    ]
    assert told[1]["entries"] == told[4]["entries"]
    assert f"wirewatch: {html}: not-a-feed: The site sent an HTML page" in err
    assert f"{missing}: not-found: There is no such file.\n" in err


def test_a_line_ends_nowhere_but_at_its_end(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "odd.xml"
    file.write_text(rss([{"title": "one\u2028two\u0085three", "description": "Мир"}]))
    _, out, _ = command("parse", str(file), str(file), "--json")
    assert len(out.splitlines()) == 2
    assert json.loads(out.splitlines()[0])["entries"][0]["summary"] == "Мир"


def test_a_single_bad_file_is_told_by_name(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "empty.xml"
    file.write_bytes(b"\n")
    code, out, err = command("parse", str(file), "--json")
    detail = "The site sent a feed of no bytes."
    assert code == 1
    assert json.loads(out) == {"error": {"reason": "empty-body", "detail": detail}}
    assert err == f"wirewatch: {file}: empty-body: The site sent a feed of no bytes.\n"


def test_without_json_a_person_reads_it(command: Command, feed: Path) -> None:
    code, out, _ = command("parse", str(feed))
    assert code == 0
    assert out.splitlines() == [
        f"{feed}: The Wire (rss20, 2 entries)",
        "  2026-03-01 12:00:00  AT&T and more",
        "  no date              ",
    ]


def test_notes_are_told(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "broken.xml"
    file.write_text(FEED.replace("</title>", "", 1))
    _, out, _ = command("parse", str(file))
    assert "  note: no well-formed XML: mismatched tag" in out


def test_the_encoding_can_be_told(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "old.xml"
    file.write_bytes(rss([{"title": "Мир"}])[21:].encode("koi8-r"))
    told = command.json("parse", str(file), "--encoding", "koi8-r")
    assert told["entries"][0]["title"] == "Мир"


# ---- compressed, piped, hostile


def test_compressed_files_are_read(command: Command, feed: Path, tmp_path: Path) -> None:
    packed = tmp_path / "feed.xml.gz"
    packed.write_bytes(gzip.compress(feed.read_bytes()))
    assert command.json("parse", str(packed)) == command.json("parse", str(feed))


def test_the_standard_input_is_a_file_too(
    command: Command, feed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(feed.read_bytes())))
    assert command.json("parse", "-") == command.json("parse", str(feed))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"<rss/>", mtime=0)[:-6], "bad-compression"),
        (gzip.compress(b"<rss/>" * 100, mtime=0)[:20] + b"\xff" * 20, "bad-compression"),
        (gzip.compress(b" " * 3_000, mtime=0), "too-large"),
        (b" " * 3_000, "too-large"),
    ],
    ids=["cut off", "broken", "packed and large", "large"],
)
def test_what_is_no_whole_archive_or_too_much_is_refused(
    command: Command, tmp_path: Path, body: bytes, reason: str
) -> None:
    command.set("WIREWATCH_MAX_FEED_BYTES", "2000")
    file = tmp_path / "feed.gz"
    file.write_bytes(body)
    code, _, err = command("parse", str(file))
    assert code == 1
    assert f"{file}: {reason}: " in err


def test_half_an_emoji_ends_nothing(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "feed.json"
    items = '[{"id": "\\ud83d", "title": "a \\ud83d b"}]'
    file.write_text(f'{{"version": "https://jsonfeed.org/version/1", "items": {items}}}')
    for arguments in (["--json"], [], [str(file), "--json"]):
        code, _, err = command("parse", str(file), *arguments)
        assert (code, err) == (0, "")
