"""When an undelivered alert is tried again. Pure. (What becomes of its channel: `breaker`.)"""

from datetime import datetime, timedelta

from worker.errors import Reason
from worker.records import Answer, ClaimedAlert, Delivery

# Seconds from a try that failed to the next: the schedule of the Standard Webhooks specification
# («Deliverability and reliability»; it, too, counts from the try before), with one more, after a
# minute. All eleven tries take three days and a few hours.
PAUSES_S = (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


def after(claim: ClaimedAlert, answer: Answer, now: datetime, jitter: float) -> Delivery:
    """What follows from a channel's answer; `jitter` in 0..1 spreads the retries by up to 10 %.

    Only 2xx is success. 410 stops the channel: the alert stays owed, and goes out once an operator
    has given it a new address. A missing secret is ours to mend, so it never uses tries up. A
    Retry-After is waited for where it is longer than the pause, for a day at the most.
    """
    if answer.accepted:
        return Delivery(claim, answer, now, due_at=None)
    if answer.status == 410:
        return Delivery(claim, answer, now, due_at=now)
    tries = claim.attempts
    if answer.reason in (Reason.SECRET_MISSING, Reason.CHANNEL_UNKNOWN):
        tries = min(tries, 3)
    if tries > len(PAUSES_S):
        return Delivery(claim, answer, now, due_at=None)
    pause_s = PAUSES_S[tries - 1] * (1 + jitter / 10)
    pause_s = max(pause_s, min(answer.retry_after_s or 0, PAUSES_S[-1]))
    return Delivery(claim, answer, now, due_at=now + timedelta(seconds=pause_s))
