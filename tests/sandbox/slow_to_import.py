"""A module that takes its time when it is imported, as libraries of parsers do."""

from tests.sandbox.jobs import burn

burn(0.6)


def done() -> str:
    return "done"
