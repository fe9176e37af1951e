from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn import metrics as oracle
from sklearn.calibration import calibration_curve as sklearn_curve

from core.evaluation.curves import (
    calibration_curve,
    keyword_calibration_error,
    precision_recall_curve,
)
from core.evaluation.learning_curve import (
    Asked,
    LearningCurve,
    curve_sizes,
    learning_curves,
    overtaking_size,
)
from core.models.neighbor_search import NearestNeighbor
from core.progress import Silent


def test_calibration_by_hand() -> None:
    truth = np.array([[1], [0], [1], [1]], dtype=bool)
    confidences = np.array([[0.05], [0.07], [0.95], [0.85]], dtype=np.float32)
    curve = calibration_curve(truth, confidences)
    assert curve.count.tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert curve.positive[[0, 8, 9]].tolist() == [0.5, 1, 1]
    # (2 * |0.06 - 0.5| + 0.15 + 0.05) / 4
    assert curve.error == pytest.approx(0.27)
    assert keyword_calibration_error(truth, confidences) == pytest.approx(0.27)
    assert calibration_curve(truth, confidences, least=0.5).count.sum() == 2


@given(st.integers(0, 2**32 - 1))
def test_calibration_equals_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, confidences = rng.random((40, 3)) < 0.4, rng.random((40, 3)).astype(np.float32)
    curve = calibration_curve(truth, confidences)
    positive, confidence = sklearn_curve(truth.ravel(), confidences.ravel(), n_bins=10)
    filled = curve.count > 0
    assert curve.positive[filled] == pytest.approx(positive)
    assert curve.confidence[filled] == pytest.approx(confidence, rel=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_precision_and_recall_equal_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random((30, 2)) < 0.4
    truth[0] = True
    confidences = (rng.integers(0, 12, (30, 2)) / 12).astype(np.float32)
    curve = precision_recall_curve(truth, confidences)
    precision, recall, threshold = oracle.precision_recall_curve(truth.ravel(), confidences.ravel())
    assert curve.threshold == pytest.approx(threshold[::-1])
    assert curve.precision == pytest.approx(precision[:-1][::-1])
    assert curve.recall == pytest.approx(recall[:-1][::-1])


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    rng = np.random.default_rng(0)
    truth, confidences = rng.random((5000, 2)) < 0.3, rng.random((5000, 2)).astype(np.float32)
    whole = precision_recall_curve(truth, confidences, most=100_000)
    thin = precision_recall_curve(truth, confidences, most=50)
    assert len(thin.recall) <= 50
    assert thin.recall[-1] == whole.recall[-1] == 1
    assert set(zip(thin.recall, thin.precision, strict=True)) <= set(
        zip(whole.recall, whole.precision, strict=True)
    )


def test_nothing_true_is_an_empty_curve() -> None:
    nothing = precision_recall_curve(np.zeros((3, 2), bool), np.zeros((3, 2), np.float32))
    assert len(nothing.recall) == 0


def test_subsets_are_nested_and_end_with_everything() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = csr_array((rng.random((200, 3)) < 0.4).astype(np.float32))
    asked = Asked(vectors[:50], labels.toarray()[:50] > 0)
    seen: list[set[bytes]] = []

    def build(some: np.ndarray, known: csr_array) -> NearestNeighbor:
        seen.append({row.tobytes() for row in some})
        return NearestNeighbor().fit(some, known)

    found = learning_curves({"1-nn": build}, vectors, labels, asked, asked, Silent())["1-nn"]
    assert found.sizes.tolist() == curve_sizes(200).tolist()
    assert found.sizes[0] == 10
    assert found.sizes[-1] == 200
    assert all(smaller < larger for smaller, larger in pairwise(seen))
    assert found.f2[-1] == 1.0  # every image asked is a reference
    assert found.f2[0] < 1.0


@pytest.mark.parametrize(
    ("f2", "size"),
    [([0.1, 0.6, 0.7], 20), ([0.6, 0.1, 0.7], 30), ([0.6, 0.6, 0.6], 10), ([0.6, 0.6, 0.5], None)],
)
def test_overtaking_by_hand(f2: list[float], size: int | None) -> None:
    curve = LearningCurve(np.array([10, 20, 30]), np.array(f2))
    assert overtaking_size(curve, 0.5) == size
