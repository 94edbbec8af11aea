"""`wirewatch channels`: listed, tried in every form, and given new secrets."""

import json
import re

import pytest
from standardwebhooks import Webhook

from tests.cli.conftest import Command
from tests.cli.test_commands import work
from tests.messages.making import SCHEMA, mistakes
from tests.site import Site
from worker.formats import FORMATS
from worker.samples import KINDS


@pytest.fixture
def applied(command: Command, site: Site) -> Command:
    """A command whose channel `desk` is a webhook to the site, applied."""
    command.fleet.write_config([], site.put("/hook"))
    work(command)
    return command


def test_channels_are_listed(applied: Command) -> None:
    assert applied.json("channels", "list") == [
        {"name": "desk", "kind": "webhook", "format": "standard", "state": "open", "detail": "",
         "paused_until": None}
    ]  # fmt: skip
    code, out, _ = applied("channels", "list")
    assert (code, "webhook" in out, "FLEET_SECRET" in out) == (0, True, False)


def test_a_channel_is_tried_in_every_form_and_with_every_message(
    applied: Command, site: Site
) -> None:
    secret = applied.fleet.knobs["FLEET_SECRET"]
    for form in FORMATS:
        assert applied("channels", "test", "desk", "--format", form)[0] == 0
    for kind in KINDS:
        assert applied("channels", "test", "desk", "--type", kind)[0] == 0
    told = [Webhook(secret).verify(seen.body, seen.headers) for seen in site.requests]
    assert len(told) == len(FORMATS) + len(KINDS)
    assert [body["type"] for body in told[-4:]] == list(KINDS)
    assert [mistake for body in told[-4:] for mistake in mistakes(body)] == []
    answer = applied.json("channels", "test", "desk")
    assert (answer["accepted"], answer["address"]) == (True, "127.0.0.1")


def test_a_message_is_shown_and_not_sent(applied: Command, site: Site) -> None:
    code, out, _ = applied("channels", "test", "desk", "--show", "--format", "slack")
    assert (code, json.loads(out)["blocks"][0]["type"]) == (0, "header")
    assert site.requests == []


@pytest.mark.parametrize(("option", "told"), [("--format", "slack"), ("--type", "digest")])
def test_an_unknown_form_or_message_is_refused(applied: Command, option: str, told: str) -> None:
    code, _, err = applied("channels", "test", "desk", option, "pigeon")
    assert (code, "'pigeon' is not known" in err, told in err) == (1, True, True)


def test_a_new_secret_is_made_told_and_written(applied: Command) -> None:
    path = applied.fleet.folder / "config" / "channels.yml"
    before = path.read_text()
    code, out, _ = applied("channels", "rotate", "desk")
    assert (code, path.read_text()) == (0, before)
    found = re.search(r'FLEET_SECRET_2="(whsec_\S+)"', out)
    assert found
    assert 'secrets: ["${FLEET_SECRET_2}", "${FLEET_SECRET}"]' in out
    assert "take FLEET_SECRET out" in out
    told = applied.json("channels", "rotate", "desk", "--write")
    assert 'secrets: ["${FLEET_SECRET_2}", "${FLEET_SECRET}"]' in path.read_text()
    assert "FLEET_SECRET_2 is not set" in applied("config", "check")[2]
    applied.set(told["variable"], told["secret"])
    assert applied("config", "check")[0] == 0


def test_of_a_new_key_the_receiver_gets_the_public_part(applied: Command) -> None:
    told = applied.json("channels", "rotate", "desk", "--ed25519")
    assert (told["variable"], told["text"]) == (
        "WIREWATCH_DESK_KEY",
        "signing_key: ${WIREWATCH_DESK_KEY}",
    )
    assert told["secret"].startswith("whsk_")
    assert told["receiver"].startswith("whpk_")


@pytest.mark.parametrize("name", ["nobody", "DESK"])
def test_a_channel_that_is_not_there(applied: Command, name: str) -> None:
    for what in ("test", "rotate"):
        code, _, err = applied("channels", what, name)
        assert (code, name in err) == (1, True)


def test_the_schema_is_printed(command: Command) -> None:
    code, out, _ = command("alerts", "schema")
    assert (code, json.loads(out)) == (0, SCHEMA)
