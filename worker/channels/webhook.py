"""Signed webhooks, as Standard Webhooks specifies them (standardwebhooks.com, version 1).

Success is a 2xx answer and nothing else; redirects are not followed, for a signature vouches for
the address that the operator wrote.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import aiohttp
from standardwebhooks import Webhook

from worker.errors import Reason, SetupError
from worker.http.headers import retry_after_s
from worker.http.reasons import REQUEST_ERRORS, reason_of_error, reason_of_status
from worker.records import Answer, ClaimedAlert
from worker.secrets_env import conceal, expand
from worker.text import clean_line

_TOLD_BYTES = 1024


async def send_webhook(
    session: aiohttp.ClientSession,
    alert: ClaimedAlert,
    environ: Mapping[str, str],
    now: datetime,
) -> Answer:
    """POST an alert's body, signed at this try's time under the alert's own unchanging id."""
    try:
        url = expand(alert.config["url"], environ)
        signer = Webhook(expand(alert.config["secret"], environ))
    except (SetupError, KeyError, ValueError) as error:
        told = str(error) if isinstance(error, SetupError) else "Its url or secret cannot be used."
        detail = f"Channel {alert.channel_name}: {told}"
        return Answer(accepted=False, reason=Reason.SECRET_MISSING, detail=detail)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": alert.webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signer.sign(alert.webhook_id, now, alert.body),
    }
    began = time.monotonic()
    try:
        async with session.post(
            url, data=alert.body.encode(), headers=headers, allow_redirects=False
        ) as response:
            taken = 200 <= response.status < 300
            # Nothing hangs on what it says beside it, which may never end.
            said = _at_hand(response) if taken else await _said(response)
            said = conceal(said, alert.config.values(), environ)
            if taken:
                answer = Answer(True, response.status, duration_ms=_ms_since(began), answer=said)
            else:
                answer = _refusal(response, said, now, began)
            return replace(answer, address=getattr(response, "address", None))
    except REQUEST_ERRORS as error:
        reason, told = reason_of_error(error, "WIREWATCH_DELIVER_TIMEOUT_S")
        if reason is Reason.BAD_URL:
            told = f"Channel {alert.channel_name}: its url is not a usable address."
        detail = conceal(told, alert.config.values(), environ)
        return Answer(accepted=False, reason=reason, detail=detail, duration_ms=_ms_since(began))


def _at_hand(response: aiohttp.ClientResponse) -> str:
    """The start of a body as far as it came with the head."""
    try:
        return response.content.read_nowait(_TOLD_BYTES).decode("utf-8", "replace")
    except REQUEST_ERRORS:
        return ""


async def _said(response: aiohttp.ClientResponse) -> str:
    """The start of a refusal's body; the status counts even where the body cannot be read."""
    try:
        return (await response.content.read(_TOLD_BYTES)).decode("utf-8", "replace")
    except REQUEST_ERRORS:
        return ""


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _refusal(response: aiohttp.ClientResponse, said: str, now: datetime, began: float) -> Answer:
    status = response.status
    told = clean_line(said, 200)
    return Answer(
        accepted=False,
        status=status,
        reason=reason_of_status(status),
        detail=f"The receiver answered {status}{f': {told}' if told else ''}",
        duration_ms=_ms_since(began),
        retry_after_s=retry_after_s(response.headers.get("Retry-After"), now),
        answer=said,
    )
