"""How commands print what two texts word otherwise."""

from collections.abc import Iterable

import typer

_COLOURS = {"-": typer.colors.RED, "+": typer.colors.GREEN}
_KEPT_WORDS = 6


def print_differences(pairs: Iterable[tuple[str, str]]) -> None:
    """One line: what was taken out as [-…-], what was put in as [+…+]; nothing for equal texts."""
    short = shortened(list(pairs))
    for kind, words in short:
        if kind == "=":
            typer.echo(f" {words}", nl=False)
        else:
            typer.secho(f" [{kind}{words}{kind}]", fg=_COLOURS[kind], nl=False)
    if short:
        typer.echo()


def shortened(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Differences with only so much of the common text as is needed to find the place."""
    short = []
    for number, (kind, text) in enumerate(pairs):
        words = text.split()
        if kind == "=" and len(words) > 2 * _KEPT_WORDS:
            before = [] if number == 0 else words[:_KEPT_WORDS]
            after = [] if number == len(pairs) - 1 else words[-_KEPT_WORDS:]
            text = " ".join([*before, "…", *after])
        short.append((kind, text))
    return [] if [kind for kind, _ in short] == ["="] else short
