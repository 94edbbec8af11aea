"""Slack's incoming webhooks (docs.slack.dev, Block Kit). Pure.

Texts stand in rich text and in plain text, which Slack does not read for markup; the fallback for
notifications is escaped as Slack asks.
"""

from typing import Any

from worker.formats.notes import Note, Telling, cut_line, telling
from worker.messages import Body

_MAX_HEADER, _MAX_FALLBACK = 150, 1_000
_MAX_BLOCKS = 50


def slack(body: Body, _webhook_id: str) -> Body:
    """A header, and a block of rich text for each note."""
    told = telling(body)
    room = _MAX_BLOCKS - 4  # header, two closing lines, links
    blocks: list[Body] = [_header(told.title), *map(_block, told.notes[:room])]
    unshown = len(told.notes) - room
    closing = (told.closing, f"and {unshown} more in this message" if unshown > 0 else "")
    blocks += [_rich([_text(line, italic=True)]) for line in closing if line]
    if told.links:
        blocks.append(_rich(_links(told)))
    return {"text": _fallback(told), "blocks": blocks, "unfurl_links": False}


def _header(title: str) -> Body:
    text = {"type": "plain_text", "text": cut_line(title, _MAX_HEADER), "emoji": False}
    return {"type": "header", "text": text}


def _block(note: Note) -> Body:
    first = [_link(note.title, note.url) if note.url else _text(note.title, bold=True)]
    if note.about:
        first.append(_text(f"\n{note.about}"))
    block = _rich(first)
    if note.text:
        block["elements"].append({"type": "rich_text_quote", "elements": [_text(note.text)]})
    return block


def _rich(elements: list[Body]) -> Body:
    return {"type": "rich_text", "elements": [_section(elements)]}


def _section(elements: list[Body]) -> Body:
    return {"type": "rich_text_section", "elements": elements}


def _text(text: str, **style: bool) -> Body:
    told: Body = {"type": "text", "text": text}
    return told | {"style": style} if style else told


def _link(text: str, url: str) -> Body:
    return {"type": "link", "url": url, "text": text, "style": {"bold": True}}


def _links(told: Telling) -> list[Any]:
    found: list[Any] = []
    for label, url in told.links:
        found += [_text(" · "), {"type": "link", "url": url, "text": label}]
    return found[1:]


def _fallback(told: Telling) -> str:
    first = told.notes[0].title if told.notes else ""
    text = cut_line(f"{told.title}: {first}".rstrip(": "), _MAX_FALLBACK)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
