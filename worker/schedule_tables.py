"""The table of the pace at which all feeds together are polled."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from worker.models import Json, UtcDateTime


class PaceRow(SQLModel, table=True):
    """One row: what is known of all feeds together (schedule.Pace), and the polls that may be made.

    `saved`, `free` and `purse_at` are schedule.Purse, taken from by claims; `crowded` says by how
    much the feeds of hosts that have many are stretched, `matches_to` the last match counted.
    """

    __tablename__: ClassVar[str] = "pace"

    id: int = Field(default=1, primary_key=True)
    steered_at: datetime = Field(sa_type=UtcDateTime)
    feeds: int = 0
    matches_to: int = 0
    purse_at: float = 0.0
    saved: float = 0.0
    free: float = 0.0
    crowded: dict[str, Any] = Field(sa_type=Json)
    state: dict[str, Any] = Field(sa_type=Json)
