"""What follows from a poll: new articles, what to remember of the feed, when to come back. Pure.

The pipeline fetches, asks the store what is known, and writes what is decided here.
"""

from worker.polling.entries import identities
from worker.polling.full import wants_full
from worker.polling.gaps import backfill_visit
from worker.polling.pushes import pushed_visit
from worker.polling.timing import Pacing, budget_of, first_pacing, limits_of
from worker.polling.visits import failed_visit, offline_visit, visit

__all__ = [
    "Pacing",
    "backfill_visit",
    "budget_of",
    "failed_visit",
    "first_pacing",
    "identities",
    "limits_of",
    "offline_visit",
    "pushed_visit",
    "visit",
    "wants_full",
]
