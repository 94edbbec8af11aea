"""The table: every misbehaviour, and what the limits are while it is fetched."""

from typing import Any

from tests.hostile.replies import ANSWERS
from tests.hostile.wire import MIB, WIRE

MOST = 3 * MIB
TOTAL_S = 6
# What the settings are while these cases are fetched.
LIMITS: dict[str, Any] = {
    "fetch_timeout_s": TOTAL_S,
    "connect_timeout_s": 2,
    "first_byte_timeout_s": 2.4,
    # Longer than a busy machine may keep a site that has hung up from being heard.
    "rate_grace_s": 2,
    "min_rate_bytes_s": 2_000,
    "max_feed_bytes": MOST,
    "max_page_bytes": MOST,
    "max_redirects": 3,
    # Nobody is to wait for a place beside those who hang.
    "connections_per_host": 1_000,
    "page_gap_s": 0,
}
CASES = [*WIRE, *ANSWERS]
