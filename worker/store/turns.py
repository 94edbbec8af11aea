"""Claims of work that asks something of a host: the longest due of those that can be asked now.

What is due waits in its place, untouched, until its host can be asked. Hosts that cannot are passed
over as a whole, so that a thousand rows of one never hide those of another.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Executable,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    update,
)

from worker.hosts import Errand, Manners, pages_at_once, put_last, take_turns, turn_of
from worker.records import HostState
from worker.store import _tables as t
from worker.store.database import database_time
from worker.store.hosts import (
    add_hosts,
    lock_hosts,
    polled_hosts,
    save_poll_slots,
    save_turns,
    shut_hosts,
)
from worker.store.leases import ARTICLES, FEEDS, Queue, due, take, taking

# So many due rows are looked at for each one that is wanted: few will do where rows are of many
# hosts, as they mostly are, and more must do where those of few hosts come first.
_LOOKS = (3, 15, 300)
_LEAST_LOOK = 200
_article = t.article.c
_CHOSEN: BindParameter[int] = bindparam("chosen", expanding=True)


@dataclass(frozen=True, slots=True)
class Claimed:
    """Rows under one token. `later` has those among them whose pages are not to be asked for yet,
    with their turns; `hosts` are as they were before the claim.
    """

    token: int
    rows: Sequence[Any]
    hosts: Mapping[str, HostState]
    later: Mapping[int, datetime]

    def failures(self, host: str | None) -> int:
        """How often in a row asking `host` has failed."""
        return self.hosts[host].failures if host else 0


@dataclass(slots=True)
class _Claim:
    """A claim in the making, of up to `room` more rows; `found` are hosts as they were before it.

    `later` are the turns of those among the chosen that are not to be asked for yet.
    """

    db: Connection
    errand: Errand
    manners: Manners
    room: int
    now: datetime
    chosen: list[int] = field(default_factory=list)
    later: dict[int, datetime] = field(default_factory=dict)
    found: dict[str, HostState] = field(default_factory=dict)
    hosts: dict[str, HostState] = field(default_factory=dict)

    def lock(self, names: Iterable[str]) -> None:
        new = lock_hosts(self.db, set(names) - self.found.keys(), self.now, self.errand)
        self.found |= new
        self.hosts |= new

    def changed(self) -> list[HostState]:
        """The hosts that something was granted of."""
        return [host for name, host in self.hosts.items() if host is not self.found[name]]

    def took_slot(self, host: HostState) -> bool:
        return host.poll_free_at != self.found[host.name].poll_free_at

    def take(self, ids: Sequence[int]) -> None:
        self.chosen += ids
        self.room -= len(ids)


def taking_chosen(queue: Queue, columns: Iterable[ColumnElement[Any]], **values: Any) -> Executable:
    """The statement that a claim is made with, made once; `values` are set with it."""
    row = queue.table.c
    chosen = select(row.id).where(row.id.in_(_CHOSEN))
    return taking(queue, chosen, columns, **values)


def claim_polls(
    db: Connection, statement: Executable, limit: int, lease_s: float, manners: Manners
) -> Claimed:
    """Take up to `limit` feeds that are due and whose hosts can be asked, the longest due first."""
    claim = _Claim(db, Errand.POLL, manners, limit, database_time(db))
    _choose(claim)
    save_poll_slots(db, [host for host in claim.changed() if claim.took_slot(host)])
    return _taken(claim, statement, lease_s)


def claim_pages(
    db: Connection,
    statement: Executable,
    limit: int,
    lease_s: float,
    manners: Manners,
    page_wait_s: float,
) -> Claimed:
    """Take up to `limit` articles that are due and whose hosts can be asked, the longest due first.

    Where room is left, it goes to new articles whose pages will not have had their turns
    `page_wait_s` seconds after they were first seen: they get later ones, and are taken without
    asking for anything.
    """
    claim = _Claim(db, Errand.PAGE, manners, limit, database_time(db))
    _choose(claim)
    if claim.room:
        _choose_impatient(claim, timedelta(seconds=page_wait_s))
    save_turns(db, claim.changed())
    return _taken(claim, statement, lease_s)


def _taken(claim: _Claim, statement: Executable, lease_s: float) -> Claimed:
    if not claim.chosen:
        return Claimed(0, [], claim.found, claim.later)
    # What was only read may have been taken since.
    token, rows = take(claim.db, statement, claim.now, lease_s, chosen=claim.chosen)
    if claim.later:
        turns = [{"b_id": n, "b_token": token, "b_at": at} for n, at in claim.later.items()]
        claim.db.execute(_SET_LATER, turns)
    place = {row_id: place for place, row_id in enumerate(claim.chosen)}
    rows.sort(key=lambda row: place[row.id])  # RETURNING promises no order
    return Claimed(token, rows, claim.found, claim.later)


_SET_LATER = (
    update(t.article)
    .where(_article.id == bindparam("b_id"), _article.lease_token == bindparam("b_token"))
    .values(page_at=bindparam("b_at"))
)


# ---- what can be asked for now


def _choose(claim: _Claim) -> None:
    """Choose rows whose hosts can be asked, for as long as there is room and there are some.

    Only what the others leave of it goes to pages whose turns have to be waited for.
    """
    passed: set[str] = set()
    for manners in (replace(claim.manners, ahead_s=0), claim.manners):
        rows, all_seen = _candidates(claim, manners, passed)
        claim.take([row.id for row in rows if row.host is None])  # without a host nobody is asked
        if not claim.hosts:  # before any is held: to add one may take waiting
            add_hosts(claim.db, {row.host for row in rows if row.unknown})
        _give_turns(claim, manners, [row for row in rows if row.host is not None])
        passed |= {row.host for row in rows if row.host is not None}
        if not claim.room or (all_seen and claim.errand is Errand.POLL):
            return


def _candidates(
    claim: _Claim, manners: Manners, passed: Iterable[str]
) -> tuple[Sequence[Any], bool]:
    """As many rows as are wanted whose hosts can be asked, as far as can be told at once.

    The longest due come first, of no host more than it bears. Also returns whether all were seen.
    """
    at_once = manners.connections if claim.errand is Errand.POLL else pages_at_once(manners)
    spaced = claim.errand is Errand.POLL and manners.poll_gap_s > 0
    rows: list[Any] = []
    all_seen = False
    for ahead in _LOOKS:
        if len(rows) < claim.room and not all_seen:
            looked_at = _askable(claim, manners, passed, claim.room * ahead)
            rows = list(islice(_bearable(looked_at, at_once, spaced), claim.room))
            all_seen = len(looked_at) < claim.room * ahead
    return rows, all_seen


def _bearable(rows: Iterable[Any], at_once: int, spaced: bool) -> Iterator[Any]:
    """Of each host's rows so many `at_once`; where they are `spaced`, one besides first ones."""
    of_host: Counter[str] = Counter()
    had: set[str] = set()
    for row in rows:
        waits = spaced and not row.first and row.host
        if row.host is not None and (of_host[row.host] >= at_once or (waits and row.host in had)):
            continue
        of_host[row.host] += 1
        if waits:
            had.add(row.host)
        yield row


