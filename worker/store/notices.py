"""What the operator should know though no table shows it, such as why the files were refused."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from worker.store import _tables as t

_notice = t.notice.c


def give_notice(db: Connection, name: str, text: str | None, now: datetime) -> None:
    """Keep the text of a matter in the place of what was said of it; None settles the matter."""
    db.execute(delete(t.notice).where(_notice.name == name))
    if text is not None:
        db.execute(insert(t.notice).values(name=name, text=text, at=now))


def notices(db: Connection) -> dict[str, tuple[str, datetime]]:
    """Under each matter its text, and since when it stands."""
    rows = db.execute(select(t.notice).order_by(_notice.name))
    return {row.name: (row.text, row.at) for row in rows}
