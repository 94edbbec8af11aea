"""From a stored body to what is sent: links put in, then a form, a template, or as it is."""

import json
from dataclasses import dataclass
from datetime import datetime

from worker.channels.means import Means, UnsendableError
from worker.errors import Reason
from worker.formats import FORMS, STANDARD, content_type
from worker.messages import Body, as_json, with_links
from worker.records import ClaimedAlert, Failed
from worker.sandbox import Sandbox

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
    problem = await made_by_template(
        means.templates, str(alert.config.get("template_text", "")), body, kind
    )
    if isinstance(problem, Message):
        return problem
    raise UnsendableError(Reason.TEMPLATE_FAILED, f"{alert.config['template']}{problem}")


async def made_by_template(sandbox: Sandbox, source: str, body: Body, kind: str) -> Message | str:
    """The message, or what is wrong with the template, to stand behind its file's name."""
    made = await sandbox.run(_RENDER, source, body, kind)
    if isinstance(made, Failed):
        return f": {made.detail}"
    text, problem, line = made
    if problem:
        return f"{f':{line}' if line else ''}: {problem}."
    return Message(text, kind)
