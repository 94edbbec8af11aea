"""Invented messages of each kind: to try a channel with, and to check templates by. Pure."""

from datetime import datetime

from worker.messages import VERSION, Body

# With all that a template, a form or a terminal might stumble over.
_HEADLINE = 'A test of this channel: "quotes", <signs> & a \\ backslash — اختبار'
KINDS = ("alert", "digest", "ops", "alert.test")


def sample(kind: str, now: datetime) -> Body:
    """A body of that kind, as docs/alerts.md and the schema tell it."""
    at = now.isoformat()
    head: Body = {"type": kind, "version": VERSION, "timestamp": at}
    if kind == "digest":
        whole = {"since": at, "until": at, "count": 2, "alerts": [_alert("alert", at)] * 2}
        return head | whole | {"left_out": 0, "links": {}}
    if kind == "ops":
        text = "This is a test of what is told to whoever runs wirewatch."
        told = {"matter": "test", "title": "A test", "text": text, "remedy": "Nothing is to do."}
        return head | told | {"links": {}}
    return _alert(kind, at)


def _alert(kind: str, at: str) -> Body:
    sentence = "Nothing has happened: this is a test."
    return {
        "type": kind,
        "version": VERSION,
        "timestamp": at,
        "occasion": "first",
        "topic": {"name": "test", "title": "Test"},
        "story": {
            "id": 0, "articles": 1, "publishers": 1, "independent": 1, "relation": None,
            "origin": None, "first_seen": at,
        },
        "article": {
            "id": 0, "headline": _HEADLINE, "url": "https://example.org/test",
            "source": "Example", "authors": ["A. Writer"], "published": at,
            "published_known": True, "first_seen": at, "language": "en", "lead": sentence,
            "image": None, "section": None, "paywalled": None,
        },
        "match": {
            "score": 1.0,
            "evidence": [
                {
                    "term": "test", "field": "text", "start": 32, "end": 36, "text": "test",
                    "group": "query", "points": 1.0, "sentence": sentence, "sentence_start": 32,
                }
            ],
        },
        "links": {},
    }  # fmt: skip
