"""Rules held against stored articles: backtests, tagging anew, shadow, and marks."""

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from tests.real_data import real_files
from worker import store
from worker.backtest import Backtest, backtest
from worker.records import ChannelSpec, TopicSpec
from worker.retag import Retagger
from worker.store import Database
from worker.store import _tables as t
from worker.topics import Group, Rules, Zones, rules_to_text, words_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SYRIA = TopicSpec("syria", "Syria", "syria AND talks", ("desk",))
TEXTS = [
    ("Talks on Syria", "Peace talks began."),
    ("Syria", "A truce, and talks of U.N. envoys."),
    ("Football", "Syria wins."),
    ("محادثات", "قال الوزير إن المحادثات والمفاوضات في سوريا مستمرة"),
    ("سوریه", "مذاکره‌ها درباره سوریه ادامه دارد"),
    ("叙利亚", "叙利亚停火谈判"),
    ("सीरिया", "सीरिया पर वार्ता"),
    ("Talks", "Talks stall in Vienna."),
]


def fill(db: Database, texts: Sequence[tuple[str, str]], *, indexed: bool = True) -> list[int]:
    """Store articles, one an hour, the last now."""

    def write(connection: store.Connection) -> list[int]:
        ids = []
        for number, (title, body) in enumerate(texts):
            seen = NOW - timedelta(hours=len(texts) - number)
            row = {
                "url": f"https://news.example/{number}", "title": title, "text": body,
                "feed_title": "", "html": "", "authors": [], "detail": "", "attempts": 0,
                "published_at": seen, "published_known": True, "first_seen_at": seen,
                "stored_at": seen, "page_tries": 1, "host": "news.example", "language": "en",
            }  # fmt: skip
            added = insert(t.article).values(row).returning(t.article.c.id)
            ids.append(int(connection.execute(added).scalar_one()))
            if indexed:
                store.index_words(connection, ids[-1], words_of(title, body))
        return ids

    return db.write(write)


def asked(db: Database, query: str, *, full_scan: bool = False, days: int = 30) -> Backtest:
    spec = TopicSpec("t", "T", query)
    return backtest(db, spec, NOW - timedelta(days=days), NOW, full_scan=full_scan)


def ids_of(result: Backtest) -> list[int]:
    return sorted(hit.article.id for hit in result.hits)


