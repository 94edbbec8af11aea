"""When a visited feed is polled next, and how it publishes after what was found. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker import schedule
from worker.polling.pushes import stretch
from worker.records import ClaimedFeed
from worker.schedule import Budget, Limits, Pace, Plan, Rhythm, Wishes
from worker.settings import Settings

_HOUR_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Pacing:
    """The pace of all feeds as polls go by it; `crowded` are hosts that have many, by how much
    theirs are stretched. `unmatched` is what an entry counts that matches no topic.
    """

    pace: Pace
    limits: Limits
    unmatched: float
    crowded: Mapping[str, float] = field(default_factory=dict)


def limits_of(settings: Settings) -> Limits:
    """The bounds of the policy, as the settings say."""
    floor_s = settings.poll_floor_s
    return Limits(settings.poll_theta, floor_s, max(floor_s, settings.poll_ceiling_s))


def budget_of(settings: Settings, feeds: int) -> Budget:
    """The budget of so many feeds, as the settings say."""
    return Budget(settings.poll_budget * max(feeds, 1), settings.poll_budget_mode)


def first_pacing(settings: Settings, now: datetime) -> Pacing:
    """What to go by before anything is known of all feeds together."""
    limits = limits_of(settings)
    pace = schedule.first_pace(now.timestamp(), 1, budget_of(settings, 1), limits.theta)
    return Pacing(pace, limits, settings.poll_unmatched)


def interval_s(feed: ClaimedFeed, now: datetime, settings: Settings, pacing: Pacing) -> float:
    """Seconds for which a feed is left alone, were it not for what has just happened.

    A feed that fails is tried again no later than an even share of the budget has it.
    """
    if settings.poll_interval_s is not None:
        return settings.poll_interval_s
    return min(planned(feed, None, now, pacing).wait_s, pacing.pace.even_s)


def planned(
    feed: ClaimedFeed,
    rhythm: Rhythm | None,
    now: datetime,
    pacing: Pacing,
    wishes: Wishes = schedule.NO_WISHES,
) -> Plan:
    """The policy's plan for a feed that publishes by `rhythm`, or else as it did before."""
    at = now.timestamp()
    known = rhythm or Rhythm.from_json(feed.rhythm) or schedule.observed(None, at, ())
    weight = 1.0
    if pacing.pace.match_share > 0:
        matched_at = feed.matched_at.timestamp() if feed.matched_at else at
        weight = schedule.weight_of(
            known, feed.matched, matched_at, at, pacing.pace, pacing.unmatched
        )
    crowd = pacing.crowded.get(feed.host, 1.0)

    def plan(by: float) -> Plan:
        return schedule.plan(
            known, at, pacing.pace, pacing.limits, weight=weight, stretch=by, wishes=wishes
        )

    polled = plan(crowd)
    pushed = stretch(feed, now, polled.wait_s)
    return plan(crowd * pushed) if pushed > 1 else polled


def timed(
    feed: ClaimedFeed,
    rhythm: Rhythm | None,
    now: datetime,
    settings: Settings,
    pacing: Pacing,
    fresh_s: float | None,
    hints: Mapping[str, object],
) -> tuple[datetime, datetime | None]:
    """When a feed that answered is polled next, and until when its site wants to be left alone.

    `fresh_s` is for how long the answer calls itself fresh. An interval that the operator has set
    stands, but for that.
    """
    fresh_s = min(fresh_s or 0.0, settings.max_freshness_s)
    if settings.poll_interval_s is not None:
        interval = settings.poll_interval_s
        return schedule.next_poll(now, interval * stretch(feed, now, interval), fresh_s), None
    plan = planned(feed, rhythm, now, pacing, _wishes(hints, fresh_s, settings))
    return _after(now, plan.wait_s), _after(now, plan.least_s)


def _wishes(hints: Mapping[str, object], fresh_s: float, settings: Settings) -> Wishes:
    if not hints:
        return Wishes(fresh_s)
    ttl_s, hours, days = (hints.get(name) for name in ("ttl_s", "skip_hours", "skip_days"))
    told_s = min(ttl_s, settings.max_freshness_s) if isinstance(ttl_s, float | int) else 0.0
    return Wishes(max(fresh_s, told_s), _numbers(hours), _numbers(days))


def _numbers(told: object) -> tuple[int, ...]:
    return tuple(told) if isinstance(told, list | tuple) else ()


def _after(now: datetime, wait_s: float) -> datetime:
    return now + timedelta(seconds=wait_s)
