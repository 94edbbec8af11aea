"""Templates of one's own for messages: Jinja2, without a way out of the message. Pure.

`render` runs in a child process that may be killed (sandbox/): that bounds its time and memory,
whatever a template loops over or multiplies. Jinja2's sandbox keeps it from whatever is no text,
number, list or mapping.
"""

import json
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from worker.errors import Reason
from worker.formats import as_text, telling
from worker.messages import Body
from worker.records import Failed
from worker.text import clean_line

MAX_BYTES = 256 * 1024
_NAMES = (
    "type", "timestamp", "occasion", "topic", "story", "article", "match", "links", "replay",
    "since", "until", "count", "alerts", "left_out", "matter", "text", "remedy",
)  # fmt: skip
_FILE = "<template>"


def render(source: str, body: Body, content_type: str) -> tuple[str, str, int | None]:
    """The message, or "" with what is wrong and the line of the template where it is.

    A template sees the fields of the body by name (None where this kind has none) and, of every
    kind, `title`, `summary` and `url`. HTML is escaped by itself; JSON must be JSON afterwards.
    """
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=content_type.partition(";")[0].strip() in ("text/html", "application/xhtml+xml"),
        keep_trailing_newline=True,
    )
    environment.globals.pop("lipsum", None)
    try:
        parts, size = [], 0
        for part in environment.from_string(source).generate(_values(body)):
            parts.append(part)
            size += len(part.encode("utf-8", "replace"))
            if size > MAX_BYTES:
                return "", f"what it makes is larger than {MAX_BYTES // 1024} KiB", None
        made = "".join(parts)
    except RecursionError:
        return "", "it calls itself without end", None
    except TemplateSyntaxError as error:
        return "", _told(error), error.lineno
    except MemoryError:
        raise
    except Exception as error:  # a template can make nearly anything be raised
        return "", _told(error), _line_of(error)
    return _checked(made, content_type)


def outcome(made: Any) -> tuple[str, str, int | None]:
    """What came of `render` in a child: as it answers itself, also where the child was ended."""
    match made:
        case Failed(reason=Reason.READING_TIMED_OUT):
            return "", "it does not end: it was given up after a second", None
        case Failed(reason=Reason.READING_TOOK_TOO_MUCH):
            return "", "it takes too much memory", None
        case Failed(detail=detail):
            return "", clean_line(detail, 200).rstrip("."), None
        case (str(text), str(problem), line):
            return text, problem, line
    raise ValueError("no template answers like that")


def _checked(made: str, content_type: str) -> tuple[str, str, int | None]:
    if not made.strip():
        return "", "what it makes is empty", None
    if "json" in content_type:
        try:
            json.loads(made)
        except ValueError as error:
            problem = f"what it makes is no JSON ({clean_line(str(error), 100)})"
            return "", f"{problem}; write values as {{{{ value | tojson }}}}", None
    return made, "", None


def _values(body: Body) -> dict[str, Any]:
    told = telling(body)
    first = told.notes[0] if len(told.notes) == 1 else None
    more = {
        "title": f"{told.title}: {first.title}" if first else told.title,
        "summary": as_text(told),
        "url": first.url if first else "",
    }
    return dict.fromkeys(_NAMES) | body | more


def _told(error: Exception) -> str:
    return clean_line(str(error) or type(error).__name__, 200).rstrip(".")


def _line_of(error: Exception) -> int | None:
    """The line of the template that was at work; Jinja2 puts it into the traceback."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
