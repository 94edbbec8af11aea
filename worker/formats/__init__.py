"""The forms that a message can take: one function each, and the dict of them. Pure.

A form makes of a body, and of the id under which it is sent, the JSON that a service takes: within
the lengths that the service documents, and with nothing in it that a headline could turn into a
mention, a link or markup. A new one is one function and one line.
"""

from collections.abc import Callable

from worker.formats.cloudevents import cloudevents
from worker.formats.discord import discord
from worker.formats.escaping import unlinked
from worker.formats.mattermost import mattermost
from worker.formats.notes import Note, Telling, as_text, telling
from worker.formats.slack import slack
from worker.formats.teams import teams
from worker.messages import Body

Form = Callable[[Body, str], Body]
STANDARD = "standard"
CLOUDEVENTS = "cloudevents"
FORMS: dict[str, Form] = {
    CLOUDEVENTS: cloudevents,
    "slack": slack,
    "discord": discord,
    "teams": teams,
    "mattermost": mattermost,
}
# The body as it is, and forms that hold it whole: without a signature nobody could trust them.
SIGNED = (STANDARD, CLOUDEVENTS)
FORMATS = (STANDARD, *FORMS)


def content_type(form: str) -> str:
    """The media type of what a format makes."""
    return "application/cloudevents+json" if form == CLOUDEVENTS else "application/json"


__all__ = [
    "FORMATS",
    "FORMS",
    "SIGNED",
    "STANDARD",
    "Note",
    "Telling",
    "as_text",
    "content_type",
    "telling",
    "unlinked",
]
