"""Microsoft Teams: an Adaptive Card, as Workflows' webhooks take it (adaptivecards.io). Pure.

Texts stand in RichTextBlocks, which know no Markdown; a mention would need an entity of its own.
"""

from worker.formats.notes import Note, Telling, cut_line, telling
from worker.messages import Body, as_json

# Teams refuses messages over 28 KB.
_MAX_BYTES = 27_000
_MAX_ACTIONS, _MAX_LABEL = 6, 80


def teams(body: Body, _webhook_id: str) -> Body:
    """A card with the topic, then headline, facts and quotation of each note."""
    told = telling(body)
    shown = len(told.notes)
    while True:
        card = _card(told, shown)
        if shown <= 1 or len(as_json(card).encode()) <= _MAX_BYTES:
            return card
        shown = max(1, shown * 3 // 4)


def _card(told: Telling, shown: int) -> Body:
    blocks = [_block({"text": told.title, "weight": "Bolder", "size": "Large"})]
    for note in told.notes[:shown]:
        blocks += _of_note(note)
    unshown = len(told.notes) - shown
    for closing in (told.closing, f"and {unshown} more in this message" if unshown else ""):
        if closing:
            blocks.append(_block({"text": closing, "isSubtle": True}))
    card: Body = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    if actions := _actions(told):
        card["actions"] = actions
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}


def _of_note(note: Note) -> list[Body]:
    headline: Body = {"text": note.title, "weight": "Bolder"}
    if note.url:
        headline["selectAction"] = {"type": "Action.OpenUrl", "url": note.url}
    blocks = [_block(headline)]
    blocks += [_block({"text": note.about, "isSubtle": True})] if note.about else []
    blocks += [_block({"text": note.text})] if note.text else []
    return blocks


def _block(run: Body) -> Body:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", **run}]}


def _actions(told: Telling) -> list[Body]:
    read = [("Read", told.notes[0].url)] if len(told.notes) == 1 and told.notes[0].url else []
    return [
        {"type": "Action.OpenUrl", "title": cut_line(label, _MAX_LABEL), "url": url}
        for label, url in (*read, *told.links)
    ][:_MAX_ACTIONS]
