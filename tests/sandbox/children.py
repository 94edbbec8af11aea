"""The processes that a test starts, apart from those that tests share, such as databases."""

from collections.abc import Callable

import psutil


def children_from_now() -> Callable[[], set[psutil.Process]]:
    """A view of this process's children that are not there yet, living or not waited for."""
    us = psutil.Process()
    before = set(us.children())
    return lambda: set(us.children()) - before
