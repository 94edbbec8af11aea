"""stub"""

from collections.abc import Mapping


def wall_of(status: int, headers: Mapping[str, str], head: bytes) -> str | None:
    return None
