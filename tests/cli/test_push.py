"""What `feeds list`, `feeds show`, `status` and `doctor` tell of push."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import Command
from worker import runtime
from worker.cli._push import told_of

NOW = runtime.clock()
PUSH: dict[str, Any] = {
    "kind": "websub",
    "state": "verified",
    "expires_at": NOW + timedelta(days=3),
    "pushed_at": None,
    "detail": "",
}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "websub until "),
        ({"pushed_at": NOW}, ", last "),
        ({"expires_at": None, "state": "asked"}, "websub asked, not verified yet"),
        ({"expires_at": NOW - timedelta(days=1)}, "websub its lease has ended"),
        ({"expires_at": None, "state": "denied", "detail": "No."}, "websub denied: No."),
        ({"expires_at": None, "state": "failed", "detail": "It hung."}, "websub failed: It hung."),
        ({"expires_at": None, "state": "withdrawn"}, "websub no longer offered"),
    ],
)
def test_a_feed_says_how_it_is_pushed_or_why_not(changed: dict[str, Any], told: str) -> None:
    assert told in told_of(PUSH | changed, NOW, True)


def test_a_feed_that_could_be_pushed_says_that_push_is_off() -> None:
    assert told_of(PUSH, NOW, False) == "websub offered, push is off"
    assert told_of(None, NOW, True) == "not offered"


def test_lists_say_so_to_people_and_programs(command: Command) -> None:
    command("feeds", "add", "http://news.test/feed", "--no-look")
    assert "not offered" in command("feeds", "list")[1]
    assert command.json("feeds", "list")[0]["push"] is None
    assert "not offered" in command("feeds", "show", "http://news.test/feed")[1]
    assert "WIREWATCH_PUBLIC_URL and WIREWATCH_PUSH_KEY not set" in command("status")[1]
    assert command.json("status")["push"] == {
        "offered": 0, "pushed": 0, "pushes": 0, "last_at": None, "unread": 0,
    }  # fmt: skip


def test_doctor_says_what_push_lacks(command: Command) -> None:
    command.set("WIREWATCH_PUBLIC_URL", "https://watch.example.org")
    assert "push is off: WIREWATCH_PUSH_KEY not set" in command("doctor")[1]
    command.set("WIREWATCH_PUSH_KEY", "k" * 40)
    command.set("WIREWATCH_PUSH", "false")
    assert "push is off: WIREWATCH_PUSH is false" in command("doctor")[1]
    command.set("WIREWATCH_PUSH", "true")
    code, out, _ = command("doctor")
    assert code == 1
    assert "WIREWATCH_LISTEN is not" in out
    command.set("WIREWATCH_LISTEN", "127.0.0.1:8484")
    assert "hubs reach us at https://watch.example.org" in command("doctor")[1]


def test_a_key_that_is_too_short_is_told_without_being_shown(command: Command) -> None:
    command.set("WIREWATCH_PUSH_KEY", "too-short")
    code, out, err = command("status")
    assert code == 1
    assert "WIREWATCH_PUSH_KEY" in err
    assert "32 characters" in err
    assert "too-short" not in out + err
