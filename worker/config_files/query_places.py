"""Where in a file a mistake in a query stands, and a picture of it."""

from unicodedata import combining, east_asian_width

from worker.config_files.yaml_lines import Located, Mistakes
from worker.errors import QueryError

_PICTURE = 60


def add_mistake(error: QueryError, value: Located, source: str, mistakes: Mistakes) -> None:
    """Note a mistake in the query or term that is `value`, at its line and column in the file."""
    line, column, picture = _place(value, source, error)
    problem = f"column {column}: {error.problem}"
    mistakes.add(problem, error.remedy + picture, line=line, key=value.key)


def _place(value: Located, source: str, error: QueryError) -> tuple[int, int, str]:
    """Line and column, in the file, of a mistake in a query, and a picture of it.

    YAML only changes a text's white space, so the mistake is found by counting the other signs;
    where a quoted scalar holds escapes, that does not hold, and the query itself is pictured.
    """
    raw = source[value.start : value.end]
    begin = value.start
    if value.style in ("|", ">"):
        begin += raw.index("\n") + 1
    elif value.style in ("'", '"'):
        begin += 1
        if "\\" in raw or "''" in raw:
            return value.line, error.column, _picture(error.query, error.column - 1)
    at = _skip(source, begin, sum(not c.isspace() for c in error.query[: error.column - 1]))
    if error.query[error.column - 1 : error.column].strip():
        while source[at].isspace():
            at += 1
    line_start = source.rfind("\n", 0, at) + 1
    line_end = source.find("\n", at)
    text = source[line_start : line_end if line_end >= 0 else None].rstrip()
    column = at - line_start
    return source.count("\n", 0, at) + 1, column + 1, _picture(text, column)


def _skip(source: str, at: int, signs: int) -> int:
    """The place behind the next `signs` characters that are no white space."""
    while signs:
        signs -= not source[at].isspace()
        at += 1
    return at


def _picture(text: str, offset: int) -> str:
    """The part of a line around a mistake, and a caret below it."""
    first = max(0, offset - _PICTURE)
    lead = text[first:offset].replace("\t", " ").replace("\n", " ")
    rest = text[offset : offset + _PICTURE].replace("\t", " ").replace("\n", " ")
    indent = len(lead) - len(lead.lstrip()) if first == 0 else 0
    lead = lead[indent:]
    wide = sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in lead)
    return f"\n    {lead}{rest}\n    {' ' * wide}^"
