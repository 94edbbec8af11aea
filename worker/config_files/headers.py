"""HTTP headers in configuration: what may be set, and that a header can carry it."""

import re
from collections.abc import Mapping

from worker.config_files.yaml_lines import Located, Mistakes, shown, text_of
from worker.secrets_env import expand, names_in

MAX_VALUE = 8_000
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")


def read_headers(
    item: Located,
    name: str,
    not_here: Mapping[str, str],
    environ: Mapping[str, str],
    mistakes: Mistakes,
) -> tuple[tuple[str, str], ...] | None:
    """The names and values under an option; `not_here` says what to do in place of some.

    Names in `not_here` are in small letters. None, and a mistake, where it is no mapping.
    """
    listed = item.entries[name]
    if listed.kind != "mapping":
        remedy = f"Write {name}: {{X-Key: value}}"
        mistakes.add(f"{name} must be a mapping", remedy, line=listed.line, key=listed.key)
        return None
    told: dict[str, tuple[str, str]] = {}
    for header, place in listed.entries.items():
        why_not = not_here.get(header.lower())
        if not _HEADER.fullmatch(header) or why_not:
            problem = f"{shown(header)!r} cannot be set here"
            remedy = f"Remove it: {why_not}." if why_not else "Use letters, digits and -."
            mistakes.add(problem, remedy, line=place.line, key=place.key)
            continue
        if header.lower() in told:
            problem = f"{shown(header)!r} stands twice"
            mistakes.add(problem, "Remove one of the two.", line=place.line, key=place.key)
            continue
        value = text_of(listed, header, mistakes, example="value", limit=MAX_VALUE)
        if value is not None and is_sendable(place, value, environ, mistakes):
            told[header.lower()] = (header, value)
    return tuple(told.values())


def is_sendable(place: Located, value: str, environ: Mapping[str, str], mistakes: Mistakes) -> bool:
    """Whether every `${NAME}` of a value is set, and a header can carry what it stands for."""
    for missing in (name for name in names_in(value) if not environ.get(name)):
        problem = f"the environment variable {missing} is not set"
        remedy = "Set it where wirewatch is started."
        mistakes.add(problem, remedy, line=place.line, key=place.key)
        return False
    if not expand(value, environ).isprintable():
        remedy = "Take line breaks and control characters out."
        mistakes.add("it cannot be sent in a header", remedy, line=place.line, key=place.key)
        return False
    return True
