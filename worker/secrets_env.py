"""`${NAME}` in configuration: secrets come from the environment, and only at the last moment."""

import re
from collections.abc import Mapping

from worker.errors import SetupError

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand(value: str, environ: Mapping[str, str]) -> str:
    """`value` with every `${NAME}` replaced; raises SetupError naming a variable that is not set."""

    def found(match: re.Match[str]) -> str:
        name = match[1]
        if not environ.get(name):
            raise SetupError(f"the environment variable {name} is not set. Set it and start again.")
        return environ[name]

    return _NAME.sub(found, value)
