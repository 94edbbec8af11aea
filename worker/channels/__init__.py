"""One file per kind of channel, and the dict of them: a new kind is one function and one line.

A sender takes an alert and answers with what the other side said; it never raises.
"""

from datetime import datetime

from worker.channels.log import send_to_log
from worker.channels.means import Links, Means, Sender, UnsendableError
from worker.channels.notifier import send_by_apprise
from worker.channels.rendering import Message, rendered
from worker.channels.webhook import send_webhook
from worker.errors import Reason
from worker.records import Answer, ClaimedAlert

SENDERS: dict[str, Sender] = {
    "webhook": send_webhook,
    "apprise": send_by_apprise,
    "log": send_to_log,
}


async def send(means: Means, alert: ClaimedAlert, now: datetime) -> Answer:
    """Send an alert by its channel's kind."""
    sender = SENDERS.get(alert.kind)
    if sender is None:
        return Answer(
            accepted=False,
            reason=Reason.CHANNEL_UNKNOWN,
            detail=f"Channel {alert.channel_name} is of the unknown kind {alert.kind!r}.",
        )
    return await sender(means, alert, now)


__all__ = ["SENDERS", "Links", "Means", "Message", "Sender", "UnsendableError", "rendered", "send"]
