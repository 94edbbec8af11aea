"""What is not from the hub, or not what was asked of it, is refused and leaves nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.hub import Hub
from tests.push.conftest import (
    ITEM,
    SECOND,
    THIRD,
    Pushed,
    document,
    minutes_to_next_poll,
    subscribed,
)

# ---- forged questions


@pytest.mark.parametrize(
    "changed",
    [
        {"topic": "http://other.test/feed"},
        {"mode": "unsubscribe"},
        {"mode": ""},
        {"challenge": ""},
        {"challenge": "x" * 1_001},
    ],
    ids=["another-topic", "unsubscribe", "no-mode", "no-challenge", "endless-challenge"],
)
def test_a_question_that_is_not_about_what_was_asked_for_is_not_confirmed(
    lone_desk: Pushed, hub: Hub, changed: dict[str, str]
) -> None:
    hub.verifies = False
    subscribed(lone_desk, hub)
    status, body = lone_desk.intent(hub, **changed)
    assert status in (400, 404)
    assert changed.get("challenge", "a challenge").encode() not in body or not changed["challenge"]
    assert lone_desk.subscription()["state"] == "asked"
    assert lone_desk.intent(hub) == (200, b"a challenge & more")


def test_a_subscription_that_nobody_asked_for_is_not_confirmed(lone_desk: Pushed, hub: Hub) -> None:
    hub.status = 500  # it refused, and so has nothing to verify
    subscribed(lone_desk, hub)
    assert lone_desk.intent(hub)[0] == 404
    assert lone_desk.one("feed")["pushed_until"] is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path[:-2],
        lambda path: path + "A",
        lambda path: "/push/0123456789abcdef/" + path.rpartition("/")[2],
        lambda path: "/push/%F0%9F%92%A9/x",
        lambda path: "/push/a/b/c",
    ],
)
def test_a_callback_is_known_by_its_whole_path_alone(
    lone_desk: Pushed, hub: Hub, spoil: Callable[[str], str]
) -> None:
    subscribed(lone_desk, hub)
    path = spoil(urlsplit(hub.callback).path)
    body = document(SECOND)
    signed = {"X-Hub-Signature": hub.signature(body)}
    assert lone_desk.ask("POST", path, body, signed)[0] == 404
    assert lone_desk.ask("GET", path)[0] == 404


# ---- forged pushes


def _upper(signature: str) -> str:
    return signature.upper()


@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("spelt", [str, _upper], ids=["as-usual", "upper-case"])
def test_a_good_signature_is_taken_in_any_case(
    lone_desk: Pushed, hub: Hub, method: str, spelt: Callable[[str], str]
) -> None:
    subscribed(lone_desk, hub)
    body = document(SECOND)
    assert lone_desk.push(hub, body, spelt(hub.signature(body, method)))[0] == 202


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        "md5=" + "0" * 32,
        "0" * 64,
        "sha256=é",
        "sha512=SHORT",
    ],
)
def test_a_forged_push_is_refused_and_leaves_nothing(
    lone_desk: Pushed, hub: Hub, forged: str
) -> None:
    subscribed(lone_desk, hub)
    forged = forged.replace("SHORT", hub.signature(document(SECOND))[7:])
    status, told = lone_desk.push(hub, document(SECOND), forged)
    assert (status, told["error"]) == (403, "bad-signature")
    assert lone_desk.rows("push_body") == []


def test_a_signature_for_another_body_is_refused(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    assert lone_desk.push(hub, document(THIRD), hub.signature(document(SECOND)))[0] == 403


def test_what_is_signed_with_sha1_alone_is_not_taken_but_polled(
    lone_desk: Pushed, hub: Hub
) -> None:
    subscribed(lone_desk, hub)
    lone_desk.clock.ahead = timedelta(seconds=30)
    body = document(SECOND)
    answer = lone_desk.push(hub, body, hub.signature(body, "sha1"))
    assert answer == (202, {"status": "polling"})
    lone_desk.take_in()
    assert lone_desk.titles() == [ITEM["title"]]
    assert minutes_to_next_poll(lone_desk) <= 0


def test_what_is_signed_with_sha1_is_taken_where_the_operator_allows_it(
    weak_desk: Pushed, hub: Hub
) -> None:
    subscribed(weak_desk, hub)
    body = document(SECOND)
    assert weak_desk.push(hub, body, hub.signature(body, "sha1"))[1] == {"status": "kept"}
    weak_desk.take_in()
    assert SECOND["title"] in weak_desk.titles()


def test_a_body_that_comes_again_makes_nothing_new(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    body, corrected = document(SECOND), document(SECOND | {"title": "Talks are off"})
    for one in (body, corrected):
        desk.push(hub, one)
        desk.take_in()
    assert desk.push(hub, body) == (202, {"status": "known"})
    desk.take_in()
    assert len(desk.titles()) == 2
    feed_titles = {row["feed_title"] for row in desk.rows("article")}
    assert "Talks are off" in feed_titles, "an old version that is replayed does not come back"


def test_known_entries_in_another_body_make_nothing_new(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.push(hub, document(SECOND))
    desk.take_in()
    desk.nudges.clear()
    assert desk.push(hub, document(SECOND, ITEM)) == (202, {"status": "kept"})
    desk.take_in()
    assert len(desk.titles()) == 2
    assert desk.nudges == ["push"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_hundred_megabytes_is_refused(
    lone_desk: Pushed, hub: Hub, chunked: bool
) -> None:
    subscribed(lone_desk, hub)
    body: Any = (b"x" * 1024**2 for _ in range(100)) if chunked else b"x" * 100 * 1024**2
    path = urlsplit(hub.callback).path
    try:
        status, _ = lone_desk.ask("POST", path, body, {"X-Hub-Signature": "sha256=" + "0" * 64})
    except (BrokenPipeError, ConnectionResetError):
        status = 413  # hung up on before all of it was sent
    assert status == 413
    assert lone_desk.rows("push_body") == []
    assert lone_desk.push(hub, document(SECOND))[0] == 202, "the door is still open"


def test_too_much_that_waits_is_refused_for_now(lone_desk: Pushed, hub: Hub) -> None:
    subscribed(lone_desk, hub)
    answers = [
        lone_desk.push(hub, document(SECOND | {"guid": str(number)}))[0] for number in range(21)
    ]
    assert answers == [202] * 20 + [503]
    lone_desk.take_in()
    assert lone_desk.push(hub, document(THIRD))[0] == 202


def test_a_push_that_is_no_feed_has_the_feed_polled(desk: Pushed, hub: Hub) -> None:
    subscribed(desk, hub)
    desk.clock.ahead = timedelta(seconds=30)
    assert desk.push(hub, b"<html><body>not a feed</body></html>")[0] == 202
    desk.take_in()
    assert minutes_to_next_poll(desk) <= 0
    assert desk.subscription()["reason"] == "not-a-feed"
    assert desk.nudges[-1] == "poll"
