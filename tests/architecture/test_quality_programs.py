"""What the programs that measure quality count, on cases counted by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.calibration_quality import binned_error, by_chance, keyword_error  # noqa: E402
from benchmarks.labeling_clicks import Page, Typing  # noqa: E402
from core.types import (  # noqa: E402
    ImageId,
    ImageSuggestions,
    Keyword,
    KeywordId,
    KeywordStatus,
    Suggestion,
    Verdict,
)


def test_calibration_error_of_ten_bins_of_two() -> None:
    confidences = np.repeat(np.arange(10) / 10, 2).astype(np.float32)
    truth = np.zeros(20, dtype=np.bool_)
    truth[[7, 18, 19]] = True  # bin 3: 0.3 against 0.5; bin 9: 0.9 against 1
    away = [0, 0.1, 0.2, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.1]
    assert binned_error(truth, confidences) == pytest.approx(np.mean(away))


def test_the_order_of_equal_confidences_does_not_matter() -> None:
    confidences = np.full(40, 0.25, dtype=np.float32)
    truth = np.arange(40) < 10
    assert binned_error(truth, confidences) == pytest.approx(0)


def test_keywords_are_measured_one_by_one() -> None:
    confidences = np.full((20, 2), 0.5, dtype=np.float32)
    truth = np.stack([np.ones(20, dtype=np.bool_), np.zeros(20, dtype=np.bool_)], axis=1)
    assert keyword_error(truth, confidences) == pytest.approx(0.5)
    assert binned_error(truth, confidences) == pytest.approx(0)


def test_right_confidences_are_off_by_chance_alone() -> None:
    sure = np.array([[0.0], [1.0]] * 20, dtype=np.float32)
    assert by_chance(keyword_error, sure) == 0
    unsure = np.full((1000, 1), 0.5, dtype=np.float32)
    # in the middle of equal ones only the whole counts: |mean - 1/2| has sqrt(1/(2 pi n))
    assert by_chance(keyword_error, unsure) == pytest.approx(0.0126, rel=0.5)


KEYWORDS = [
    Keyword(KeywordId(n), name, None, KeywordStatus.IMPORTED)
    for n, name in enumerate(("tank", "tankbil", "fly"))
]
TANK, LORRY, PLANE = (one.id for one in KEYWORDS)


def shown(*suggested: tuple[int, bool]) -> ImageSuggestions:
    """Suggestions of keywords, above the threshold or not, in this order."""
    rows = tuple(
        Suggestion(KEYWORDS[keyword], 0.9 - place / 10, above_threshold=above)
        for place, (keyword, above) in enumerate(suggested)
    )
    return ImageSuggestions(ImageId(1), "", "", "", rows)


def test_typing_takes_letters_rows_and_return() -> None:
    typing = Typing(KEYWORDS)
    # t: "tank" is the first row and "tankbil" the second; f: "fly" is the only one
    assert [typing.keys(one) for one in (TANK, LORRY, PLANE)] == [2, 3, 2]


@pytest.mark.parametrize(
    ("suggested", "truth", "keys", "rejected"),
    [
        (((0, True), (2, True)), {TANK, PLANE}, 1, set()),  # A
        (((0, True), (1, True), (2, True)), {TANK, PLANE}, 2, {LORRY}),  # Shift+2, A
        (((0, True), (1, True)), set(), 1, set()),  # Space
        (((0, True), (2, False)), {TANK, PLANE}, 2, set()),  # 2, A
        (((0, True), (1, True)), {PLANE}, 1 + 1 + 2, set()),  # K f Return, Space
        ((), {TANK, LORRY}, 1 + 1 + 2 + 1 + 3, set()),  # K t Return, K t Down Return, A
    ],
)
def test_keys_of_an_image(
    suggested: tuple[tuple[int, bool], ...],
    truth: set[KeywordId],
    keys: int,
    rejected: set[KeywordId],
) -> None:
    page = Page(shown(*suggested), truth)
    assert page.keys(Typing(KEYWORDS)).ours == keys
    decided = {(one.keyword, one.verdict) for one in page.decisions(ImageId(1))}
    assert decided == {(one, Verdict.ACCEPTED) for one in truth} | {
        (one, Verdict.REJECTED) for one in rejected
    }


@pytest.mark.parametrize(("place", "keys"), [(14, 2), (15, 3)])
def test_what_is_out_of_sight_wants_the_wheel(place: int, keys: int) -> None:
    many = [Keyword(KeywordId(n), f"nr {n}", None, KeywordStatus.IMPORTED) for n in range(20)]
    rows = tuple(Suggestion(one, 0.5, above_threshold=False) for one in many)
    page = Page(ImageSuggestions(ImageId(1), "", "", "", rows), {KeywordId(place)})
    assert page.keys(Typing(many)).ours == keys  # a click, and Space
