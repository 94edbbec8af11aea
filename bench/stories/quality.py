"""How well copies are found: the real rules and store, in random order, beside MinHash-LSH."""

import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.stories import baselines, data
from worker import dedupe, store
from worker.clustering import FileArticle, cluster, moment, read_articles, score
from worker.records import Candidate, ClaimedArticle, Document, Nearby

_GROUP = 64  # a transaction's articles: larger than the daemon's, for the sake of time
_BACKGROUND, _MUCH_BACKGROUND = 3_000, 14_000
_WIRES, _COPIES = 20, 60
_NOW = datetime(2026, 1, 5, tzinfo=UTC)


def run() -> None:
    if not (data.folder() / "copies").exists():
        print(f"not measured: {data.folder()} is not there; set WIREWATCH_DATA")
        return
    copies, hard = data.labelled("copies"), data.labelled("hard")
    corpus = list(read_articles(data.folder() / "topics" / "corpus.jsonl.gz"))
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        place = Path(folder)
        _copies(place, copies)
        _hard(place, hard, data.unrelated(corpus, hard))
        _real_pairs()
        _wires(place, corpus)
        _bridging(place, hard, data.unrelated([*corpus, *copies], hard))


def _stories(place: Path, articles: Sequence[FileArticle], behind: Path | None) -> dict[str, int]:
    """The story of each article, in a store that already holds what `behind` holds."""
    file = place / "stories.db"
    file.unlink(missing_ok=True)
    if behind is not None:
        shutil.copy(behind, file)
    db = store.Database(f"sqlite:///{file}", patience_s=5)
    store.upgrade(db)
    placed = cluster(db, articles, _NOW, _GROUP)
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return {one.id: one.story for one in placed}


def _filled(place: Path, background: Sequence[FileArticle]) -> tuple[Path, set[int]]:
    told = _stories(place, background, None)
    kept = place / "background.db"
    shutil.move(place / "stories.db", kept)
    return kept, set(told.values())


def _copies(place: Path, articles: list[FileArticle]) -> None:
    truth = {one.id: one.truth for one in articles}
    kinds = data.kinds("copies")
    for seed in data.SEEDS:
        stories = _stories(place, data.shuffled(articles, seed), None)
        p, r, f1 = score(stories, truth)
        glued = _glued(stories, truth, [i for i, kind in kinds.items() if kind == "template"])
        print(f"copies, seed {seed}: F1 {f1:.4f} (0.990)  precision {p:.4f} (0.995)  "
              f"recall {r:.4f} (0.985)  templates joined {glued} (0)", flush=True)  # fmt: skip
    _beside("copies", articles, truth)


def _hard(place: Path, articles: list[FileArticle], unrelated: list[FileArticle]) -> None:
    truth = {one.id: one.truth for one in articles}
    languages, kinds = data.languages("hard"), data.kinds("hard")
    behind, _ = _filled(place, unrelated[:_BACKGROUND])
    for seed in data.SEEDS:
        stories = _stories(place, data.shuffled(articles, seed), behind)
        p, r, f1 = score(stories, truth)
        each = {
            lang: score({i: s for i, s in stories.items() if languages[i] == lang}, truth).f1
            for lang in sorted(set(languages.values()))
        }
        templates = [i for i, kind in kinds.items() if kind.startswith("neg_template")]
        print(
            f"hard behind {min(_BACKGROUND, len(unrelated)):,}, seed {seed}: F1 {f1:.4f} (0.985)  "
            f"precision {p:.4f} (0.995)  recall {r:.4f}  "
            + "  ".join(f"{lang} {value:.3f}" for lang, value in each.items())
            + f" (0.97 each)  templates joined {_glued(stories, truth, templates)} (0)",
            flush=True,
        )
    _beside("hard", articles, truth)


