"""The kinds of channels and their options: one function each, and the dict of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.config_files.headers import is_sendable, read_headers
from worker.config_files.template_files import NAME_HINT, SUFFIX, check_template, is_template_name
from worker.config_files.yaml_lines import Located, Mistakes, shown, text_of
from worker.errors import Reason
from worker.formats import FORMATS, SIGNED, STANDARD
from worker.notifying import problem_of_notifier
from worker.secrets_env import expand, names_in
from worker.signing import is_secret, is_signing_key
from worker.urls import MAX_URL, problem_of

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+(?:; ?charset=utf-8)?", re.I)
_MOST_SECRETS = 5
# What the message itself, HTTP or the signature sees to.
_NOT_HERE = {
    "connection": "HTTP sees to it",
    "content-encoding": "messages are sent as they are",
    "content-length": "HTTP sees to it",
    "content-type": "write content_type: beside template:",
    "host": "HTTP sees to it",
    "transfer-encoding": "HTTP sees to it",
    "webhook-id": "every message has its own",
    "webhook-signature": "write secret:",
    "webhook-timestamp": "every try has its own",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a channel is read: its item, the folder of its file, what variables hold."""

    item: Located
    folder: Path
    environ: Mapping[str, str]
    mistakes: Mistakes

    def refuse(self, name: str, problem: str, remedy: str) -> None:
        at = self.item.entries.get(name)
        line, key = (at.line, at.key) if at else (self.item.line, f"{self.item.key}.{name}")
        self.mistakes.add(problem, remedy, line=line, key=key)

    def text(self, name: str, example: str) -> str | None:
        return text_of(self.item, name, self.mistakes, example=example, limit=MAX_URL)

    def filled(self, at: Located) -> str | None:
        """A value with its variables filled in; None, and a mistake, where one is not set."""
        for name in names_in(at.text):
            if not self.environ.get(name):
                problem = f"the environment variable {name} is not set"
                remedy = "Set it where wirewatch is started."
                self.mistakes.add(problem, remedy, line=at.line, key=at.key)
                return None
        return expand(at.text, self.environ)


# ---- webhooks


def _webhook(place: _Place) -> dict[str, Any]:
    values: dict[str, Any] = {}
    url = place.text("url", "https://example.org/hook")
    if url is not None:
        _check_url(place)
        values["url"] = url
    for name in ("format", "template", "content_type", "headers"):
        if name in place.item.entries:
            values |= _OPTIONAL[name](place)
    values |= _signing(place, "secret", "secrets", _SECRET)
    values |= _signing(place, "signing_key", "signing_keys", _KEY)
    _check_together(place, values)
    return values


def _check_together(place: _Place, values: dict[str, Any]) -> None:
    there = place.item.entries
    if "template" in there and "format" in there:
        place.refuse("format", "format and template are both there", "Remove one of the two.")
    if "content_type" in there and "template" not in there:
        remedy = "Remove it, or write template: file.j2"
        place.refuse("content_type", "content_type is for templates alone", remedy)
    names = ("secret", "secrets", "signing_key", "signing_keys")
    is_whole = "template" not in there and values.get("format", STANDARD) in SIGNED
    if is_whole and not any(name in there for name in names):
        place.refuse("secret", "secret is missing", f"Add secret: {_SECRET.example}")
    if "template" in values:
        kind = values.get("content_type", "text/plain")
        check_template(place.folder, values, kind, place.item.entries["template"], place.mistakes)


def _check_url(place: _Place) -> None:
    """The URL is never quoted: with some receivers its path is the secret."""
    filled = place.filled(place.item.entries["url"])
    if filled is None:
        return
    found = problem_of(filled)
    if found and found[0] is Reason.CREDENTIALS_IN_URL:
        remedy = "Take it out: receivers know wirewatch by the signature, or write headers:"
        place.refuse("url", "url holds a user name or password", remedy)
    elif found or not filled.isprintable() or " " in filled or "${" in filled:
        remedy = "Write one like https://example.org/hook; ${NAME} takes letters, digits and _."
        place.refuse("url", "url is no usable http(s) address", remedy)


@dataclass(frozen=True, slots=True)
class _Signature:
    """How a secret or a key is written, tested and made."""

    told: str
    example: str
    is_one: Callable[[str], bool]
    form: str
    make: str


_SECRET = _Signature(
    "the secret",
    "${WIREWATCH_DESK_SECRET}",
    is_secret,
    "whsec_ and the base64 of 24 to 64 bytes",
    'Make one with: echo "whsec_$(openssl rand -base64 32)"',
)
_KEY = _Signature(
    "the signing key",
    "${WIREWATCH_DESK_KEY}",
    is_signing_key,
    "whsk_ and the base64 of an ed25519 key",
    "Make one with: wirewatch channels rotate NAME --ed25519",
)


