"""Whatever the library apprise can send to: chat, e-mail, push (notifying.py)."""

import json
import time
from datetime import datetime

from worker.channels.means import Means, UnsendableError, kept_answer, option, refused
from worker.errors import Reason
from worker.formats import as_text, telling, unlinked
from worker.messages import with_links
from worker.records import Answer, ClaimedAlert, Failed
from worker.secrets_env import conceal
from worker.text import clean_line

_NOTIFY = "worker.notifying:notify"
_MAX_TITLE, _MAX_TEXT = 200, 8_000


async def send_by_apprise(means: Means, alert: ClaimedAlert, now: datetime) -> Answer:
    """Tell a message as plain text with a title; whether it was taken is all that is known."""
    try:
        url = option(alert, "url", means)
    except UnsendableError as error:
        return refused(alert, error)
    told = telling(json.loads(with_links(alert.body, means.links(alert, now))))
    title = clean_line(unlinked(told.title), _MAX_TITLE)
    text = unlinked(as_text(told))[:_MAX_TEXT]
    began = time.monotonic()
    done = await means.notifiers.run(_NOTIFY, url, title, text, [str(n) for n in means.allowed])
    took = round((time.monotonic() - began) * 1000)
    if isinstance(done, Failed):
        return _lost(done, took)
    sent, said, address = done
    if sent:
        return Answer(accepted=True, duration_ms=took, address=address)
    answer = kept_answer(said.encode(), alert, means)
    last = clean_line(answer.rpartition("\n")[2], 200) or "it does not say why."
    detail = conceal(f"apprise could not send it: {last}", alert.config, means.environ)
    return Answer(
        accepted=False,
        reason=Reason.NOTIFIER_FAILED,
        detail=detail,
        duration_ms=took,
        answer=answer,
        address=address,
    )


def _lost(failed: Failed, took: int) -> Answer:
    """What comes of a child that did not answer."""
    is_slow = failed.reason is Reason.READING_TIMED_OUT
    reason = Reason.TIMED_OUT if is_slow else Reason.NOTIFIER_FAILED
    told = "It did not end in time, and was ended." if is_slow else failed.detail
    return Answer(accepted=False, reason=reason, detail=told, duration_ms=took)
