"""The demo's newsroom: what it promises about the news it invents."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from worker.demo.newsroom import Item, Kind, Newsroom
from worker.demo.outlets import OUTLETS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PLACE = re.compile(r"\b(Syria|Damascus)\b")
DIPLOMACY = re.compile(r"\b(talks|ceasefire|envoy|foreign minister)\b")


def news(seed: int, items: int) -> list[Item]:
    """The history of three items an outlet, then `items` more, a second and a half apart."""
    newsroom = Newsroom(seed)
    pause = timedelta(seconds=1.5)
    history = newsroom.history(NOW, 3)
    return history + [newsroom.write(NOW + nth * pause) for nth in range(1, items + 1)]


@pytest.fixture(scope="module")
def plenty() -> list[Item]:
    return news(seed=7, items=2_000)


def test_the_same_seed_writes_the_same_news() -> None:
    assert news(seed=3, items=200) == news(seed=3, items=200)
    assert news(seed=3, items=200) != news(seed=4, items=200)


def test_the_history_is_older_than_now_and_in_order() -> None:
    history = Newsroom(1).history(NOW, 3)
    assert Counter(item.outlet.slug for item in history) == {o.slug: 3 for o in OUTLETS}
    assert all(one.published < two.published for one, two in pairwise(history))
    assert history[-1].published < NOW


def test_two_originals_never_share_headline_lead_or_text(plenty: list[Item]) -> None:
    originals = [item for item in plenty if item.kind in (Kind.ORIGINAL, Kind.TWICE)]
    for told in ("headline", "summary", "text"):
        assert len({getattr(item, told) for item in originals}) == len(originals)


def test_a_copy_has_the_text_and_headline_of_its_story_elsewhere(plenty: list[Item]) -> None:
    first = {item.story: item for item in reversed(plenty)}
    copies = [item for item in plenty if item.kind is Kind.COPY]
    assert len(copies) > 300
    for copy in copies:
        original = first[copy.story]
        assert (copy.headline, copy.text) == (original.headline, original.text)
        assert copy.outlet != original.outlet


def test_a_reheaded_copy_differs_in_its_headline_only_and_is_rare(plenty: list[Item]) -> None:
    first = {item.story: item for item in reversed(plenty)}
    kinds = Counter(item.kind for item in plenty)
    for item in plenty:
        if item.kind is Kind.REHEADED:
            assert item.text == first[item.story].text
            assert item.headline != first[item.story].headline
    share = kinds[Kind.REHEADED] / (kinds[Kind.REHEADED] + kinds[Kind.COPY])
    assert share == pytest.approx(1 / 6, abs=0.02)


def test_an_update_extends_a_text_at_its_own_address(plenty: list[Item]) -> None:
    first = {item.path: item for item in reversed(plenty)}
    updates = [item for item in plenty if item.kind is Kind.UPDATE]
    assert updates
    for update in updates:
        original = first[update.path]
        assert update.text.startswith(original.text + "\n")
        assert update.guid == original.guid
        assert update.published == original.published < update.updated


def test_an_updated_story_is_never_copied(plenty: list[Item]) -> None:
    updated: set[str] = set()
    for item in plenty:
        assert item.story not in updated or item.kind is Kind.UPDATE
        if item.kind is Kind.UPDATE:
            updated.add(item.story)


def test_an_item_seen_twice_stands_in_two_feeds_of_one_outlet(plenty: list[Item]) -> None:
    for item in plenty:
        doubled = len(item.feeds) > 1
        assert doubled is (item.kind is Kind.TWICE) or item.kind is Kind.UPDATE
        assert set(item.feeds) <= set(item.outlet.feeds)


def test_exactly_the_news_on_syria_has_the_words_of_the_topic(plenty: list[Item]) -> None:
    for item in plenty:
        for told in (item.headline + "\n" + item.text, item.summary):
            found = bool(PLACE.search(told) and DIPLOMACY.search(told))
            assert found is item.matches, told
    share = sum(item.matches for item in plenty) / len(plenty)
    assert share == pytest.approx(0.4, abs=0.05)


def test_texts_are_as_long_as_wire_reports_and_have_no_gaps(plenty: list[Item]) -> None:
    for item in plenty:
        assert 150 <= len(item.text.split()) <= 400
        assert not re.search(r"[{}]", item.headline + item.text)
        assert all(re.match(r'["A-Z0-9]', paragraph) for paragraph in item.paragraphs)


def test_a_run_of_thirty_items_has_every_kind() -> None:
    for seed in range(1, 20):
        assert {item.kind for item in news(seed, items=30)} == set(Kind)
