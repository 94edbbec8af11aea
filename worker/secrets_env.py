"""`${NAME}` in configuration: secrets come from the environment, and only at the last moment."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote, quote_plus

from worker.errors import SetupError

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(value: str, environ: Mapping[str, str]) -> str:
    """`value` with every `${NAME}` replaced; raises SetupError naming one that is not set."""

    def found(match: re.Match[str]) -> str:
        name = match[1]
        if not environ.get(name):
            raise SetupError(f"the environment variable {name} is not set. Set it and start again.")
        return environ[name]

    return _NAME.sub(found, value)


def names_in(value: str) -> list[str]:
    """The names that `value` refers to as `${NAME}`."""
    return _NAME.findall(value)


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a configuration's value, however it is nested."""
    match value:
        case str():
            yield value
        case Mapping():
            for one in value.values():
                yield from texts_in(one)
        case Iterable():
            for one in value:
                yield from texts_in(one)


def secrets_of(config: Any, environ: Mapping[str, str]) -> dict[str, str]:
    """What each `${NAME}` in a configuration stands for, as far as it is set."""
    names = {name for text in texts_in(config) for name in names_in(text)}
    return {name: environ[name] for name in names if environ.get(name)}


def conceal(told: str, config: Any, environ: Mapping[str, str]) -> str:
    """`told` with every secret that `config` refers to replaced by the `${NAME}` it stands for.

    Also as it stands in addresses, in JSON and in HTML.
    """
    secrets = secrets_of(config, environ)
    for name, secret in sorted(secrets.items(), key=lambda item: -len(item[1])):
        for form in sorted(forms_of(secret), key=len, reverse=True):
            told = told.replace(form, f"${{{name}}}")
    return told


@lru_cache(maxsize=256)
def forms_of(secret: str) -> frozenset[str]:
    """The ways in which an answer may quote a secret."""
    in_json = {json.dumps(secret, ensure_ascii=plain)[1:-1] for plain in (True, False)}
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    slashed = {one.replace("/", "\\/") for one in in_json}
    return frozenset({secret, *quoted, *in_json, *slashed, escape(secret)})