def _glued(stories: dict[str, int], truth: dict[str, object], ids: Sequence[str]) -> int:
    """How many of these articles share a story with an article of another true story."""
    told: dict[int, set[object]] = {}
    for name, story in stories.items():
        told.setdefault(story, set()).add(truth[name])
    return sum(len(told[stories[name]]) > 1 for name in ids)


def _beside(name: str, articles: list[FileArticle], truth: dict[str, object]) -> None:
    for library, best in baselines.best(articles, truth).items():
        print(f"  {name} by {library}: F1 {best.f1:.4f} at {best.threshold}", flush=True)


def _real_pairs() -> None:
    hits: Counter[tuple[bool, bool]] = Counter()
    with (data.folder() / "copies" / "real_pairs.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            same, joined = bool(int(row["label"])), _joined(row["a"], row["b"])
            hits[same, joined] += 1
    both, false, missed = hits[True, True], hits[False, True], hits[True, False]
    print(
        f"real pairs: precision {both / (both + false):.3f} (0.92)  "
        f"recall {both / (both + missed):.3f} (0.90)  of {sum(hits.values())}",
        flush=True,
    )


def _joined(first: dict[str, str], second: dict[str, str]) -> bool:
    """Whether the rules put the second article of a pair into the story of the first."""
    times = [moment(one["date"] or "") for one in (first, second)]
    claim = ClaimedArticle(
        id=2, token=1, url="urn:2", link=f"https://{second['source']}/2", title=second["title"],
        html="", authors=(), published=times[1] or _NOW, published_known=times[1] is not None,
        first_seen=_NOW, story_id=None, page_tries=0, attempts=1,
    )  # fmt: skip
    document = Document(title=second["title"], text=second["text"])
    new = dedupe.ingested(claim, document, matches=(), fetched_at=_NOW)
    other = replace(claim, link=f"https://{first['source']}/1")
    stored = Candidate(1, 1, first["title"], first["text"], times[0], dedupe.publisher(other))
    return dedupe.verdict(new, [], Nearby(candidates=(stored,))).joins is not None


def _wires(place: Path, corpus: list[FileArticle]) -> None:
    """One wire with sixty copies, twenty times, each cut or led in a way of its own."""
    chance = random.Random(7)
    long: list[FileArticle] = []
    for one in corpus:
        if len(one.text.split("\n")) >= 6 and data.unrelated([one], long):
            long.append(one)
        if len(long) == _WIRES:
            break
    copies = [
        replace(
            one,
            id=f"{one.id}-{n}",
            text=_recut(one.text, chance),
            published=None,
            source=f"paper{n}.example",
            truth=one.id,
        )
        for one in long
        for n in range(_COPIES)
    ]
    stories = _stories(place, data.shuffled(copies, 1), None)
    split = [len({stories[one.id] for one in copies if one.truth == wire.id}) for wire in long]
    print(f"wires of {_COPIES} copies in one story: {split.count(1)} of {len(split)} "
          f"(all); together {len(set(stories.values()))} stories", flush=True)  # fmt: skip


def _recut(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    kept = lines[: chance.randint(max(3, len(lines) * 2 // 3), len(lines))]
    furniture = f"Desk {chance.randint(1, 10**6)} of the paper asks readers to write to it."
    return "\n".join([*kept, furniture])


def _bridging(place: Path, hard: list[FileArticle], background: list[FileArticle]) -> None:
    """Articles that joined a stranger's story, behind as much background as there is."""
    background = background[:_MUCH_BACKGROUND]
    behind, strangers = _filled(place, background)
    stories = _stories(place, data.shuffled(hard, 1), behind)
    truth = {one.id: one.truth for one in hard}
    first: dict[int, object] = {}
    bridged = 0
    for one in data.shuffled(hard, 1):
        story = stories[one.id]
        bridged += story in strangers or first.setdefault(story, one.truth) != one.truth
    found = score(stories, truth)
    print(
        f"bridged behind {len(background):,} unrelated: {bridged / len(hard):.2%} (0.2 %)  "
        f"F1 {found.f1:.4f}",
        flush=True,
    )
