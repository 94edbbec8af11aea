"""A body as a person reads it: what every chat and mail shows, in plain text. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from worker.messages import Body
from worker.text import clean_line

_OCCASIONS = {"escalation": "spreading", "update": "updated", "correction": "corrected"}
_LABELS = {
    "mute_story": "Mute this story",
    "mute_topic": "Mute this topic",
    "mute_source": "Mute this source",
}
_MAX_QUOTES, _MAX_TEXT, _MAX_TITLE = 3, 600, 300
_LONGEST_URL = 2_000


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that a message tells. Nothing in it is escaped; `url` is http(s) or empty."""

    title: str
    url: str = ""
    about: str = ""
    text: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True)
class Telling:
    """A whole message: `title` over all, its notes, a last line, links to act by (label, URL)."""

    title: str
    notes: tuple[Note, ...]
    closing: str = ""
    links: tuple[tuple[str, str], ...] = ()


def telling(body: Body) -> Telling:
    """What a body of any kind tells."""
    match body["type"]:
        case "digest":
            told = _digest(body)
        case "ops":
            text = " ".join(filter(None, (body.get("text"), body.get("remedy"))))
            told = Telling("wirewatch", (Note(_title(body["title"]), text=_cut(text, 2_000)),))
        case _:
            told = Telling(_heading(body), (_note(body),))
    if body.get("replay"):
        told = Telling(f"{told.title} · sent again", told.notes, told.closing)
    links = tuple(
        (_LABELS.get(name, name.replace("_", " ").capitalize()), _url(link))
        for name, link in body.get("links", {}).items()
        if _url(link)
    )
    return Telling(told.title, told.notes, told.closing, links)


def _digest(body: Body) -> Telling:
    alerts = body["alerts"]
    notes = tuple(
        Note(note.title, note.url, f"{_heading(one)} · {note.about}")
        for one in alerts
        for note in (_note(one),)
    )
    left_out = body.get("left_out", 0)
    closing = f"and {left_out} more" if left_out else ""
    since, until = _time(body["since"]), _time(body["until"])
    return Telling(f"{body['count']} alerts, {since} – {until}", notes, closing)


def _heading(body: Body) -> str:
    topic = body["topic"]
    said = _OCCASIONS.get(body.get("occasion", "first"))
    title = _title(topic["title"] or topic["name"])
    return f"{title} · {said}" if said else title


def _note(body: Body) -> Note:
    article, story = body["article"], body.get("story", {})
    publishers, independent = story.get("publishers", 1), story.get("independent", 1)
    spread = f"{publishers} publishers, {independent} independent" if publishers > 1 else ""
    about = (
        clean_line(article.get("source") or "", 100),
        spread,
        _time(article["published"]) if article.get("published_known", True) else "",
        "paywall" if article.get("paywalled") else "",
    )
    return Note(
        title=_title(article["headline"]) or _url(article["url"]),
        url=_url(article["url"]),
        about=" · ".join(filter(None, about)),
        text=_cut(_quotes(body["match"]["evidence"], article["headline"]) or article["lead"]),
        image=_url(article.get("image") or ""),
    )


def _quotes(evidence: list[dict[str, Any]], headline: str) -> str:
    """The sentences that made it match, as far as the headline does not say them."""
    said = [e["sentence"] for e in evidence if e.get("field") != "title" and e.get("sentence")]
    quotes = [one for one in dict.fromkeys(said) if one != headline]
    return " … ".join(quotes[:_MAX_QUOTES])


def _title(text: str) -> str:
    return _cut(text, _MAX_TITLE)


def _cut(text: str, most: int = _MAX_TEXT) -> str:
    return cut_line(clean_line(text, 4 * most), most)


def cut_line(text: str, most: int) -> str:
    """At most `most` UTF-16 units, as services count, with "…" where it was cut."""
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return f"{kept.rstrip()}…"


def units(text: str) -> int:
    """The length of a text in UTF-16 units: never less than its characters."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _url(url: str) -> str:
    """The address if it may be shown as a link; empty where it is none, or too long for one."""
    usable = url.startswith(("http://", "https://")) and len(url) <= _LONGEST_URL
    return url if usable and url.isprintable() and " " not in url else ""


def _time(told: str) -> str:
    return f"{datetime.fromisoformat(told):%-d %b %Y, %H:%M} UTC"


def as_text(told: Telling) -> str:
    """The notes as plain text, a line each for title, facts, text and address."""
    parts = ["\n".join(filter(None, (n.title, n.about, n.text, n.url))) for n in told.notes]
    parts += [told.closing, "\n".join(f"{label}: {url}" for label, url in told.links)]
    return "\n\n".join(filter(None, parts))
