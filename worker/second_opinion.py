"""A second opinion on a topic's matches, learnt from those that analysts marked right or wrong.

TF-IDF and a logistic regression, calibrated (Platt 1999): enough for tens to hundreds of marks.
Below `ENOUGH` marks of each kind nothing is learnt, for there a rule is better. Needs the extra
`wirewatch[ml]`, and is asked for by nobody but the analyst: it changes no match and no alert.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from worker.errors import WirewatchError
from worker.topics import words_in_order

ENOUGH = 20
_FOLDS = 5


class SecondOpinion:
    """How likely it is that an article fits, as far as marks tell."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def probability(self, title: str, text: str) -> float:
        """From 0 to 1."""
        return float(self._model.predict_proba([(title, text)])[0][1])


def learn(marked: Sequence[tuple[str, str, bool]]) -> SecondOpinion | None:
    """An opinion learnt from titles, texts and marks; None where there are too few of a kind.

    Raises WirewatchError where the extra is not installed.
    """
    right = sum(mark for _, _, mark in marked)
    if min(right, len(marked) - right) < ENOUGH:
        return None
    if find_spec("sklearn") is None:
        raise WirewatchError("A second opinion needs more: pip install 'wirewatch[ml]'.")
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(analyzer=_features, sublinear_tf=True, min_df=2),
        CalibratedClassifierCV(
            LogisticRegression(C=10.0, class_weight="balanced"), method="sigmoid", cv=_FOLDS
        ),
    )
    model.fit([(title, text) for title, text, _ in marked], [mark for _, _, mark in marked])
    return SecondOpinion(model)


def _features(article: tuple[str, str]) -> list[str]:
    """The words of an article as topics fold them; those of the title also as such."""
    title, text = (words_in_order(part) for part in article)
    return [*(f"title:{word}" for word in title), *title, *text]
