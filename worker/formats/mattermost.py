"""Mattermost's incoming webhooks (docs.mattermost.com): Markdown. Pure."""

from worker.formats.escaping import link, markdown
from worker.formats.notes import Note, telling, units
from worker.messages import Body

_MAX_POST = 16_383


def mattermost(body: Body, _webhook_id: str) -> Body:
    """A post: the topic, then headline, facts and quotation of each note."""
    told = telling(body)
    head = f"**{markdown(told.title)}**"
    last = [told.closing, " · ".join(link(label, url) for label, url in told.links)]
    tail = "\n\n".join(filter(None, last))
    room = _MAX_POST - units(head) - units(tail) - 100
    parts: list[str] = []
    for note in told.notes:
        part = _part(note)
        if units("\n\n".join((*parts, part))) > room:
            break
        parts.append(part)
    unshown = len(told.notes) - len(parts)
    parts += [f"and {unshown} more in this message"] if unshown else []
    return {"text": "\n\n".join(filter(None, (head, *parts, tail)))}


def _part(note: Note) -> str:
    lines = [link(note.title, note.url), markdown(note.about)]
    lines += [f"> {markdown(note.text)}"] if note.text else []
    return "\n".join(filter(None, lines))
