"""Real feeds and pages, served from a local site: every entry once, and the text of the pages."""

import gzip
import io
import json
from pathlib import Path

import feedparser
import pytest

from tests.pipeline.conftest import Desk
from tests.real_data import real_files
from tests.site import Site


def test_every_entry_of_every_real_feed_is_stored_exactly_once(desk: Desk, site: Site) -> None:
    files = real_files("feeds/*.xml")
    urls = {
        site.put(f"/{file.name}", file.read_bytes(), kind="application/xml"): file for file in files
    }
    desk.watch(*urls)
    desk.poll()
    desk.poll()
    feeds = {feed["id"]: urls[feed["url"]] for feed in desk.rows("feed")}
    stored: dict[Path, list[str]] = {file: [] for file in files}
    for sighting in desk.rows("sighting"):
        stored[feeds[sighting["feed_id"]]].append(sighting["guid"])
    assert sum(map(len, stored.values())) > 1_000
    for file, guids in stored.items():
        assert len(guids) == len(_entries(file)), file.name
    addresses = [article["url"] for article in desk.rows("article")]
    assert len(addresses) == len(set(addresses))


def _entries(file: Path) -> set[tuple[str, ...]]:
    """What feedparser finds, as everyone calls it; a true repetition counts once.

    An entry that neither an id nor a link names is told apart by what it says, and when.
    """
    body = file.read_bytes()
    if body.startswith(b"{"):  # a JSON Feed, which feedparser does not read
        return {(str(item["id"]),) for item in json.loads(body)["items"]}
    found = feedparser.parse(io.BytesIO(body))
    return {
        (e.get("id") or "", e.get("link") or "", " ".join((e.get("title") or "").split()))
        + (
            ()
            if e.get("id") or e.get("link")
            else (e.get("published") or "", e.get("summary") or "")
        )
        for e in found.entries
    }


@pytest.mark.timeout(240)
def test_nearly_every_real_page_is_stored_with_its_text(desk: Desk, site: Site) -> None:
    files = real_files("pages/*.html.gz")
    links = [
        site.put(f"/{file.name}", gzip.decompress(file.read_bytes()), kind="text/html")
        for file in files
    ]
    desk.watch(site.put_feed("/feed", [{"title": link, "link": link} for link in links]))
    desk.poll()
    desk.ingest()
    articles = desk.rows("article")
    assert len(articles) == len(files)
    with_text = [a for a in articles if a["reason"] is None and len(a["text"]) > 200]
    assert len(with_text) >= 0.95 * len(files)


FURNITURE = (
    "<header><a href='/'>Financial Tribune</a></header><nav><a href='/national'>National</a></nav>"
)


def test_the_seed_article_is_stored_with_one_headline_tagged_and_alerted_once(
    desk: Desk, site: Site
) -> None:
    (file,) = real_files("seed/*.txt")
    lines = [line.strip() for line in file.read_text().splitlines() if line.strip()]
    headline = "Iran Steps Up Efforts to Defuse Syria Conflict"
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = (
        f"<html lang='en'><head><title>{headline} | Financial Tribune</title></head>"
        f"<body>{FURNITURE}<main>{body}</main></body></html>"
    )
    link = site.put("/seed", html)
    site.put("/hook")
    desk.watch(site.put_feed("/feed", [{"title": headline, "link": link}]), query=_shipped_query())
    desk.run()
    desk.run()
    article = desk.one("article")
    assert article["title"] == headline
    assert headline not in article["text"]
    assert "comment" not in article["text"].lower()
    assert "National Desk" not in article["text"]
    assert article["text"].startswith("Iran has held intensive consultations")
    assert article["text"].endswith("raised hopes for a solution.")
    assert len(desk.rows("topic_match")) == 1
    assert len(desk.hooks()) == 1


def _shipped_query() -> str:
    from worker import config_files

    folder = Path(config_files.__file__).parents[2] / "config"
    topics = config_files.load(folder, {}).topics
    return next(topic.query for topic in topics if topic.name == "syria-diplomacy")