def _signing(place: _Place, one: str, several: str, how: _Signature) -> dict[str, Any]:
    """The option as it is written: a text under `one`, or a list under `several`."""
    there = place.item.entries
    if one in there and several in there:
        place.refuse(several, f"{one} and {several} are both there", f"Put all into {several}.")
    if one in there:
        value = place.text(one, how.example)
        if value is None or not _is_signature(place, there[one], how):
            return {}
        return {one: value}
    if several not in there:
        return {}
    listed = there[several]
    if listed.kind != "list" or not 1 <= len(listed.items) <= _MOST_SECRETS:
        remedy = f'Write {several}: ["${{NEW_ONE}}", "${{OLD_ONE}}"]'
        place.refuse(several, f"{several} must be a list of 1 to {_MOST_SECRETS}", remedy)
        return {}
    good = [_is_signature(place, item, how) for item in listed.items]
    return {several: [item.text for item in listed.items]} if all(good) else {}


def _is_signature(place: _Place, at: Located, how: _Signature) -> bool:
    if at.kind != "text" or not _VARIABLE.fullmatch(at.text):
        problem = f"{how.told} stands in the file, or is not of the form ${{NAME}}"
        remedy = f"Put it into the environment and write its name: {how.example}"
        place.mistakes.add(problem, remedy, line=at.line, key=at.key)
        return False
    told = place.filled(at)
    if told is None:
        return False
    if not how.is_one(told):
        name = at.text[2:-1]
        place.mistakes.add(f"{name} is not {how.form}", how.make, line=at.line, key=at.key)
        return False
    return True


def _format(place: _Place) -> dict[str, Any]:
    value = place.text("format", STANDARD)
    if value is not None and value not in FORMATS:
        remedy = f"Known formats: {', '.join(FORMATS)}."
        place.refuse("format", f"unknown format {shown(value)}", remedy)
        return {}
    return {"format": value} if value else {}


def _template(place: _Place) -> dict[str, Any]:
    value = place.text("template", f"desk{SUFFIX}")
    if value is not None and not is_template_name(value):
        place.refuse("template", f"{shown(value)!r} is no template's name", NAME_HINT)
        return {}
    return {"template": value} if value else {}


def _content_type(place: _Place) -> dict[str, Any]:
    value = place.text("content_type", "application/json")
    if value is not None and not _MEDIA_TYPE.fullmatch(value):
        remedy = "Write one like application/json; messages are always UTF-8."
        place.refuse("content_type", f"{shown(value)!r} is no media type", remedy)
        return {}
    return {"content_type": value} if value else {}


def _headers(place: _Place) -> dict[str, Any]:
    found = read_headers(place.item, "headers", _NOT_HERE, place.environ, place.mistakes)
    return {"headers": dict(found)} if found else {}


_OPTIONAL: dict[str, Callable[[_Place], dict[str, Any]]] = {
    "format": _format,
    "template": _template,
    "content_type": _content_type,
    "headers": _headers,
}


# ---- apprise


def _apprise(place: _Place) -> dict[str, Any]:
    """The URL is never quoted: it holds tokens and passwords."""
    example = "mailto://${MAIL_USER}:${MAIL_PASSWORD}@example.org"
    value = place.text("url", example)
    if value is None or not is_sendable(
        place.item.entries["url"], value, place.environ, place.mistakes
    ):
        return {}
    if not names_in(value):
        problem = "url holds no ${NAME}, although such addresses hold tokens or passwords"
        remedy = f"Put the secret parts, or all of it, into the environment: url: {example}"
        place.refuse("url", problem, remedy)
        return {}
    problem_found = problem_of_notifier(expand(value, place.environ))
    if problem_found:
        remedy = "See the service's page of apprise's documentation (appriseit.com)."
        place.refuse("url", f"url cannot be used: {problem_found}", remedy)
        return {}
    return {"url": value}


@dataclass(frozen=True, slots=True)
class Kind:
    """The options of a kind, and how they are read."""

    keys: tuple[str, ...]
    reader: Callable[[_Place], dict[str, Any]]

    def read(
        self, item: Located, folder: Path, environ: Mapping[str, str], mistakes: Mistakes
    ) -> dict[str, Any]:
        """The options as the store keeps them; mistakes are added to `mistakes`."""
        return self.reader(_Place(item, folder, environ, mistakes))


_SIGNING_KEYS = ("secret", "secrets", "signing_key", "signing_keys")
KINDS: dict[str, Kind] = {
    "webhook": Kind(("url", *_SIGNING_KEYS, *_OPTIONAL), _webhook),
    "apprise": Kind(("url",), _apprise),
    "log": Kind((), lambda _place: {}),
}
