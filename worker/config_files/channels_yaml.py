"""channels.yml: where alerts go. Secrets stand in the environment, and no message shows one."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from worker.config_files.alerting_yaml import KEYS as _ALERTING
from worker.config_files.alerting_yaml import read_alerting
from worker.config_files.files import read_text
from worker.config_files.names import read_name, refuse_twice
from worker.config_files.yaml_lines import (
    Located,
    Mistakes,
    items_of,
    read_yaml,
    refuse_unknown,
    shown,
    text_of,
)
from worker.errors import ConfigError, Reason
from worker.records import ChannelSpec
from worker.secrets_env import expand
from worker.urls import MAX_URL, problem_of

_MAKE = (
    "Write one that begins with channels: and holds at least - {name: desk, kind: log}, "
    "as docs/configuration.md shows."
)
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NEW_SECRET = 'Make one with: echo "whsec_$(openssl rand -base64 32)"'
_SECRET_BYTES = range(24, 65)


@dataclass(frozen=True, slots=True)
class Channels:
    """`names` holds those of faulty channels too; None where the file could not be read at all."""

    specs: list[ChannelSpec]
    names: list[str] | None
    mistakes: list[ConfigError]


def read_channels(path: Path, environ: Mapping[str, str]) -> Channels:
    """The channels of channels.yml and its mistakes; `environ` must hold what `${NAME}` names."""
    mistakes = Mistakes(str(path))
    try:
        document = read_yaml(read_text(path, _MAKE), mistakes)
    except ConfigError as error:
        return Channels([], None, [error])
    if document is None:
        return Channels([], None, mistakes.found)
    specs: list[ChannelSpec] = []
    lines: dict[str, int] = {}
    for item in items_of(document, "channels", "name and kind", mistakes):
        before = len(mistakes.found)
        name = read_name(item, mistakes, example="desk")
        refuse_twice(item, name, lines, mistakes)
        spec = _channel(item, name or "", environ, mistakes)
        if spec and len(mistakes.found) == before:
            specs.append(spec)
    unread = not lines and bool(mistakes.found)
    return Channels(specs, None if unread else list(lines), mistakes.found)


def _channel(
    item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes
) -> ChannelSpec | None:
    kind = text_of(item, "kind", mistakes, example="log", limit=40)
    if kind is None:
        return None
    if kind not in _KINDS:
        near = get_close_matches(kind, _KINDS, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]}? " if near else ""
        remedy += f"Known kinds: {', '.join(_KINDS)}."
        place = item.entries["kind"]
        mistakes.add(f"unknown kind {shown(kind)}", remedy, line=place.line, key=place.key)
        return None
    options = _KINDS[kind]
    refuse_unknown(item, ("name", "kind", *options, *_ALERTING), mistakes)
    values: dict[str, str] = {}
    for option, (check, example) in options.items():
        value = text_of(item, option, mistakes, example=example, limit=MAX_URL)
        if value is not None:
            check(item.entries[option], environ, mistakes)
            values[option] = value
    return ChannelSpec(name, kind, values, read_alerting(item, mistakes))


def _check_url(option: Located, environ: Mapping[str, str], mistakes: Mistakes) -> None:
    """The URL is never quoted: with some receivers its path is the secret."""
    filled = _expanded(option, environ, mistakes)
    if filled is None:
        return
    found = problem_of(filled)
    if found and found[0] is Reason.CREDENTIALS_IN_URL:
        problem = "url holds a user name or password"
        remedy = "Take it out: receivers know wirewatch by the signature."
        mistakes.add(problem, remedy, line=option.line, key=option.key)
    elif found or not filled.isprintable() or " " in filled or "${" in filled:
        problem = "url is no usable http(s) address"
        remedy = "Write one like https://example.org/hook; ${NAME} takes letters, digits and _."
        mistakes.add(problem, remedy, line=option.line, key=option.key)


def _check_secret(option: Located, environ: Mapping[str, str], mistakes: Mistakes) -> None:
    if not _VARIABLE.fullmatch(option.text):
        problem = "the secret stands in the file, or is not of the form ${NAME}"
        remedy = "Put it into the environment and write its name: secret: ${WIREWATCH_DESK_SECRET}"
        mistakes.add(problem, remedy, line=option.line, key=option.key)
        return
    secret = _expanded(option, environ, mistakes)
    if secret is not None and not _is_secret(secret):
        name = option.text[2:-1]
        problem = f"{name} is not whsec_ and the base64 of 24 to 64 bytes"
        mistakes.add(problem, _NEW_SECRET, line=option.line, key=option.key)


def _is_secret(secret: str) -> bool:
    """Whether it is a signing secret as Standard Webhooks writes them."""
    scheme, _, encoded = secret.partition("_")
    try:
        return scheme == "whsec" and len(b64decode(encoded, validate=True)) in _SECRET_BYTES
    except ValueError:
        return False


def _expanded(option: Located, environ: Mapping[str, str], mistakes: Mistakes) -> str | None:
    for name in _VARIABLE.findall(option.text):
        if not environ.get(name):
            problem = f"the environment variable {name} is not set"
            remedy = "Set it where wirewatch is started."
            mistakes.add(problem, remedy, line=option.line, key=option.key)
            return None
    return expand(option.text, environ)


_Check = Callable[[Located, Mapping[str, str], Mistakes], None]
# The options of each kind: how they are checked, and an example. All are required.
_KINDS: dict[str, dict[str, tuple[_Check, str]]] = {
    "webhook": {
        "url": (_check_url, "https://example.org/hook"),
        "secret": (_check_secret, "${WIREWATCH_DESK_SECRET}"),
    },
    "log": {},
}
