"""Agencies, told from bylines, datelines and credit lines, and not from being talked about."""

import pytest

from worker.wire import agency_of

CREDITED = [
    ("GENEVA (Reuters) - The talks went on.", "Reuters"),
    ("GENEVA, Jan 12 (Reuters) – The talks went on.", "Reuters"),
    ("The talks went on.\n(Reporting by Ann Onym; Editing by Jo Doe)", "Reuters"),
    ("The talks went on.\nREUTER", "Reuters"),
    ("GENEVA (AP) — The talks went on.", "AP"),
    ("The talks went on.\n© 2026 The Associated Press. All rights reserved.", "AP"),
    ("Genève (AFP) - Les discussions continuent.", "AFP"),
    ("(أ ف ب) - استمرت المحادثات في جنيف.", "AFP"),
    ("MOSCOW, January 3. /TASS/. The talks went on.", "TASS"),
    ("МОСКВА, 3 января. /ТАСС/. Переговоры продолжились.", "TASS"),
    ("新华社日内瓦1月3日电 会谈仍在继续。", "Xinhua"),
    ("GENEVA, Jan. 3 (Xinhua) -- The talks went on.", "Xinhua"),
    ("Genf (dpa) - Die Gespräche gehen weiter.", "dpa"),
    ("Die Gespräche gehen weiter.\ndpa/lhe", "dpa"),
    ("تهران - ایرنا - گفت‌وگوها ادامه یافت.", "IRNA"),
    ("(فارس) – گفت‌وگوها ادامه یافت.", "Fars"),
    ("The talks went on.\nSource: Anadolu Agency", "Anadolu"),
]
UNCREDITED = [
    "",
    "The talks went on.",
    "A man from Reuters asked the envoy how the talks were going, and got no answer.",
    "Students in AP classes (advanced placement) sat their examinations on Monday.",
    "The map of the town (see page 3) shows the harbour.",
    "Anadolu is the Turkish name of Anatolia, which the poet loved.",
]


@pytest.mark.parametrize(("text", "agency"), CREDITED)
def test_an_agency_that_is_credited_is_told(text: str, agency: str) -> None:
    assert agency_of(text) == agency


@pytest.mark.parametrize("text", UNCREDITED)
def test_an_agency_that_is_only_mentioned_is_none(text: str) -> None:
    assert agency_of(text) is None


@pytest.mark.parametrize(
    ("author", "agency"),
    [("The Associated Press", "AP"), ("Jane Doe, Reuters", "Reuters"), ("Jane Doe | AFP", "AFP"),
     ("associated press", "AP"), ("Jane Doe", None), ("Jane Maple", None)],
)  # fmt: skip
def test_an_agency_among_the_authors_is_told(author: str, agency: str | None) -> None:
    assert agency_of("The talks went on.", (author,)) == agency


def test_what_an_agency_publishes_itself_is_its_own() -> None:
    assert agency_of("GENEVA (AFP) - Talks.", site="tass.com") == "TASS"
