"""Articles through ingest (fetch, extract, dedupe, tag, store) against trafilatura alone.

CPU time of the children that read the pages is ingest's, too.
"""

import gzip
import json
import os
import statistics
import time
from pathlib import Path

from trafilatura import bare_extraction

from bench import family
from bench.desk import desk, make_due
from bench.site import serving
from worker import pipeline, store
from worker.records import Entry, FeedMemory, FeedVisit, NewArticle
from worker.tools import Tools

ROUNDS = 3


def data_folder() -> Path:
    """Where the real data is: $WIREWATCH_DATA, or shared/data beside the checkout."""
    return Path(os.environ.get("WIREWATCH_DATA", Path(__file__).parents[2] / "shared" / "data"))


def run() -> None:
    pages = data_folder() / "pages"
    if not pages.exists():
        print(f"not measured: {pages} is not there; set WIREWATCH_DATA to the data's folder")
        return
    told = json.loads((pages / "truth.json").read_text())
    bodies = [(t["url"], gzip.decompress((pages / t["file"]).read_bytes())) for t in told]
    with serving(pages) as base, desk([f"{base}/feed/0"]) as tools:
        links = [f"{base}/page/{t['file']}" for t in told]
        _store_articles(tools, links)
        alone, ours = [], []
        for _ in range(ROUNDS):
            alone.append(_alone(bodies))
            ours.append(_ours(tools, len(links)))
        texts = tools.db.read(lambda db: store.list_articles(db, limit=len(links)))
    alone_s, ours_s = statistics.median(alone), statistics.median(ours)
    got = sum(1 for row in texts if row["reason"] is None)
    print(
        f"{len(links)} pages, medians of {ROUNDS} rounds, {got} with text\n"
        f"  trafilatura alone  {len(links) / alone_s:.1f} pages per CPU-s\n"
        f"  whole ingest       {len(links) / ours_s:.1f} pages per CPU-s\n"
        f"  ratio              {ours_s / alone_s:.2f}   (to reach: 1.25 or less)"
    )


def _store_articles(tools: Tools, links: list[str]) -> None:
    def visit() -> FeedVisit:
        (feed,) = tools.db.write(lambda db: store.claim_feeds(db, 1, 60, tools.manners))
        now = tools.clock()
        entries = tuple(
            NewArticle(link, Entry(guid=link, link=link, title=f"Page {n}"), link=link)
            for n, link in enumerate(links)
        )
        return FeedVisit(feed.id, feed.token, feed.url, now, now, 0, FeedMemory(), articles=entries)

    found = visit()
    tools.db.write(lambda db: store.settle_visits(db, [found]))


def _ours(tools: Tools, count: int) -> float:
    make_due(tools, "article")
    before, cpu = tools.counts["ingested"], family.cpu_s()
    while pipeline.ingest(tools, lambda _: None):
        pass
    spent = family.cpu_s() - cpu
    assert tools.counts["ingested"] - before == count, "not every article was ingested"
    return spent


def _alone(bodies: list[tuple[str, bytes]]) -> float:
    cpu = time.process_time()
    for url, body in bodies:
        bare_extraction(
            body, url=url, favor_recall=True, include_comments=False, with_metadata=True
        )
    return time.process_time() - cpu
