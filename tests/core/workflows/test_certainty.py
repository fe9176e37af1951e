"""Queues by how sure the model is, against numbers written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from core.errors import Cancelled
from core.progress import Silent
from core.types import (
    Changes,
    ConfidenceRange,
    ImageId,
    ImageSuggestions,
    Keyword,
    KeywordId,
    KeywordStatus,
    Suggestion,
    Verdict,
)
from core.workflows import certainty
from core.workflows.certainty import Certainties, Certainty, CertaintyOrder, CertaintyWish

TANK, SNOW = (
    Keyword(KeywordId(n), name, None, KeywordStatus.CONFIRMED)
    for n, name in enumerate(("tank", "snow"), 1)
)
SAID = {
    10: {TANK: 0.95, SNOW: 0.02},
    11: {TANK: 0.60, SNOW: 0.50},
    12: {},
    13: {TANK: 0.05, SNOW: 0.97},
    14: {TANK: 0.30, SNOW: 0.30},
}
IDS = np.array(list(SAID), dtype=np.int64)
SUREST, LEAST = CertaintyOrder.SUREST, CertaintyOrder.LEAST_SURE


@dataclass
class Spoken:
    """Suggests what is written above, and counts how often it is asked."""

    said: dict[int, dict[Keyword, float]] = field(default_factory=lambda: SAID)
    verdicts: dict[tuple[int, KeywordId], Verdict] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    def suggest(self, ids: list[ImageId]) -> list[ImageSuggestions]:
        self.asked += ids
        return [
            ImageSuggestions(
                image,
                "",
                "",
                "",
                tuple(
                    Suggestion(one, share, True, self.verdicts.get((image, one.id)))
                    for one, share in self.said[image].items()
                ),
                (),
            )
            for image in ids
        ]


def asked(keyword: KeywordId | None = None) -> Certainties:
    known = Certainties()
    known.ask(Spoken(), IDS, keyword, Silent())
    return known


def arranged(wish: CertaintyWish, keyword: KeywordId | None = None) -> list[int]:
    return asked(keyword).arrange(IDS, wish).tolist()


def test_the_surest_first_and_the_least_sure_first() -> None:
    assert arranged(CertaintyWish(SUREST)) == [13, 10, 11, 14, 12]
    # 11 has a keyword at even odds, 14 two at 0.3; of 10 and 13 the one with 0.05 is less sure
    assert arranged(CertaintyWish(LEAST)) == [11, 14, 10, 13, 12]


def test_equal_ones_stay_as_given() -> None:
    known = asked()
    backwards = IDS[::-1].copy()
    everything = CertaintyWish()
    assert everything.is_empty
    assert known.arrange(backwards, everything).tolist() == backwards.tolist()


def test_at_least_one_suggestion_over_nine_tenths() -> None:
    sure = ConfidenceRange(0.9)
    assert arranged(CertaintyWish(confidence=sure)) == [10, 13]
    assert arranged(CertaintyWish(SUREST, sure)) == [13, 10]


def test_one_keyword_alone() -> None:
    of_snow = ConfidenceRange(0.25, 1.0, SNOW.id)
    assert arranged(CertaintyWish(SUREST, of_snow), SNOW.id) == [13, 11, 14]
    assert arranged(CertaintyWish(LEAST, of_snow), SNOW.id) == [11, 14, 13]


def test_what_somebody_has_answered_is_no_question_any_more() -> None:
    spoken = Spoken(verdicts={(11, SNOW.id): Verdict.UNSURE})
    [found] = spoken.suggest([ImageId(11)])
    assert certainty.certainty(found, None) == Certainty(0.6, pytest.approx(0.8))
    assert certainty.certainty(found, SNOW.id) == Certainty(0.0, 0.0)


def test_only_what_is_missing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certainty, "BLOCK", 2)
    known, spoken = Certainties(), Spoken()
    known.ask(spoken, IDS[:3], None, Silent())
    assert known.missing(IDS, None).tolist() == [13, 14]
    assert known.missing(IDS, SNOW.id).tolist() == IDS.tolist()
    known.forget(Changes(label_images=frozenset({ImageId(11), ImageId(99)})))
    assert known.missing(IDS, None).tolist() == [11, 13, 14]
    known.forget(Changes(keywords=frozenset({TANK.id})))
    assert known.missing(IDS, None).tolist() == [11, 13, 14]
    for stale in (Changes(vectors_changed=True), Changes(choices=frozenset({"experiment"}))):
        known.ask(spoken, IDS, None, Silent())
        known.forget(stale)
        assert known.missing(IDS, None).tolist() == IDS.tolist()


def test_a_cancelled_pass_keeps_what_was_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(Silent):
        def report(self, done: int, total: int = 0, note: str = "") -> None:
            self.done = done

        def checkpoint(self) -> None:
            if getattr(self, "done", 0) == 4:
                raise Cancelled

    monkeypatch.setattr(certainty, "BLOCK", 2)
    known = Certainties()
    with pytest.raises(Cancelled):
        known.ask(Spoken(), IDS, None, Impatient())
    assert known.missing(IDS, None).tolist() == [14]
