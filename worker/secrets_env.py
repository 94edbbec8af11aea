"""`${NAME}` in configuration: secrets come from the environment, and only at the last moment."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

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


def conceal(told: str, values: Iterable[str], environ: Mapping[str, str]) -> str:
    """`told` with every secret that `values` refer to replaced by the `${NAME}` it stands for."""
    names = {name for value in values for name in names_in(value)}
    secrets = {name: environ[name] for name in names if environ.get(name)}
    for name, secret in sorted(secrets.items(), key=lambda item: -len(item[1])):
        for form in (secret, quote(secret, safe=""), quote(secret)):
            told = told.replace(form, f"${{{name}}}")
    return told
