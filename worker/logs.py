"""Logging: one line per event that an operator cares about, human on a terminal, JSON elsewhere."""

import logging
import sys
from typing import Any

import structlog
from rich.console import Console

from worker.settings import Settings

# stderr, so that what a command prints can be piped
console = Console(stderr=True, soft_wrap=True)
_NOISY = (
    *("celery", "kombu", "amqp", "aiohttp", "asyncio", "alembic", "urllib3"),
    *("trafilatura", "htmldate", "courlan", "justext", "charset_normalizer"),
)


def configure(knobs: Settings) -> None:
    """Send structlog's and the libraries' logs one way, in one form; call once per process."""
    human = knobs.log_format == "human" or (knobs.log_format == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(knobs.log_level),
        cache_logger_on_first_use=True,
    )
    handler = _ConsoleHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(_human_end() if human else _json_end()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(knobs.log_level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Connection errors of the broker are told once, by our own events.
    logging.getLogger("celery.worker.consumer.consumer").setLevel(logging.ERROR)


def _human_end() -> list[Any]:
    return [structlog.dev.ConsoleRenderer(colors=console.is_terminal, pad_event_to=18)]


def _json_end() -> list[Any]:
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


class _ConsoleHandler(logging.Handler):
    """Writes above the live status line where there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
            if console.is_terminal:
                console.print(line, markup=False, highlight=False, emoji=False)
            else:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()
        except Exception:  # logging's own rule: a log line must never end the work it tells of
            self.handleError(record)
