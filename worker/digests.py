"""What a digest says: the alerts that waited, in one message. Pure."""

import json
from collections.abc import Sequence
from datetime import datetime

from worker.messages import VERSION

MAX_BYTES = 200 * 1024
# What stands around the alerts, numbers of any length included.
_FRAME_BYTES = 400


def digest_body(
    bodies: Sequence[str], count: int, since: datetime, until: datetime, now: datetime
) -> str:
    """The body of a digest of `count` alerts, of which `bodies` are the first, oldest first: JSON.

    It is cut so that the whole stays under 200 KiB, and `left_out` then tells how many are not in
    it. `since` and `until` are when the first and the last of them were made.
    """
    told: list[object] = []
    size = _FRAME_BYTES
    for body in bodies:
        size += len(body.encode()) + 1
        if size > MAX_BYTES:
            break
        told.append(json.loads(body))
    whole = {
        "type": "digest",
        "version": VERSION,
        "timestamp": now.isoformat(),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "count": count,
        "alerts": told,
    }
    if count > len(told):
        whole["left_out"] = count - len(told)
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
