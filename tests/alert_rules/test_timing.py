"""When an alert goes: at once, after quiet hours, in a digest, or when there is room."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alert_rules.making import NOW, case, channel, hours, topic_row
from worker.alert_rules import combined
from worker.alerts import decide, timing, waits_until
from worker.records import Manners, Room, TopicRow

NIGHT = datetime(2026, 3, 4, 23, 15, tzinfo=UTC)
SEVEN = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
QUIET: dict[str, Any] = {"quiet": ["22:00-07:00 UTC"]}


def manners(*, urgent: bool = False, **rules: Any) -> Manners:
    return combined("desk", rules, "topic", {}, urgent=urgent).manners


TIMES: list[tuple[dict[str, Any], Room, datetime, datetime | None]] = [
    # rules; room; now; until when it waits
    ({}, Room(99), NIGHT, None),
    (QUIET, Room(), NOW, None),
    (QUIET, Room(), NIGHT, SEVEN),
    ({"quiet": None}, Room(), NIGHT, None),
    (QUIET | {"urgent": True}, Room(), NIGHT, None),
    ({"digest": "hourly"}, Room(), NIGHT, NIGHT.replace(minute=0) + hours(1)),
    ({"digest": "hourly", "urgent": True}, Room(), NIGHT, None),
    ({"digest": "daily 07:30 UTC"}, Room(), NIGHT, SEVEN + hours(0.5)),
    # a digest that would come in quiet hours comes after them
    (QUIET | {"digest": "hourly"}, Room(), NIGHT, SEVEN),
    (QUIET | {"digest": "daily 06:00 UTC"}, Room(), NOW, SEVEN),
    # so many in any hour; what waits has a place already
    ({"at_most": 2}, Room(1, NOW - hours(0.5)), NOW, None),
    ({"at_most": 2}, Room(2, NOW - hours(0.5)), NOW, NOW + hours(0.5)),
    ({"at_most": 2}, Room(1, NOW - hours(0.5), NOW + hours(0.1)), NOW, NOW + hours(0.1)),
    ({"at_most": 1}, Room(0, None, NOW - hours(0.1)), NOW, NOW - hours(0.1)),
    ({"at_most": 1}, Room(0, None, NOW + hours(9)), NOW, None),
    ({"at_most": 2, "urgent": True}, Room(9, NOW), NOW, None),
    (QUIET | {"at_most": 1}, Room(1, NIGHT - hours(1.5)), NIGHT - hours(1.3), SEVEN),
]


@pytest.mark.parametrize(("rules", "room", "now", "until"), TIMES)
def test_an_alert_is_due_now_or_waits(
    rules: dict[str, Any], room: Room, now: datetime, until: datetime | None
) -> None:
    due_at, fold_at = timing(manners(**rules), room, now)
    assert (due_at, fold_at) == ((None, until) if until else (now, None))


def test_two_topics_of_one_article_take_two_places() -> None:
    rows: dict[int, TopicRow] = {id_: topic_row(id_) for id_ in (3, 4)}
    ids = iter("ab")
    found = decide(
        case(topics=(3, 4)),
        rows,
        {5: channel(at_most=1)},
        lambda _channel, _topic: Room(),
        NOW,
        lambda: next(ids),
    )
    assert [one.due_at for one in found.owed] == [NOW, None]
    assert found.owed[1].fold_at == NOW + hours(1)


def test_what_was_told_is_counted_only_where_there_is_a_limit() -> None:
    def counted(channel_id: int, topic_id: int | None) -> Room:
        raise AssertionError(f"nobody limits {channel_id}, {topic_id}")

    found = decide(case(), {3: topic_row()}, {5: channel()}, counted, NOW, lambda: "a")
    assert [one.due_at for one in found.owed] == [NOW]


@pytest.mark.parametrize(
    ("of_topic", "counted"), [({}, (5, None)), ({"at_most": 2}, (5, 3)), ({"at_most": None}, None)]
)
def test_a_topic_with_a_limit_of_its_own_is_counted_alone(
    of_topic: dict[str, Any], counted: tuple[int, int | None] | None
) -> None:
    asked: list[tuple[int, int | None]] = []

    def count(*key: int | None) -> Room:
        asked.append(key)  # type: ignore[arg-type]
        return Room()

    decide(case(), {3: topic_row(**of_topic)}, {5: channel(at_most=9)}, count, NOW, lambda: "a")
    assert asked == ([counted] if counted else [])


RULES = st.fixed_dictionaries(
    {},
    optional={
        "quiet": st.sampled_from([None, ["22:00-07:00 Europe/Berlin"], ["sat 00:00-24:00 UTC"]]),
        "digest": st.sampled_from([None, "hourly", "daily 07:30 America/New_York"]),
        "at_most": st.sampled_from([None, 1, 5]),
        "urgent": st.booleans(),
    },
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(RULES, MOMENTS, st.integers(0, 9), st.timedeltas(timedelta(), timedelta(minutes=59)))
def test_an_alert_is_never_both_due_and_folded_nor_neither(
    rules: dict[str, Any], now: datetime, told: int, ago: timedelta
) -> None:
    due_at, fold_at = timing(manners(**rules), Room(told, now - ago if told else None), now)
    assert (due_at is None) != (fold_at is None)
    assert due_at in (None, now)
    if fold_at is not None:
        assert fold_at > now
        assert not rules.get("urgent")


@given(RULES, MOMENTS)
def test_what_has_waited_is_never_sent_in_quiet_hours(rules: dict[str, Any], now: datetime) -> None:
    known = manners(**rules)
    until = waits_until(known, now)
    if until is not None:
        assert waits_until(Manners(quiet=known.quiet), until) is None
