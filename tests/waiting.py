"""Waiting for a condition instead of for a time."""

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], object], *, timeout_s: float = 10, what: str, every_s: float = 0.01
) -> None:
    """Return as soon as `condition()` is true; AssertionError says `what` never came true."""
    give_up = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"waited {timeout_s:g} s in vain until {what}")
        time.sleep(every_s)
