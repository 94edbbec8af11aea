"""What the operator should know though no table shows it, such as why the files were refused."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from worker.records import OpsNotice, StandingMatter
from worker.store import _tables as t

_notice = t.notice.c


def give_notice(db: Connection, name: str, text: str | None, now: datetime) -> None:
    """Keep the text of a matter in the place of what was said of it; None settles the matter."""
    db.execute(delete(t.notice).where(_notice.name == name))
    if text is not None:
        db.execute(insert(t.notice), [row_of(OpsNotice(name, "", text), now)])


def row_of(notice: OpsNotice, now: datetime) -> dict[str, object]:
    """A matter as the table keeps it."""
    return {
        "name": notice.matter,
        "title": notice.title,
        "text": notice.text,
        "remedy": notice.remedy,
        "at": now,
    }


def notices(db: Connection) -> dict[str, StandingMatter]:
    """The matters that stand, each under its name."""
    rows = db.execute(
        select(_notice.name, _notice.title, _notice.text, _notice.remedy, _notice.at).order_by(
            _notice.name
        )
    )
    return {row.name: StandingMatter(*row) for row in rows}
