"""What people are told of push."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from worker.cli._output import shown
from worker.settings import Settings

_WHY_NOT = {
    "wanted": "not asked yet",
    "asked": "asked, not verified yet",
    "verified": "its lease has ended",
    "withdrawn": "no longer offered",
}


def told_of(push: Mapping[str, Any] | None, now: datetime, is_on: bool) -> str:
    """Of one feed: whether it is pushed, until when and when last, or why not."""
    if push is None:
        return "not offered"
    last = f", last {shown(push['pushed_at'])}" if push["pushed_at"] else ""
    why = f": {push['detail']}" if push["detail"] else ""
    if not is_on:
        return f"{push['kind']} offered, push is off{last}"
    if push["expires_at"] is not None and push["expires_at"] > now:
        return f"{push['kind']} until {shown(push['expires_at'])}{last}{why}"
    return f"{push['kind']} {_WHY_NOT.get(push['state'], push['state'])}{why}{last}"


def off_because(knobs: Settings) -> str:
    """Why push is off; empty where it is on."""
    if not knobs.push:
        return "push is off: WIREWATCH_PUSH is false"
    missing = [
        name
        for name, value in (
            ("WIREWATCH_PUBLIC_URL", knobs.public_url),
            ("WIREWATCH_PUSH_KEY", knobs.push_key.get_secret_value()),
        )
        if not value
    ]
    return f"push is off: {' and '.join(missing)} not set" if missing else ""


def counted(pushed: Mapping[str, Any], knobs: Settings) -> str:
    """Of all feeds: how many are pushed."""
    if off := off_because(knobs):
        return f"{pushed['offered']} feeds offer push; {off}."
    last = f", the last {shown(pushed['last_at'])}" if pushed["last_at"] else ""
    unread = f", {pushed['unread']} to be read" if pushed["unread"] else ""
    return (
        f"{pushed['pushed']} of {pushed['offered']} feeds that offer push are pushed: "
        f"{pushed['pushes']} times{last}{unread}."
    )