WEIGHED = rules_to_text(
    Rules(
        (Group("talks", 2.0, ("talks", "truce")), Group("where", 1.0, ("Syria", "Vienna"))),
        5.0,
        {},
        zones=Zones(2.0, 1.0, 1.0),
    )
)
QUERIES = [
    "syria", "syria AND talks", "syr*", '"peace talks"', "U.N.", "un", "title:syria", "مفاوضات",
    "محادثات", "مذاکره", "叙利亚", "停火 OR truce", "वार्ता", "lang:en", "source:news",
    "lang:en AND talks", "syria NOT football", "syria NEAR/3 talks", '"of U.N. envoy*"', WEIGHED,
    "(syria OR vienna) AND (talks OR truce)", "nothing",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_the_index_changes_no_answer(database: Database, query: str) -> None:
    fill(database, TEXTS)
    gated, whole = asked(database, query), asked(database, query, full_scan=True)
    assert ids_of(gated) == ids_of(whole)
    assert [hit.article.id for hit in gated.misses] == [hit.article.id for hit in whole.misses]
    assert whole.looked_at == len(TEXTS)
    if query in ("syria", "syr*", "叙利亚", "वार्ता", "nothing"):
        assert gated.looked_at < len(TEXTS)


def test_articles_that_are_not_in_the_index_are_looked_at(database: Database) -> None:
    fill(database, TEXTS, indexed=False)
    assert asked(database, "syria AND talks").looked_at == len(TEXTS)
    assert len(asked(database, "syria AND talks").hits) == 2


def test_an_article_whose_text_changes_is_found_by_its_new_words(database: Database) -> None:
    (id_,) = fill(database, [("Talks", "on Syria")])
    database.write(lambda db: store.index_words(db, id_, {"other", "words"}))
    assert asked(database, "syria").looked_at == 0
    assert asked(database, "other").looked_at == 1


def test_a_backtest_tells_what_is_above_and_below_and_by_day(database: Database) -> None:
    ids = fill(database, TEXTS)
    result = asked(database, WEIGHED, days=2)
    assert [(hit.article.id, hit.match.score) for hit in result.hits] == [
        (ids[0], 6.0),
        (ids[7], 5.0),
    ]
    assert [hit.match.score for hit in result.misses] == [4.0, 1.0]
    assert result.per_day() == {NOW.date(): 2}
    assert (result.stories, result.alerts_per_day) == (2, 1.0)


def test_a_backtest_names_terms_that_fire_alone(database: Database) -> None:
    fill(database, TEXTS)
    assert asked(database, "talks OR football").alone() == [("talks", 3), ("football", 1)]


def test_a_backtest_shows_what_changes_against_the_version_at_work(database: Database) -> None:
    ids = fill(database, TEXTS)
    new, old = TopicSpec("t", "T", "syria"), TopicSpec("t", "T", "talks")
    result = backtest(database, new, NOW - timedelta(days=9), NOW, old)
    assert result.come is not None
    assert result.gone is not None
    assert [hit.article.id for hit in result.come] == [ids[2]]
    assert [hit.article.id for hit in result.gone] == [ids[7]]


# ---- tagging anew


def sync(db: Database, *specs: TopicSpec) -> None:
    def write(connection: store.Connection) -> None:
        store.sync_channels(connection, [ChannelSpec("desk", "log", {})], NOW)
        store.sync_topics(connection, specs, NOW)

    db.write(write)


def retag(db: Database) -> int:
    retagger = Retagger(db, lambda: NOW)
    steps = 0
    while retagger.step():
        steps += 1
    return steps


def matched(db: Database) -> dict[int, tuple[float, str]]:
    m = t.match.c
    rows = db.read(lambda c: c.execute(select(m.article_id, m.score, m.version)).all())
    return {row.article_id: (row.score, row.version) for row in rows}


def version(db: Database) -> str:
    return str(db.read(lambda c: c.execute(select(t.topic.c.version)).scalar_one()))


def test_a_changed_topic_tags_what_is_stored_and_alerts_nobody(database: Database) -> None:
    ids = fill(database, TEXTS)
    sync(database, SYRIA)
    assert retag(database) == 2
    first = version(database)
    assert matched(database) == {ids[0]: (1.0, first), ids[1]: (1.0, first)}
    sync(database, TopicSpec("syria", "Syria", "syria", ("desk",)))
    retag(database)
    second = version(database)
    assert second != first
    assert matched(database) == dict.fromkeys(ids[:3], (1.0, second))
    assert database.read(lambda c: c.execute(text("SELECT count(*) FROM alert")).scalar_one()) == 0
    assert retag(database) == 0


def test_tagging_begins_again_where_a_topic_changes_meanwhile(database: Database) -> None:
    fill(database, TEXTS)
    sync(database, SYRIA)
    retagger = Retagger(database, lambda: NOW)
    assert retagger.step()
    sync(database, TopicSpec("syria", "Syria", "vienna", ("desk",)))
    while retagger.step():
        pass
    assert len(matched(database)) == 1


def test_a_mark_stays_with_what_still_matches(database: Database) -> None:
    ids = fill(database, TEXTS)
    sync(database, SYRIA)
    retag(database)
    mark = store.mark_match
    assert database.write(lambda db: mark(db, ids[0], "syria", True, NOW))
    assert not database.write(lambda db: mark(db, ids[7], "syria", True, NOW))
    sync(database, TopicSpec("syria", "Syria", "syria", ("desk",)))
    retag(database)
    marks = database.read(lambda db: store.list_matches(db, "syria", 10))
    assert {row["article_id"]: row["mark"] for row in marks} == {
        ids[0]: True, ids[1]: None, ids[2]: None,
    }  # fmt: skip
    assert database.read(lambda db: store.list_matches(db, "other", 10)) == []


def test_a_topic_in_shadow_has_no_channel(database: Database) -> None:
    sync(database, TopicSpec("syria", "Syria", "syria", ("desk",), shadow=True))
    (row,) = database.read(store.enabled_topics)
    assert (row.channel_ids, row.spec.channels, row.spec.shadow) == ((), ("desk",), True)
    assert row.version == version(database)


def test_the_index_changes_no_answer_on_real_articles(database: Database) -> None:
    (file,) = real_files("topics/corpus.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(400), strict=False)]
    fill(database, [(row["title"], row["text"]) for row in rows])
    for query in ("syria OR iran", '"prime minister" AND elect*', "U.S. NEAR/5 court", WEIGHED):
        gated, whole = asked(database, query), asked(database, query, full_scan=True)
        assert ids_of(gated) == ids_of(whole)
        assert len(gated.misses) == len(whole.misses)
