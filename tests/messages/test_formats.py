"""The forms of messages: within each service's limits, and literal whatever a headline holds."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.messages.making import NOW, alert
from worker.formats import FORMATS, FORMS, as_text, content_type, telling
from worker.formats.notes import units
from worker.messages import Body
from worker.samples import KINDS, sample

HOSTILE = (
    '@everyone <!channel> <@U123> [click](http://evil.example) **bold** http://evil.example '
    '`code` :smile: #tag ~~gone~~ | "quotes" \\ </at> ${x} {{DATE(2020-01-01)}} www.evil.example'
)  # fmt: skip


def hostile(headline: str = HOSTILE, **story: Any) -> Body:
    body = alert()
    body["article"] |= {"headline": headline, "lead": headline, "source": headline[:90]}
    body["topic"]["title"] = headline[:150]
    body["match"]["evidence"][0]["sentence"] = headline[:300]
    return body


def digest(alerts: list[Body], left_out: int = 0) -> Body:
    at = NOW.isoformat()
    told = {"type": "digest", "version": 1, "timestamp": at, "since": at, "until": at}
    more = {"left_out": left_out} if left_out else {}
    return told | {"count": len(alerts) + left_out, "alerts": alerts} | more


def made(form: str, body: Body) -> Any:
    return json.loads(json.dumps(FORMS[form](body, "msg_1"), ensure_ascii=False))


def texts(value: Any, *keys: str) -> list[str]:
    """Every text under one of these keys, however deep."""
    if isinstance(value, list):
        return [text for one in value for text in texts(one, *keys)]
    if isinstance(value, dict):
        here = [v for k, v in value.items() if k in keys and isinstance(v, str)]
        return here + [text for one in value.values() for text in texts(one, *keys)]
    return []


# ---- limits


def within_slack(message: Any) -> None:
    assert len(message["blocks"]) <= 50
    assert units(message["text"]) <= 4_000
    (header,) = (b for b in message["blocks"] if b["type"] == "header")
    assert units(header["text"]["text"]) <= 150
    for block in message["blocks"]:
        assert block["type"] in ("header", "rich_text")
        assert all(part["elements"] for part in block.get("elements", ()))
        assert all(units(text) <= 3_000 for text in texts(block, "text"))


def within_discord(message: Any) -> None:
    assert message["allowed_mentions"] == {"parse": []}
    (embed,) = message["embeds"]
    parts = (embed.get("title", ""), embed.get("description", ""),
             embed.get("footer", {}).get("text", ""), embed["author"]["name"])  # fmt: skip
    for part, limit in zip(parts, (256, 4_096, 2_048, 256), strict=True):
        assert units(part) <= limit
    assert sum(map(units, parts)) <= 6_000
    assert embed.get("title") or embed.get("description")


def within_teams(message: Any) -> None:
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= 28 * 1024
    (attachment,) = message["attachments"]
    card = attachment["content"]
    assert (card["type"], attachment["contentType"]) == (
        "AdaptiveCard",
        "application/vnd.microsoft.card.adaptive",
    )
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert len(card.get("actions", ())) <= 6


def within_mattermost(message: Any) -> None:
    assert units(message["text"]) <= 16_383


def is_cloudevent(message: Any) -> None:
    for name in ("id", "source", "type", "specversion", "time", "datacontenttype"):
        assert message[name]
        assert isinstance(message[name], str)
    assert message.get("subject") != ""
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in message)


WITHIN = {
    "slack": within_slack,
    "discord": within_discord,
    "teams": within_teams,
    "mattermost": within_mattermost,
    "cloudevents": is_cloudevent,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_message_has_every_form(form: str, kind: str) -> None:
    WITHIN[form](made(form, sample(kind, NOW)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("how_many", [0, 1, 200])
def test_a_digest_is_cut_to_what_the_service_takes_and_says_so(form: str, how_many: int) -> None:
    link = {"mute_topic": "https://watch.example/mute/1"}
    message = made(form, digest([hostile()] * how_many, left_out=7) | {"links": link})
    WITHIN[form](message)
    if form != "cloudevents":
        assert "and 7 more" in json.dumps(message)
        assert ("more in this message" in json.dumps(message)) is (how_many == 200)
        assert "https://watch.example/mute/1" in json.dumps(message)


@settings(max_examples=10, deadline=None)
@given(st.text(alphabet="\U0001f1f8💥*_@<>[]()`\\\" \naشة停", min_size=1, max_size=50),
       st.sampled_from([1, 7, 50]))  # fmt: skip
def test_no_text_breaks_a_limit(text: str, times: int) -> None:
    for form in FORMS:
        WITHIN[form](made(form, hostile(text * times)))
        WITHIN[form](made(form, digest([hostile(text * times)] * 4)))


# ---- literal texts


def test_slack_reads_no_markup_into_a_headline() -> None:
    message = made("slack", hostile())
    assert "<" not in message["text"]
    assert "mrkdwn" not in json.dumps(message)
    assert message["blocks"][0]["text"]["type"] == "plain_text"
    shown = texts(message["blocks"], "text")
    assert any(HOSTILE in text for text in shown)


@pytest.mark.parametrize("form", ["discord", "mattermost"])
def test_markdown_of_a_headline_is_shown_as_it_is_written(form: str) -> None:
    message = made(form, hostile())
    for text in texts(message, "title", "description", "text"):
        if text == hostile()["article"]["source"] or "publishers" in text.partition("\n")[0]:
            continue  # a footer, which is plain text
        bare = re.sub(r"\\[^\w\s]", "", text)
        bare = re.sub(r"\]\(https://www\.example\.org/talks\?a=1\)", "", bare)
        for markup in ("@everyone", "<!", "<@", "](", "**bold", "http://", "`", "~~", ":smile:"):
            assert markup not in bare, (markup, text)
        assert "www.evil" not in text


def test_teams_shows_texts_in_blocks_that_know_no_markdown() -> None:
    message = made("teams", hostile())
    assert "TextBlock" not in json.dumps(message).replace("RichTextBlock", "")
    assert any(HOSTILE in text for text in texts(message, "text"))
    (card,) = (a["content"] for a in message["attachments"])
    assert card["actions"][0] == {
        "type": "Action.OpenUrl", "title": "Read", "url": "https://www.example.org/talks?a=1",
    }  # fmt: skip


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a b/", "https://a/\n", "", "//x"]
)
@pytest.mark.parametrize("form", ["slack", "discord", "teams", "mattermost"])
def test_only_web_addresses_become_links(form: str, url: str) -> None:
    body = alert()
    body["article"] |= {"url": url, "image": url}
    message = json.dumps(made(form, body))
    assert "javascript" not in message
    assert texts(json.loads(message), "url") == []
    assert "](" not in message


def test_an_address_cannot_end_its_link_in_markdown() -> None:
    body = alert()
    body["article"]["url"] = "https://example.org/a)[x](https://evil.example/'\"*_"
    message = made("mattermost", body)
    assert (
        "(https://example.org/a%29%5Bx%5D%28https://evil.example/%27%22%2A%5F)" in message["text"]
    )


# ---- what is told


def test_a_cloudevent_holds_the_body_under_the_messages_id() -> None:
    body = alert()
    event = made("cloudevents", body)
    assert event["data"] == body
    assert (event["id"], event["type"], event["subject"]) == ("msg_1", "wirewatch.alert", "syria/7")
    assert event["specversion"] == "1.0"
    assert event["time"] == body["timestamp"]
    assert content_type("cloudevents") == "application/cloudevents+json"


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({}, "Syria: talks"),
        ({"occasion": "escalation"}, "Syria: talks · spreading"),
        ({"occasion": "correction"}, "Syria: talks · corrected"),
        ({"replay": True}, "Syria: talks · sent again"),
    ],
)
def test_why_it_is_sent_stands_in_the_title(change: Body, title: str) -> None:
    assert telling(alert() | change).title == title


def test_a_message_is_read_as_plain_text() -> None:
    body = alert() | {"links": {"mute_story": "https://watch.example/m/1"}}
    assert as_text(telling(body)) == (
        "Talks resume\n"
        "The Site · 3 publishers, 2 independent · 2 Mar 2026, 09:30 UTC\n"
        "Talks on Syria resumed on Monday.\n"
        "https://www.example.org/talks?a=1\n\n"
        "Mute this story: https://watch.example/m/1"
    )


def test_there_is_a_form_for_each_format_but_the_standard_one() -> None:
    assert set(FORMATS) - set(FORMS) == {"standard"}
    assert set(WITHIN) == set(FORMS)
