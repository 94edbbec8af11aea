"""Alembic's way in: `worker.store.migrate` hands over a connection, `alembic` itself does not.

Logging is left alone: the process that migrates has configured its own.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from worker.models import UtcDateTime
from worker.settings import settings
from worker.store import Database


def _render(kind: str, value: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Migrations must still read the same after the models have moved on: plain types only."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=_render,
    )
    # The caller's transaction: a migration that fails half-way leaves nothing behind.
    context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    Database(settings().database_url).write(_run)