def _give_turns(claim: _Claim, manners: Manners, rows: Iterable[Any]) -> None:
    # What waits for a slot goes before what does not: it gets one place only, and that seldom.
    lines: dict[Errand, dict[str, list[int]]] = {claim.errand: {}, Errand.FIRST_POLL: {}}
    names = set()
    for row in rows:
        line = lines[Errand.FIRST_POLL if row.first else claim.errand]
        line.setdefault(row.host, []).append(row.id)
        names.add(row.host)
    claim.lock(names)
    for errand, line in lines.items():
        for name in (name for name in line if name in claim.hosts):
            claim.hosts[name], granted = take_turns(
                claim.hosts[name], line[name], errand, claim.now, manners
            )
            claim.take(granted)


def _askable(claim: _Claim, manners: Manners, passed: Iterable[str], limit: int) -> Sequence[Any]:
    told = {
        "now": claim.now,
        "soon": claim.now + timedelta(seconds=manners.ahead_s),
        "connections": manners.connections,
        "pages": pages_at_once(manners),
        "passed": list(passed),
        "chosen": claim.chosen,
        "wanted": limit,
    }
    return claim.db.execute(_ASKABLE[claim.errand], told).all()


def _askable_rows(queue: Queue, errand: Errand) -> Select[tuple[Any, ...]]:
    row = queue.table.c
    passed = row.host.in_(bindparam("passed", expanding=True))
    open_ = and_(row.host.not_in(shut_hosts(errand)), ~passed)
    first: ColumnElement[bool] = false()
    if errand is Errand.POLL:
        first = row.polled_at.is_(None)
        open_ = and_(open_, or_(first, row.host.not_in(polled_hosts())))
    unknown = and_(row.host.is_not(None), ~exists().where(t.host.c.name == row.host))
    return (
        select(row.id, row.host, first.label("first"), unknown.label("unknown"))
        .where(due(queue), row.id.not_in(_CHOSEN), or_(row.host.is_(None), open_))
        .order_by(row.due_at)
        .limit(bindparam("wanted"))
    )


