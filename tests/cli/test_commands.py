"""Every command: what it prints, what it exits with, and what it says about a mistake."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.cli.conftest import Command
from tests.site import Site, rss
from worker import config_files, configure, ops, pipeline, runtime
from worker.records import OpsNotice
from worker.settings import settings
from worker.store import Database


def work(command: Command) -> None:
    """Apply the files, and run each stage once."""
    settings.cache_clear()
    tools = runtime.build(settings())
    wanted = config_files.load(settings().config_dir, os.environ)
    tools.db.write(lambda db: configure.apply(db, wanted, runtime.clock()))
    for stage in (pipeline.poll, pipeline.ingest, pipeline.deliver):
        stage(tools, lambda _: None)
    runtime.close(tools)


@pytest.fixture
def at_work(command: Command, site: Site) -> Command:
    """A store after one article came in, matched, and was refused by its channel."""
    item = {"title": "Talks on Syria", "description": "Talks on Syria went on today in Geneva."}
    feed = site.put("/feed", rss([item]), kind="application/rss+xml")
    command.fleet.write_config([feed], site.put("/hook", status=500))
    work(command)
    return command


def test_lists_show_what_happened_as_tables_and_as_json(at_work: Command) -> None:
    for name in ("feeds", "articles", "topics", "alerts"):
        code, out, _ = at_work(name, "list")
        assert code == 0
        assert out.strip()
        assert len(at_work.json(name, "list")) == 1
    (article,) = at_work.json("articles", "list", "--topic", "syria")
    assert article["topics"] == ["syria"]
    code, out, _ = at_work("articles", "show", str(article["id"]))
    assert (code, "matches  syria" in out) == (0, True)
    assert at_work.json("articles", "show", article["url"])["matches"][0]["topic"] == "syria"
    assert at_work.json("status")["articles"] == 1


def test_an_alert_that_was_refused_is_sent_again_on_request(at_work: Command, site: Site) -> None:
    (alert,) = at_work.json("alerts", "list", "--failed")
    assert alert["reason"] == "server-error"
    code, out, _ = at_work("alerts", "retry", str(alert["id"]))
    assert (code, out) == (0, "1 alerts are due again.\n")
    site.put("/hook")
    work(at_work)
    (alert,) = at_work.json("alerts", "list")
    assert alert["state"] == "delivered"
    code, _, err = at_work("alerts", "retry", str(alert["id"]))
    assert (code, "delivered already" in err) == (1, True)


def test_an_alert_is_shown_exported_and_sent_once_more(at_work: Command, site: Site) -> None:
    (alert,) = at_work.json("alerts", "list")
    code, out, _ = at_work("alerts", "show", str(alert["id"]))
    assert (code, "server-error" in out, alert["webhook_id"] in out) == (0, True, True)
    shown = at_work.json("alerts", "show", str(alert["id"]))
    assert (shown["body"]["type"], len(shown["attempts"])) == ("alert", 1)
    code, out, _ = at_work("alerts", "export", "--topic", "syria", "--channel", "desk")
    (line,) = [json.loads(line) for line in out.splitlines()]
    assert (code, line["id"], line["alert"]["topic"]["name"]) == (0, alert["id"], "syria")
    assert at_work("alerts", "export", "--after", str(alert["id"]))[:2] == (0, "")
    assert at_work("alerts", "replay", "--topic", "syria")[1] == "0 alerts are sent once more.\n"
    site.put("/hook")
    at_work("alerts", "retry", str(alert["id"]))
    work(at_work)
    out = at_work("alerts", "replay", "--channel", "desk", "--since", "1d")[1]
    assert out == "1 alerts are sent once more.\n"
    work(at_work)
    ids = [seen.headers["webhook-id"] for seen in site.requests if seen.path == "/hook"]
    body = json.loads(site.requests[-1].body)
    assert (body["replay"], body["replay_of"]) == (True, alert["webhook_id"])
    assert (ids[0] == ids[1], ids[-1] == ids[0], len(ids)) == (True, False, 3)


def test_what_was_given_up_is_sent_again_by_one_command(at_work: Command) -> None:
    db = Database(at_work.fleet.database_url)
    gone = "UPDATE alert SET due_at = NULL, dead_at = created_at"
    db.write(lambda c: c.execute(text(gone)))
    db.close()
    assert at_work.json("status")["dead"] == 1
    assert "alerts list --dead" in at_work("status")[1]
    (alert,) = at_work.json("alerts", "list", "--dead")
    assert (alert["state"], alert["reason"]) == ("dead", "server-error")
    again = at_work("alerts", "retry", "--dead", "--since", "2d")
    assert again[:2] == (0, "1 alerts are due again.\n")
    assert at_work.json("alerts", "list", "--dead") == []


def test_a_channel_is_opened_by_name(at_work: Command) -> None:
    assert at_work("channels", "open", "desk")[:2] == (0, "desk is open.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("alerts show 4711", "There is no alert 4711"),
        ("alerts replay", "say which"),
        ("alerts replay --topic nowhere", "no topic 'nowhere'; there are syria"),
        ("alerts export --channel nowhere", "no channel 'nowhere'; there are desk"),
        ("alerts retry --dead --since yesterday", "'yesterday' is no span of time"),
        ("channels open nowhere", "no channel 'nowhere'"),
    ],
)
def test_a_wrong_word_about_alerts_is_one_clear_line(
    at_work: Command, arguments: str, told: str
) -> None:
    code, _, err = at_work(*arguments.split())
    assert code == 1
    assert told in err
    assert len(err.strip().splitlines()) == 1


def test_feeds_come_and_go_by_command(command: Command, tmp_path: Path) -> None:
    url = "http://example.org/feed"
    assert command("feeds", "add", url, "--no-look")[0] == 0
    code, _, err = command("feeds", "add", url, "--no-look")
    assert (code, "watched already" in err) == (1, True)
    code, out, _ = command("feeds", "export")
    (tmp_path / "out.opml").write_text(out)
    assert command("feeds", "remove", url)[0] == 0
    assert command.json("feeds", "list") == []
    code, out, _ = command("feeds", "import", str(tmp_path / "out.opml"))
    assert (code, out[:13]) == (0, "1 feeds added")
    work(command)
    code, _, err = command("feeds", "remove", "http://127.0.0.1:1/feed")
    assert (code, "feeds.opml" in err) == (1, True)


@pytest.mark.parametrize("bad", ["ftp://example.org/", "nonsense", ""])
def test_an_address_that_is_none_is_refused(command: Command, bad: str) -> None:
    for name in ("add", "check"):
        code, _, err = command("feeds", name, bad)
        assert (code, "no http(s) URL" in err) == (1, True)


def test_a_text_is_tried_against_the_topics(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("Talks\nThe talks on Syria went on.")
    code, out, _ = command("topics", "try", str(file))
    assert (code, "syria: matches: Syria (text)" in out) == (0, True)
    file.write_text("Weather\nIt rains.")
    assert command("topics", "try", str(file))[0] == 1
    code, _, err = command("topics", "try", str(file), "--topic", "nope")
    assert (code, "there are syria" in err) == (1, True)


def test_a_channel_is_tried(command: Command, site: Site) -> None:
    command.fleet.write_config([], site.put("/hook"))
    assert command("channels", "test", "desk")[0] == 1
    work(command)
    code, out, _ = command("channels", "test", "desk")
    assert (code, "took the test alert" in out) == (0, True)
    site.put("/hook", status=500)
    code, _, err = command("channels", "test", "desk")
    assert (code, "server-error" in err) == (1, True)
    command.monkeypatch.delenv("FLEET_SECRET")
    code, _, err = command("channels", "test", "desk")
    assert (code, "FLEET_SECRET" in err) == (1, True)


def test_configuration_is_checked_before_it_runs(command: Command) -> None:
    code, out, _ = command("config", "check")
    assert (code, "all is well" in out) == (0, True)
    assert "1 feeds, 1 topics, 1 channels, options for 0 feeds or sites" in out
    options = command.fleet.folder / "config" / "feeds.yml"
    options.write_text("feeds:\n  - site: example.org\n    robots: off\n")
    assert "options for 1 feeds or sites" in command("config", "check")[1]
    topics = command.fleet.folder / "config" / "topics.yml"
    topics.write_text("topics:\n  - name: a\n    title: A\n    query: (a\n    channels: [nobody]\n")
    code, _, err = command("config", "check")
    assert code == 1
    assert f"{topics}:4" in err
    assert "nobody" in err
    assert {m["line"] for m in command.json("config", "check")} == {4, 5}


def test_the_doctor_names_what_is_wrong_and_what_to_do(command: Command, tmp_path: Path) -> None:
    told = {row["check"]: row for row in command.json("doctor")}
    assert told["database"]["ok"]
    assert told["clock"]["ok"]
    assert told["broker"]["ok"]
    command.set("WIREWATCH_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    command.set("WIREWATCH_BROKER_URL", "redis://:hidden@127.0.0.1:1/0")
    code, out, _ = command("doctor")
    assert code == 1
    assert "wirewatch db upgrade" in out
    assert "Start Redis" in out
    assert "hidden" not in out
    code, out, _ = command("db", "upgrade")
    assert (code, "from nothing" in out) == (0, True)
    told = {row["check"]: row for row in command.json("doctor")}
    assert told["database"]["ok"]


def test_the_doctor_hints_at_a_missing_contact_and_does_not_fail_for_it(command: Command) -> None:
    def told() -> tuple[bool, str]:
        (row,) = (row for row in command.json("doctor") if row["check"] == "contact")
        return row["ok"], row["found"]

    ok, found = told()
    assert ok
    assert "Set WIREWATCH_CONTACT" in found
    command.set("WIREWATCH_CONTACT", "https://desk.example/bot")
    ok, found = told()
    assert ok
    assert "https://desk.example/bot" in found


def test_options_are_listed_with_the_names_of_their_secrets(command: Command) -> None:
    url = "http://127.0.0.1:1/feed"
    (command.fleet.folder / "config" / "feeds.yml").write_text(
        f"feeds:\n  - feed: {url}\n    auth: desk:${{FLEET_SECRET}}\n    full_text: off\n"
    )
    command("feeds", "add", url, "--no-look")
    _, out, _ = command("feeds", "list", "--json")
    (feed,) = json.loads(out)
    assert feed["options"] == {"auth": "desk:${FLEET_SECRET}", "full_text": False}
    assert command.fleet.knobs["FLEET_SECRET"] not in out


@pytest.mark.parametrize(
    ("arguments", "variable", "value", "told"),
    [
        (("run",), "WIREWATCH_BROKER_URL", "redis://:pw@127.0.0.1:1/0", "wirewatch worker"),
        (("worker",), "WIREWATCH_TICK_S", "1", "lives in one process"),
        (("beat",), "WIREWATCH_TICK_S", "1", "lives in one process"),
        (
            ("worker", "-Q", "nope"),
            "WIREWATCH_BROKER_URL",
            "redis://127.0.0.1:1/0",
            "no queue nope",
        ),
        (("worker", "--pool", "x"), "WIREWATCH_BROKER_URL", "redis://127.0.0.1:1/0", "--pool"),
        (("status",), "WIREWATCH_TICK_S", "soon", "WIREWATCH_TICK_S"),
        (("status",), "WIREWATCH_DATABASE_URL", "mysql://x/y", "WIREWATCH_DATABASE_URL"),
        (("articles", "show", "99"), "WIREWATCH_TICK_S", "1", "No article 99"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(
    command: Command, arguments: tuple[str, ...], variable: str, value: str, told: str
) -> None:
    command.set(variable, value)
    code, _, err = command(*arguments)
    assert code == 1
    assert told in err
    assert "Traceback" not in err
    assert ":pw@" not in err


def test_the_status_lists_what_stands_since_when_and_what_to_do(command: Command) -> None:
    tools = runtime.build(settings())
    notice = OpsNotice("feed-gone:1", "A feed is gone", "It answered 410.", "Drop it.")
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    tools.db.write(lambda db: ops.tell(db, notice, at))
    runtime.close(tools)
    code, out, _ = command("status")
    assert code == 0
    since = at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    assert f"A feed is gone (since {since})." in out
    assert "  It answered 410.\n  Drop it.\n" in out
    kept = command.json("status")["notices"]["feed-gone:1"]
    assert (kept["remedy"], kept["since"]) == ("Drop it.", at.isoformat())
