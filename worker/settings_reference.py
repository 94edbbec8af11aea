"""docs/settings.md, made from the settings themselves so that the two cannot disagree."""

from collections.abc import Iterator

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from worker.settings import Settings

_HEAD = """# Settings

Every setting is an environment variable; there is no settings file. A value that cannot be read
stops the process at start with the variable's name. Made from the code by `make docs`.

| variable | default | what it is |
|---|---|---|
"""


def settings_reference() -> str:
    """The Markdown of docs/settings.md: one row for each setting, in the code's order."""
    return _HEAD + "".join(f"{row}\n" for row in _rows())


def _rows() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        told = (field.description or "").replace("|", "\\|")
        yield f"| `WIREWATCH_{name.upper()}` | {_default(field)} | {told} |"


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = None
    if isinstance(value, tuple) and value:
        value = ",".join(map(str, value))
    return f"`{value}`" if value not in ((), None, "") else "none"