_ASKABLE = {
    Errand.POLL: _askable_rows(FEEDS, Errand.POLL),
    Errand.PAGE: _askable_rows(ARTICLES, Errand.PAGE),
}


# ---- what cannot wait until it can


def _choose_impatient(claim: _Claim, longest_wait: timedelta) -> None:
    """Choose new articles whose pages would wait for too long, and give them later turns."""
    new = _waiting(claim, max(claim.room, _LEAST_LOOK))
    claim.lock({row.host for row in new})
    place = _places(claim, {row.host for row in new if row.host in claim.hosts})
    for row in new:
        host = claim.hosts.get(row.host)
        if host is None or not claim.room:
            continue
        turn = turn_of(host, place[row.host], claim.now, claim.manners)
        # Whose turn has come waits for a free place only, and that will not be long.
        if turn <= max(row.first_seen_at + longest_wait, claim.now):
            place[row.host] += 1
            continue
        claim.hosts[row.host], claim.later[row.id] = put_last(host, turn, claim.manners)
        claim.take([row.id])


def _waiting(claim: _Claim, limit: int) -> list[Any]:
    """New articles that are still due, the longest due first."""
    told = {"now": claim.now, "chosen": claim.chosen, "wanted": limit}
    return list(claim.db.execute(_WAITING, told))


def _places(claim: _Claim, hosts: Iterable[str]) -> defaultdict[str, int]:
    """How many pages wait at each host that have been judged before, and so been waiting longer."""
    told = {"now": claim.now, "chosen": claim.chosen, "hosts": list(hosts)}
    return defaultdict(int, ((host, count) for host, count in claim.db.execute(_TOLD, told)))


_WAITING = (
    select(_article.id, _article.host, _article.first_seen_at)
    # Not «is NULL»: SQLite would look for them in the index on story_id, and then in their rows.
    .where(due(ARTICLES), _article.id.not_in(_CHOSEN), func.coalesce(_article.story_id, 0) == 0)
    .where(_article.host.is_not(None))
    .order_by(_article.due_at)
    .limit(bindparam("wanted"))
)
_TOLD = (
    select(_article.host, func.count())
    .where(due(ARTICLES), _article.id.not_in(_CHOSEN), _article.story_id.is_not(None))
    .where(_article.host.in_(bindparam("hosts", expanding=True)))
    .group_by(_article.host)
)
