"""One file per kind of channel, and the dict of them: a new kind is one function and one line.

A sender takes an alert and answers with what the other side said; it never raises.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import aiohttp

from worker.channels.log import send_to_log
from worker.channels.webhook import send_webhook
from worker.errors import Reason
from worker.records import Answer, ClaimedAlert

Sender = Callable[
    [aiohttp.ClientSession, ClaimedAlert, Mapping[str, str], datetime], Awaitable[Answer]
]

SENDERS: dict[str, Sender] = {"webhook": send_webhook, "log": send_to_log}


async def send(
    session: aiohttp.ClientSession,
    alert: ClaimedAlert,
    environ: Mapping[str, str],
    now: datetime,
) -> Answer:
    """Send an alert by its channel's kind; `environ` holds what each `${NAME}` stands for."""
    sender = SENDERS.get(alert.kind)
    if sender is None:
        return Answer(
            accepted=False,
            reason=Reason.CHANNEL_UNKNOWN,
            detail=f"Channel {alert.channel_name} is of the unknown kind {alert.kind!r}.",
        )
    return await sender(session, alert, environ, now)


__all__ = ["SENDERS", "Sender", "send"]
