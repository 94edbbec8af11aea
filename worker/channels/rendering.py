"""From a stored body to what is sent: links put in, then a form, a template, or as it is."""

import json
from dataclasses import dataclass
from datetime import datetime

from worker.channels.means import Means, UnsendableError
from worker.errors import Reason
from worker.formats import FORMS, STANDARD, content_type
from worker.messages import Body, as_json, with_links
from worker.records import ClaimedAlert
from worker.templates import outcome

_RENDER = "worker.templates:render"
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    content_type: str


async def rendered(means: Means, alert: ClaimedAlert, now: datetime) -> Message:
    """The message that a webhook gets; raises UnsendableError."""
    body = with_links(alert.body, means.links(alert, now))
    if "template" in alert.config:
        return await _by_template(means, alert, json.loads(body))
    form = str(alert.config.get("format", STANDARD))
    if form == STANDARD:
        return Message(body, content_type(form))
    if form not in FORMS:
        raise UnsendableError(Reason.CHANNEL_UNKNOWN, f"there is no format {form[:40]!r}.")
    made = FORMS[form](json.loads(body), alert.webhook_id)
    return Message(as_json(made), content_type(form))


async def _by_template(means: Means, alert: ClaimedAlert, body: Body) -> Message:
    kind = str(alert.config.get("content_type", PLAIN))
    source = str(alert.config.get("template_text", ""))
    text, problem, line = outcome(await means.templates.run(_RENDER, source, body, kind))
    if problem:
        place = f"{alert.config['template']}{f':{line}' if line else ''}"
        raise UnsendableError(Reason.TEMPLATE_FAILED, f"{place}: {problem}.")
    return Message(text, kind)
