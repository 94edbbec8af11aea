"""The shape that all stages share: claim, work, decide, settle, for as long as work is due.

A window of work is kept in flight and refilled as results land, so that only what is slow waits
for what is slow. Whatever goes wrong with one piece of work is that piece's own outcome: an
exception in it never touches the others of its group.
"""

import time
from asyncio import CancelledError
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog

from worker import store
from worker.errors import Reason, StoreRefusedError, StoreUnavailableError
from worker.flights import Flights
from worker.records import Failed
from worker.store import Connection, Queue
from worker.tools import Tools

log = structlog.get_logger(__name__)

# Results are settled together if they land within this time of each other.
GROUP_S = 0.25
_MOST_SLOW = 8


class Claimed(Protocol):
    """What every claim carries: the row, and the token that fences every write about it."""

    @property
    def id(self) -> int: ...
    @property
    def token(self) -> int: ...


Claim = TypeVar("Claim", bound=Claimed)
Result = TypeVar("Result")
Decision = TypeVar("Decision")


@dataclass(frozen=True)
class Stage(Generic[Claim, Result, Decision]):
    """One stage: what it claims, does, decides and settles.

    `width` pieces of work are in flight at most; more is claimed once `refill` of them have room;
    at most `group` results are settled in one transaction. `give_up` decides what follows for a
    piece that made our own code, or the database, refuse.

    With `linger_s`, results are settled so soon after the first of them. With `patience_s`, work
    that has taken so long makes room for other work: up to `_MOST_SLOW` times the width is under
    way then.
    """

    name: str
    queue: Queue
    width: int
    refill: int
    group: int
    claim: Callable[[Connection, int, float], Sequence[Claim]]
    work: Callable[[Claim], Coroutine[Any, Any, Result]]
    decide: Callable[[Claim, Result], Decision]
    give_up: Callable[[Claim, Failed], Decision]
    settle: Callable[[Sequence[Decision]], None]
    linger_s: float | None = None
    patience_s: float | None = None


def run(tools: Tools, stage: Stage[Claim, Result, Decision]) -> bool:
    """Work on a stage until nothing is due, its time is up, or the process must stop.

    Returns whether more is due already. What is in flight when the process stops gets a few
    seconds to finish; the rest is given back, due at once.
    """
    if tools.pulse is not None:
        tools.pulse.note(tools.db)
    if not tools.slots[stage.name].acquire(blocking=False):
        return False
    try:
        return _run(tools, stage)
    finally:
        tools.slots[stage.name].release()


def _run(tools: Tools, stage: Stage[Claim, Result, Decision]) -> bool:
    flights: Flights[Claim, Result] = Flights(tools.loop, stage.group)
    claims_until = time.monotonic() + tools.settings.task_budget_s
    stops_at: float | None = None
    more = False
    try:
        while True:
            if tools.pulse is not None:
                tools.pulse.note(tools.db)
            if stops_at is None and tools.stopping():
                stops_at = time.monotonic() + tools.settings.stop_grace_s
            room = _room(stage, flights)
            if stops_at is None and room >= stage.refill and time.monotonic() < claims_until:
                more = _claim(tools, stage, flights, room)
            if not flights.pending or (stops_at and time.monotonic() > stops_at):
                return more
            if landed := flights.collect(GROUP_S, stage.linger_s):
                _settle(stage, landed)
    finally:
        _release(tools, stage, flights.cancel())


def _room(stage: Stage[Claim, Result, Decision], flights: Flights[Claim, Result]) -> int:
    slow = 0 if stage.patience_s is None else flights.slow(stage.patience_s)
    return min(stage.width - flights.pending + slow, _MOST_SLOW * stage.width - flights.pending)


def _claim(
    tools: Tools,
    stage: Stage[Claim, Result, Decision],
    flights: Flights[Claim, Result],
    room: int,
) -> bool:
    claims = tools.db.write(lambda db: stage.claim(db, room, tools.settings.lease_s))
    flights.launch((claim, stage.work(claim)) for claim in claims)
    return len(claims) == room


def _settle(
    stage: Stage[Claim, Result, Decision], landed: Sequence[tuple[Claim, Result | BaseException]]
) -> None:
    """Decide on results and settle them, in groups of at most `GROUP_S` seconds of deciding."""
    decided: list[tuple[Claim, Decision]] = []
    began = time.monotonic()
    for claim, result in landed:
        with _alone(stage, claim):
            decided.append((claim, _decide(stage, claim, result)))
        if time.monotonic() - began > GROUP_S:
            _write(stage, decided)
            decided, began = [], time.monotonic()
    if decided:
        _write(stage, decided)


def _decide(
    stage: Stage[Claim, Result, Decision], claim: Claim, result: Result | BaseException
) -> Decision:
    try:
        if isinstance(result, BaseException):
            raise result
        return stage.decide(claim, result)
    except StoreUnavailableError:
        raise  # no fault of this piece: nothing can be settled until the store is back
    except (Exception, CancelledError) as error:
        log.exception("work.failed", stage=stage.name, id=claim.id)
        told = f"{type(error).__name__}: {error}"[:300]
        return stage.give_up(claim, Failed(Reason.UNEXPECTED, told))


def _write(
    stage: Stage[Claim, Result, Decision], decided: Sequence[tuple[Claim, Decision]]
) -> None:
    """Settle a group; if the database will not take it, each alone, so that one spoils no other."""
    try:
        stage.settle([decision for _, decision in decided])
    except StoreRefusedError as error:
        if len(decided) > 1:
            for one in decided:
                _write(stage, [one])
            return
        claim = decided[0][0]
        log.error("work.refused", stage=stage.name, id=claim.id, error=str(error))
        with _alone(stage, claim):
            stage.settle([stage.give_up(claim, Failed(Reason.UNEXPECTED, str(error)[:300]))])


@contextmanager
def _alone(stage: Stage[Claim, Result, Decision], claim: Claim) -> Iterator[None]:
    """Where not even giving up works, a piece is left to its lease, and the others go on."""
    try:
        yield
    except StoreUnavailableError:
        raise
    except Exception:
        log.exception("work.abandoned", stage=stage.name, id=claim.id)


def _release(
    tools: Tools, stage: Stage[Claim, Result, Decision], unfinished: Sequence[Claim]
) -> None:
    if unfinished:
        held = [(claim.id, claim.token) for claim in unfinished]
        tools.db.write(lambda db: store.release(db, stage.queue, held))
        log.info("work.released", stage=stage.name, count=len(held))
