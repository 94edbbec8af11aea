"""feeds.yml: what is special about asking some feeds. It may be missing; most feeds need none."""

import codecs
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from worker.config_files.files import read_text
from worker.config_files.headers import MAX_VALUE, is_sendable, read_headers
from worker.config_files.yaml_lines import (
    Located,
    Mistakes,
    items_of,
    read_yaml,
    refuse_unknown,
    shown,
    text_of,
)
from worker.errors import ConfigError
from worker.feed_options import FeedOptions
from worker.http.proxy import proxy_address
from worker.records import OptionsSpec
from worker.secrets_env import names_in
from worker.urls import MAX_URL, absolute_url

_MAKE = "Write feeds: and below it items with feed or site, as docs/configuration.md shows."
_SITE = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9-]+", re.I)
# What HTTP itself, or another option, sees to.
_NOT_HERE = {
    "accept-encoding": "bodies are decompressed by what is asked for",
    "authorization": "write auth:",
    "connection": "HTTP sees to it",
    "content-length": "HTTP sees to it",
    "cookie": "write cookie:",
    "host": "HTTP sees to it",
    "if-modified-since": "it comes from the last answer",
    "if-none-match": "it comes from the last answer",
    "transfer-encoding": "HTTP sees to it",
    "user-agent": "write user_agent:",
}


def read_options(
    path: Path, environ: Mapping[str, str]
) -> tuple[list[OptionsSpec], list[ConfigError]]:
    """The options of feeds.yml and its mistakes; `environ` must hold what `${NAME}` names."""
    if not path.exists():
        return [], []
    mistakes = Mistakes(str(path))
    try:
        document = read_yaml(read_text(path, _MAKE), mistakes)
    except ConfigError as error:
        return [], [error]
    if document is None:
        return [], mistakes.found
    specs: list[OptionsSpec] = []
    lines: dict[str, int] = {}
    for item in items_of(document, "feeds", "feed or site, and its options", mistakes):
        before = len(mistakes.found)
        spec = _spec(item, environ, mistakes)
        if spec is not None and len(mistakes.found) == before:
            _refuse_twice(item, spec.feed or spec.site or "", lines, mistakes)
            specs.append(spec)
    return specs, mistakes.found


def _spec(item: Located, environ: Mapping[str, str], mistakes: Mistakes) -> OptionsSpec | None:
    refuse_unknown(item, ("feed", "site", *_OPTIONS), mistakes)
    feed = _feed_url(item, mistakes) if "feed" in item.entries else None
    site = _site(item, mistakes) if "site" in item.entries else None
    if ("feed" in item.entries) == ("site" in item.entries):
        problem = "it must have one of feed and site"
        remedy = "Write feed: and a feed's URL, or site: and a host whose feeds are meant."
        mistakes.add(problem, remedy, line=item.line, key=item.key)
        return None
    values: dict[str, Any] = {}
    for name, read in _OPTIONS.items():
        if name in item.entries:
            values[name] = read(item, name, environ, mistakes)
    return OptionsSpec(
        FeedOptions(**{k: v for k, v in values.items() if v is not None}), feed, site
    )


def _feed_url(item: Located, mistakes: Mistakes) -> str | None:
    told = text_of(item, "feed", mistakes, example="https://example.org/feed.xml", limit=MAX_URL)
    if told is None or absolute_url(told) is not None:
        return told
    _refuse(item, "feed", "feed is no usable address", "Write it as in feeds.opml.", mistakes)
    return None


def _site(item: Located, mistakes: Mistakes) -> str | None:
    told = text_of(item, "site", mistakes, example="example.org", limit=255)
    if told is None or _SITE.fullmatch(told):
        return told and told.lower()
    _refuse(item, "site", f"{shown(told)!r} is no host name", "Write example.org.", mistakes)
    return None


def _refuse_twice(item: Located, name: str, lines: dict[str, int], mistakes: Mistakes) -> None:
    if name in lines:
        problem = f"{shown(name)} stands twice, in lines {lines[name]} and {item.line}"
        mistakes.add(problem, "Make one item of the two.", line=item.line, key=item.key)
    lines[name] = item.line


def _refuse(item: Located, name: str, problem: str, remedy: str, mistakes: Mistakes) -> None:
    place = item.entries[name]
    mistakes.add(problem, remedy, line=place.line, key=place.key)


# ---- one function for each kind of option


def _headers(
    item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes
) -> tuple[tuple[str, str], ...] | None:
    return read_headers(item, name, _NOT_HERE, environ, mistakes)


def _auth(item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes) -> str | None:
    told = _secret_text(item, name, environ, mistakes)
    if told is None:
        return None
    user, colon, password = told.partition(":")
    if not user or not colon or not names_in(password):
        problem = "the password stands in the file, or it is not user:${NAME}"
        remedy = "Put it into the environment and write its name: auth: editor:${SITE_PASSWORD}"
        _refuse(item, name, problem, remedy, mistakes)
        return None
    return told


def _cookie(item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes) -> str | None:
    return _secret_text(item, name, environ, mistakes)


def _proxy(item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes) -> str | None:
    told = _secret_text(item, name, environ, mistakes)
    if told is None:
        return None
    user, at, _ = told.rpartition("@")
    if at and ":" in user.partition("://")[2] and not names_in(user):
        problem = "the proxy's password stands in the file"
        remedy = "Write proxy: http://USER:${NAME}@HOST:PORT, and set the variable."
        _refuse(item, name, problem, remedy, mistakes)
        return None
    if proxy_address(told, environ) is None:
        remedy = "Write http://HOST:PORT; http and https proxies are supported."
        _refuse(item, name, "proxy is no usable proxy address", remedy, mistakes)
        return None
    return told


def _user_agent(
    item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes
) -> str | None:
    told = text_of(item, name, mistakes, example="wirewatch/0.1 (desk@example.org)", limit=500)
    if told is not None and not (told.isascii() and told.isprintable()):
        _refuse(item, name, "user_agent must be plain ASCII", "Use letters and signs.", mistakes)
    return told


def _encoding(
    item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes
) -> str | None:
    told = text_of(item, name, mistakes, example="windows-1256", limit=40)
    if told is None:
        return None
    try:
        return codecs.lookup(told).name
    except LookupError:
        remedy = "Write the name of one, such as windows-1256."
        _refuse(item, name, f"no encoding is called {shown(told)!r}", remedy, mistakes)
        return None


def _switch(
    item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes
) -> bool | None:
    told = item.entries[name].text.lower()
    if told in ("true", "yes", "on"):
        return True
    if told in ("false", "no", "off"):
        return False
    _refuse(item, name, f"{name} must be on or off", f"Write {name}: off", mistakes)
    return None


def _secret_text(
    item: Located, name: str, environ: Mapping[str, str], mistakes: Mistakes
) -> str | None:
    told = text_of(item, name, mistakes, example="${NAME}", limit=MAX_VALUE)
    if told is None or not is_sendable(item.entries[name], told, environ, mistakes):
        return None
    return told


_Read = Callable[[Located, str, Mapping[str, str], Mistakes], Any]
_OPTIONS: dict[str, _Read] = {
    "headers": _headers,
    "auth": _auth,
    "cookie": _cookie,
    "proxy": _proxy,
    "user_agent": _user_agent,
    "verify_tls": _switch,
    "encoding": _encoding,
    "full_text": _switch,
    "robots": _switch,
}
