"""When to come back: to a feed, after an answer or a failure, and to an article's page. Pure."""

from worker.schedule.interval import Limits, Outlook, host_stretch, interval_s, outlook
from worker.schedule.observing import observed
from worker.schedule.pace import Budget, Lately, Mode, Pace, Purse, first_pace, steered
from worker.schedule.pauses import (
    is_final,
    moved_to,
    next_look,
    next_page_try,
    next_poll,
    next_try,
    recheck_at,
)
from worker.schedule.plan import NO_WISHES, PUSHED, Plan, Wishes, plan, skipped, weight_of
from worker.schedule.profile import Profile
from worker.schedule.rhythm import MEMORY_S, Rhythm, faded

__all__ = [
    "MEMORY_S",
    "NO_WISHES",
    "PUSHED",
    "Budget",
    "Lately",
    "Limits",
    "Mode",
    "Outlook",
    "Pace",
    "Plan",
    "Profile",
    "Purse",
    "Rhythm",
    "Wishes",
    "faded",
    "first_pace",
    "host_stretch",
    "interval_s",
    "is_final",
    "moved_to",
    "next_look",
    "next_page_try",
    "next_poll",
    "next_try",
    "observed",
    "outlook",
    "plan",
    "recheck_at",
    "skipped",
    "steered",
    "weight_of",
]
