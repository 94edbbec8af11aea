"""The tables by which the watch over the daemon itself knows how it is going."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from worker.models import BigId, UtcDateTime


def _time(*, index: bool = False) -> Any:
    return Field(default=None, nullable=False, sa_type=UtcDateTime, index=index)


class PollTally(SQLModel, table=True):
    """How many polls were settled together, and how many of them failed; kept for two hours.

    A row for each settling, and not a sum for each hour: no two workers wait for one row.
    """

    __tablename__: ClassVar[str] = "poll_tally"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime = _time(index=True)
    polls: int = 0
    errors: int = 0


class Pulse(SQLModel, table=True):
    """When anybody last did what a tick asks for, on the database's clock: the row `tick`."""

    __tablename__: ClassVar[str] = "pulse"

    name: str = Field(primary_key=True)
    at: datetime = _time()
