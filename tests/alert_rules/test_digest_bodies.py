"""A digest's body holds the alerts that waited, oldest first, as far as they fit."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alert_rules.making import NOW, hours
from worker.digests import MAX_BYTES, digest_body


def test_a_digest_says_how_many_and_from_when_to_when() -> None:
    bodies = [json.dumps({"type": "alert", "n": n}) for n in range(3)]
    found = json.loads(digest_body(bodies, 3, NOW - hours(9), NOW - hours(1), NOW))
    assert found == {
        "type": "digest",
        "version": 1,
        "timestamp": "2026-03-04T12:00:00+00:00",
        "since": "2026-03-04T03:00:00+00:00",
        "until": "2026-03-04T11:00:00+00:00",
        "count": 3,
        "alerts": [{"type": "alert", "n": 0}, {"type": "alert", "n": 1}, {"type": "alert", "n": 2}],
    }


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([10, 3_000, 40_000]), min_size=1, max_size=40), st.booleans())
def test_a_digest_stays_under_its_limit_and_tells_how_many_it_left_out(
    sizes: list[int], is_arabic: bool
) -> None:
    letter = "ع" if is_arabic else "a"
    bodies = [json.dumps({"n": n, "text": letter * s}) for n, s in enumerate(sizes)]
    body = digest_body(bodies, len(bodies) + 5, NOW, NOW, NOW)
    found = json.loads(body)
    assert len(body.encode()) < MAX_BYTES
    assert [one["n"] for one in found["alerts"]] == list(range(len(found["alerts"])))
    assert len(found["alerts"]) + found["left_out"] == len(bodies) + 5
