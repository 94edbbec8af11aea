"""What senders work with, and what they have in common."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp

from worker.errors import Reason, SetupError
from worker.netguard import Network
from worker.records import Answer, ClaimedAlert
from worker.sandbox import Sandbox
from worker.secrets_env import conceal, expand, forms_of, secrets_of
from worker.text import clean

ANSWER_BYTES = 1024
Links = Callable[[ClaimedAlert, datetime], Mapping[str, str]]


def no_links(_alert: ClaimedAlert, _now: datetime) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Means:
    """`environ` holds what each `${NAME}` stands for, `allowed` the private networks that may be
    reached; `templates` and `notifiers` are the children that run what may never return. `links`
    gives the links that a message carries when it is sent.
    """

    session: aiohttp.ClientSession
    templates: Sandbox
    notifiers: Sandbox
    environ: Mapping[str, str]
    allowed: tuple[Network, ...] = ()
    links: Links = no_links

    async def close(self) -> None:
        """Close the session and end the children."""
        await self.session.close()
        await self.templates.close()
        await self.notifiers.close()


Sender = Callable[[Means, ClaimedAlert, datetime], Awaitable[Answer]]


class UnsendableError(Exception):
    """A message cannot be made or sent as its channel is set up; an answer says why."""

    def __init__(self, reason: Reason, told: str) -> None:
        self.reason = reason
        super().__init__(told)


def refused(alert: ClaimedAlert, error: UnsendableError) -> Answer:
    """The answer that stands for an error of our own."""
    detail = f"Channel {alert.channel_name}: {error}"
    return Answer(accepted=False, reason=error.reason, detail=detail)


def option(alert: ClaimedAlert, name: str, means: Means) -> str:
    """An option with its secrets filled in; raises UnsendableError where that cannot be."""
    return filled(alert.config.get(name), name, means)


def listed(alert: ClaimedAlert, one: str, several: str, means: Means) -> list[str]:
    """The values of an option that may be written as one or as a list."""
    told = [alert.config[one]] if one in alert.config else list(alert.config.get(several, ()))
    return [filled(value, one, means) for value in told]


def filled(value: Any, name: str, means: Means) -> str:
    """A configured text with its secrets filled in."""
    if not isinstance(value, str):
        raise UnsendableError(Reason.SECRET_MISSING, f"it has no usable {name}.")
    try:
        return expand(value, means.environ)
    except SetupError as error:
        raise UnsendableError(Reason.SECRET_MISSING, str(error)) from None


def longest_answer(alert: ClaimedAlert, means: Means) -> int:
    """How many bytes to read, so that no secret is cut in two where the kept part ends."""
    forms = [f for s in secrets_of(alert.config, means.environ).values() for f in forms_of(s)]
    return ANSWER_BYTES + max((len(form.encode()) for form in forms), default=0)


def kept_answer(said: bytes, alert: ClaimedAlert, means: Means) -> str:
    """The first 1 KiB of an answer as it may be stored and shown, without secrets."""
    if not said:
        return ""
    told = conceal(said.decode("utf-8", "replace"), alert.config, means.environ)
    return clean(told.encode()[:ANSWER_BYTES].decode("utf-8", "ignore"), ANSWER_BYTES)
