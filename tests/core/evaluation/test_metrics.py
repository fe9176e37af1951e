from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn import metrics as oracle

from core.evaluation.metrics import (
    confusion,
    ranking,
    resampled_ranking,
    subset_accuracy,
)

Problem: TypeAlias = tuple[NDArray[np.bool_], NDArray[np.float32]]
SHAPE = st.tuples(st.integers(2, 30), st.integers(1, 6))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    shape = draw(SHAPE)
    truth = draw(arrays(bool, shape))
    tenths = draw(arrays(np.int64, shape, elements=st.integers(0, 10)))
    return truth, (tenths / 10).astype(np.float32)


def test_hand_computed_case() -> None:
    truth = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=bool)
    predicted = np.array([[1, 1], [0, 1], [0, 0], [1, 1]], dtype=bool)
    outcome = confusion(truth, predicted)
    assert outcome.true_positive.tolist() == [1, 2]
    assert outcome.false_positive.tolist() == [1, 1]
    assert outcome.false_negative.tolist() == [1, 0]
    assert outcome.true_negative.tolist() == [1, 1]
    pooled = outcome.pooled()
    assert pooled.precision() == pytest.approx([3 / 5])
    assert pooled.recall() == pytest.approx([3 / 4])
    assert pooled.specificity() == pytest.approx([2 / 4])
    assert pooled.accuracy() == pytest.approx([5 / 8])
    # F2 = 5 p r / (4 p + r) = 5 * 0.6 * 0.75 / (2.4 + 0.75)
    assert pooled.f_score(2) == pytest.approx([2.25 / 3.15])
    assert subset_accuracy(truth, predicted) == 0.25


def test_rank_metrics_by_hand() -> None:
    truth = np.array([[1], [0], [1], [0]], dtype=bool)
    confidences = np.array([[0.9], [0.8], [0.8], [0.1]], dtype=np.float32)
    # of four pairs of a true and a false one three are in order and one is tied: 3.5 / 4
    auc, precision = ranking(truth, confidences)
    assert auc.tolist() == [0.875]
    # half of the true ones at precision 1, the other half, with the tie, at 2/3
    assert precision == pytest.approx([1 / 2 + 1 / 3])


@given(problems(), st.sampled_from([0.5, 1.0, 2.0]))
def test_scores_equal_scikit_learn(problem: Problem, beta: float) -> None:
    truth, confidences = problem
    predicted = confidences >= 0.5
    outcome = confusion(truth, predicted)
    per_keyword = [
        oracle.fbeta_score(truth[:, c], predicted[:, c], beta=beta, zero_division=0)
        for c in range(truth.shape[1])
    ]
    pooled = oracle.fbeta_score(truth.ravel(), predicted.ravel(), beta=beta, zero_division=0)
    assert outcome.f_score(beta) == pytest.approx(per_keyword)
    assert outcome.pooled().f_score(beta) == pytest.approx([pooled])


@given(problems())
def test_rank_metrics_equal_scikit_learn(problem: Problem) -> None:
    truth, confidences = problem
    auc, precision = ranking(truth, confidences)
    for column in range(truth.shape[1]):
        present = truth[:, column]
        if present.all() or not present.any():
            assert np.isnan(auc[column])
            assert np.isnan(precision[column])
            continue
        scores = confidences[:, column]
        assert auc[column] == pytest.approx(oracle.roc_auc_score(present, scores))
        assert precision[column] == pytest.approx(oracle.average_precision_score(present, scores))


@given(problems(), st.integers(0, 2**32 - 1))
def test_resampled_rank_metrics_equal_those_of_the_rows_repeated(
    problem: Problem, seed: int
) -> None:
    truth, confidences = problem
    draws = np.random.default_rng(seed).integers(0, 3, (len(truth), 4)).astype(np.float32)
    auc, precision = resampled_ranking(truth, confidences, draws)
    for number, times in enumerate(draws.T.astype(int)):
        rows = np.repeat(np.arange(len(truth)), times)
        expected_auc, expected_precision = ranking(truth[rows], confidences[rows])
        np.testing.assert_allclose(auc[:, number], expected_auc, equal_nan=True)
        np.testing.assert_allclose(precision[:, number], expected_precision, equal_nan=True)


def test_arrays_of_different_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="one shape"):
        confusion(np.zeros((2, 3), dtype=bool), np.zeros((3, 2), dtype=bool))
