"""Webhooks, signed as Standard Webhooks specifies it (standardwebhooks.com, version 1).

Success is a 2xx answer and nothing else; redirects are not followed, for a signature vouches for
the address that the operator wrote.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import aiohttp

from worker.channels.means import (
    Means,
    UnsendableError,
    filled,
    kept_answer,
    listed,
    longest_answer,
    option,
    refused,
)
from worker.channels.rendering import Message, rendered
from worker.errors import Reason
from worker.formats import SIGNED
from worker.http.body import read_head
from worker.http.connection import Response
from worker.http.headers import retry_after_s
from worker.http.reasons import REQUEST_ERRORS, reason_of_error, reason_of_status
from worker.records import Answer, ClaimedAlert
from worker.secrets_env import conceal
from worker.signing import Signer
from worker.text import clean_line

# Seconds for which an answer's body is waited for; its status counts without.
_BODY_S = 0.5
_LONGEST_TOLD = 200


async def send_webhook(means: Means, alert: ClaimedAlert, now: datetime) -> Answer:
    """POST a message, signed at this try's time under the alert's own unchanging id."""
    try:
        url = option(alert, "url", means)
        signer = _signer(alert, means)
        message = await rendered(means, alert, now)
        headers = _headers(alert, message, means)
    except UnsendableError as error:
        return refused(alert, error)
    headers |= {
        "webhook-id": alert.webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    if signer is not None:
        headers["webhook-signature"] = signer.sign(alert.webhook_id, now, message.text)
    began = time.monotonic()
    try:
        answer = await _posted(means, alert, url, message, headers, now)
    except REQUEST_ERRORS as error:
        reason, told = reason_of_error(error, "WIREWATCH_DELIVER_TIMEOUT_S")
        if reason is Reason.BAD_URL:
            told = f"Channel {alert.channel_name}: its url is not a usable address."
        answer = Answer(
            accepted=False, reason=reason, detail=conceal(told, alert.config, means.environ)
        )
        return replace(answer, duration_ms=_ms_since(began))
    return answer


def _signer(alert: ClaimedAlert, means: Means) -> Signer | None:
    """None where the channel has nothing to sign with, and need not."""
    secrets = listed(alert, "secret", "secrets", means)
    keys = listed(alert, "signing_key", "signing_keys", means)
    is_unsigned = "template" in alert.config or alert.config.get("format", "standard") not in SIGNED
    if not secrets and not keys:
        if is_unsigned:
            return None
        raise UnsendableError(Reason.SECRET_MISSING, "it has no secret to sign with.")
    try:
        return _signer_of(tuple(secrets), tuple(keys))
    except ValueError:
        told = (
            "one of its secrets or signing keys is none. Make one with `wirewatch channels rotate`."
        )
        raise UnsendableError(Reason.SECRET_MISSING, told) from None


# Reading a secret costs as much as half of a signature with it.
_signer_of = lru_cache(maxsize=256)(Signer)


def _headers(alert: ClaimedAlert, message: Message, means: Means) -> dict[str, str]:
    """The headers that the channel adds, and the message's own; raises UnsendableError."""
    told: dict[str, str] = {"Content-Type": message.content_type}
    for name, value in _written(alert).items():
        told[name] = filled(value, f"header {name}", means)
        if not told[name].isprintable():
            wrong = f"its header {name} holds a line break or a control character."
            raise UnsendableError(Reason.SECRET_MISSING, wrong)
    return told


def _written(alert: ClaimedAlert) -> Mapping[str, str]:
    found = alert.config.get("headers", {})
    return found if isinstance(found, Mapping) else {}


async def _posted(
    means: Means,
    alert: ClaimedAlert,
    url: str,
    message: Message,
    headers: dict[str, str],
    now: datetime,
) -> Answer:
    began = time.monotonic()
    async with means.session.post(
        url, data=message.text.encode(), headers=headers, allow_redirects=False
    ) as response:
        took = _ms_since(began)
        said = b""
        if not response.content.at_eof():
            said = await read_head(response, longest_answer(alert, means), _BODY_S)
        accepted = 200 <= response.status < 300
        answer = Answer(
            accepted=accepted,
            status=response.status,
            duration_ms=took,
            answer=kept_answer(said, alert, means),
            address=response.address if isinstance(response, Response) else None,
        )
        return answer if accepted else _refusal(answer, response, now)


def _refusal(answer: Answer, response: aiohttp.ClientResponse, now: datetime) -> Answer:
    told = clean_line(answer.answer, _LONGEST_TOLD)
    return replace(
        answer,
        reason=reason_of_status(response.status),
        detail=f"The receiver answered {response.status}{f': {told}' if told else ''}",
        retry_after_s=retry_after_s(response.headers.get("Retry-After"), now),
    )


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
