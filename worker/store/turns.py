"""Claims of work that asks something of a host: due rows get turns, as many as hosts can bear.

A lease is at the same time the place that its request takes at the host: it is free again the
moment the row is settled, released, or its lease has run out, with nothing more to write.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select, update

from worker.hosts import Errand, Manners, take_turns
from worker.records import HostState
from worker.store.database import database_time
from worker.store.hosts import lock_hosts, save_turns
from worker.store.leases import Queue

# So many due rows are looked at for each one that is wanted: most hosts have their turn free.
_LOOK_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Claimed:
    """Rows under one token. `later` has those among them that are not to be asked for yet."""

    token: int
    rows: Sequence[Any]
    hosts: dict[str, HostState]
    later: dict[int, datetime]


def claim_turns(
    db: Connection,
    queue: Queue,
    limit: int,
    lease_s: float,
    columns: Iterable[ColumnElement[Any]],
    *,
    errand: Errand,
    manners: Manners,
    take_anyway: Callable[[Any, datetime], bool] = lambda _row, _turn: False,
) -> Claimed:
    """Take up to `limit` due rows whose hosts can be asked now, the longest due first.

    The others become due at their host's next free turn. Of these, what `take_anyway` says of a
    row and its turn is claimed all the same, for work that asks nothing of the host. Rows without
    a host ask nobody.
    """
    now, table = database_time(db), queue.table
    waiting = _waiting(db, queue, limit * _LOOK_AHEAD, now)
    by_host: dict[str, list[Any]] = defaultdict(list)
    for row in waiting:
        by_host[row.host or ""].append(row)
    granted = [row.id for row in by_host.pop("", [])[:limit]]
    hosts = lock_hosts(db, by_host, now)
    later: dict[int, datetime] = {}
    changed: list[HostState] = []
    for name in (name for name in by_host if name in hosts):
        ids = [row.id for row in by_host[name]]
        if errand is Errand.PAGE:
            ids.sort()  # as they were first seen: a turn that was given counts as kept
        turns = take_turns(hosts[name], ids, errand, now, manners, limit - len(granted))
        granted += turns.granted
        later |= turns.later
        if turns.host is not hosts[name]:
            changed.append(turns.host)
    save_turns(db, changed)
    anyway = [row.id for row in waiting if row.id in later and take_anyway(row, later[row.id])]
    _put_off(db, queue, later)
    token = secrets.randbits(62)
    chosen = [*granted, *anyway[: max(0, limit - len(granted))]]
    if not chosen:
        return Claimed(token, [], hosts, later)
    taken = db.execute(
        update(table)
        .where(table.c.id.in_(chosen))
        .values(
            leased_until=now + timedelta(seconds=lease_s),
            lease_token=token,
            attempts=table.c.attempts + 1,
        )
        .returning(*columns)
    )
    return Claimed(token, list(taken), hosts, later)


def _waiting(db: Connection, queue: Queue, limit: int, now: datetime) -> list[Any]:
    """The rows that have been due longest and are held by nobody, held by this transaction now."""
    row = queue.table.c
    unheld = or_(row.leased_until.is_(None), row.leased_until < now)
    due = (
        select(*(row[name] for name in ("id", "host", *queue.looked_at)))
        .where(row.due_at <= now, unheld, queue.workable)
        .order_by(row.due_at)
        .limit(limit)
        .with_for_update(of=queue.table, skip_locked=True)
    )
    return list(db.execute(due))


def _put_off(db: Connection, queue: Queue, later: dict[int, datetime]) -> None:
    if later:
        row = queue.table.c
        db.execute(
            update(queue.table).where(row.id == bindparam("b_id")).values(due_at=bindparam("b_at")),
            [{"b_id": row_id, "b_at": at} for row_id, at in sorted(later.items())],
        )
