import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.metrics import fbeta_score

from core.models.thresholds import best_threshold


def test_hand_computed_case() -> None:
    truth = np.array([True, False, True, False])
    confidences = np.array([0.9, 0.6, 0.4, 0.1], dtype=np.float32)
    # three taken in: F2 = 5 * 2 / (4 * 2 + 3); two: 5 / 10; one: 5 / 9; four: 10 / 12
    threshold, score = best_threshold(truth, confidences)
    assert score == pytest.approx(10 / 11)
    assert threshold == pytest.approx(0.25)


def test_nothing_positive_means_nothing_is_suggested() -> None:
    assert best_threshold(np.zeros((3, 2), bool), np.full((3, 2), 0.5, np.float32)) == (1.0, 0.0)


@settings(max_examples=30)
@given(
    arrays(bool, (12, 2)),
    arrays(np.int64, (12, 2), elements=st.integers(1, 8)),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_no_threshold_of_a_fine_grid_is_better(
    truth: NDArray[np.bool_], eighths: NDArray[np.int64], beta: float
) -> None:
    confidences = (eighths / 8).astype(np.float32)
    threshold, score = best_threshold(truth, confidences, beta)
    grid = [
        fbeta_score(truth.ravel(), (confidences >= t).ravel(), beta=beta, zero_division=0)
        for t in np.linspace(0, 1, 41)
    ]
    assert score >= max(grid) - 1e-12
    reached = fbeta_score(
        truth.ravel(), (confidences >= threshold).ravel(), beta=beta, zero_division=0
    )
    assert reached == pytest.approx(score)
