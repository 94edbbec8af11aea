"""Discord's webhooks (discord.com/developers, Execute Webhook and Embed Limits). Pure."""

from worker.formats.escaping import fitted, link, markdown
from worker.formats.notes import Note, Telling, cut_line, telling, units
from worker.messages import Body

_MAX_TITLE, _MAX_DESCRIPTION, _MAX_FOOTER, _MAX_AUTHOR = 256, 4_096, 2_048, 256
_MAX_EMBEDS_TOTAL = 6_000


def discord(body: Body, _webhook_id: str) -> Body:
    """One embed, with the headline as its title or a list of them; nobody is ever pinged."""
    told = telling(body)
    note = told.notes[0] if len(told.notes) == 1 and not told.closing else None
    embed: Body = _of_note(note) if note else {"description": _listed(told)}
    embed["author"] = {"name": cut_line(told.title, _MAX_AUTHOR)}
    embed["timestamp"] = body["timestamp"]
    if told.links:
        links = " · ".join(link(label, url) for label, url in told.links)
        joined = f"{embed.get('description', '')}\n\n{links}".strip()
        if units(joined) <= _MAX_DESCRIPTION:
            embed["description"] = joined
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _of_note(note: Note) -> Body:
    embed: Body = {"title": fitted(note.title, _MAX_TITLE, markdown, units)}
    if note.url:
        embed["url"] = note.url
    if note.text:
        embed["description"] = fitted(note.text, _MAX_DESCRIPTION, markdown, units)
    if note.about:
        embed["footer"] = {"text": cut_line(note.about, _MAX_FOOTER)}
    if note.image:
        embed["thumbnail"] = {"url": note.image}
    return embed


def _listed(told: Telling) -> str:
    """As many lines as there is room for, and how many there are beyond."""
    room = min(_MAX_DESCRIPTION, _MAX_EMBEDS_TOTAL - _MAX_AUTHOR) - 100
    lines: list[str] = []
    for note in told.notes:
        line = f"- {link(note.title, note.url)} — {markdown(note.about)}"
        if units("\n".join((*lines, line))) > room:
            break
        lines.append(line)
    unshown = len(told.notes) - len(lines)
    lines += [f"and {unshown} more in this message"] if unshown else []
    return "\n".join((*lines, *filter(None, (told.closing,)))) or "–"
