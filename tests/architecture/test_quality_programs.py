"""What the programs that measure quality count, on cases counted by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.calibration_quality import binned_error, by_chance, keyword_error  # noqa: E402


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
