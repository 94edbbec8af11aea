"""What a new version of an article changes, and what is pointed out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.records import Document
from worker.revisions import differences, flags

BEFORE = Document("Ferry closes", "The ferry closes on Monday.\nIt was built in 1950.")
CHANGES = [
    ("Ferry closes", "The ferry closes on Tuesday.\nIt was built in 1950.", []),
    ("FERRY CLOSES!", BEFORE.text, []),
    ("Ferry stays open", BEFORE.text, ["headline"]),
    ("Ferry closes", BEFORE.text + "\nCorrection: it was built in 1951.", ["correction"]),
    ("Ferry closes", BEFORE.text + "\nAn earlier version of this was wrong.", ["correction"]),
    ("Ferry closes", "Korrektur: gebaut wurde sie 1951.\n" + BEFORE.text, ["correction"]),
    ("Ferry closes", BEFORE.text + "\nتصحيح: بنيت عام 1951.", ["correction"]),
    ("Ferry closes", "This story has been withdrawn.", ["retraction"]),
    ("RETRACTION: Ferry closes", "Please disregard.", ["headline", "retraction"]),
    ("Ferry closes", "The council spoke at length of the correction of its course.", []),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text", "found"), CHANGES)
def test_what_is_pointed_out_of_a_change(title: str, text: str, found: list[str]) -> None:
    assert flags(BEFORE, Document(title, text)) == found


def test_a_notice_that_was_there_before_is_not_pointed_out_again() -> None:
    told = Document("Ferry closes", BEFORE.text + "\nCorrection: it was built in 1951.")
    assert flags(told, Document("Ferry closes", told.text + "\nMore of it.")) == []


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d"])), st.lists(st.sampled_from(["a", "b", "c", "d"]))
)
def test_differences_hold_both_texts_in_order(old: list[str], new: list[str]) -> None:
    pairs = list(differences(" ".join(old), " ".join(new)))
    said = {
        side: " ".join(text for kind, text in pairs if kind in ("=", side)).split() for side in "-+"
    }
    assert (said["-"], said["+"]) == (old, new)
