"""The combined model: weights against scikit-learn, and never worse than its parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from core.evaluation.curves import calibration_curve
from core.models.base import Exclusions
from core.models.combined import Combined
from core.models.linear_probe import LinearProbe
from core.models.neighbor_search import NeighborSearch
from core.models.state import ModelState, from_state, state_of
from core.models.thresholds import best_threshold

RANDOM = np.random.default_rng(4)
TRUTH = RANDOM.random((600, 3)) < 0.3


def witness(noise: float, seed: int) -> np.ndarray:
    """Confidences that tell the truth but for noise; calibrated."""
    random = np.random.default_rng(seed)
    seen = np.where(TRUTH, 1.0, -1.0) + random.normal(0, noise, TRUTH.shape)
    return expit(2 * seen / noise**2 + logit(0.3)).astype(np.float32)


class Says:
    """A part whose confidences are given."""

    name = "says"
    limits: dict = {}  # noqa: RUF012

    def __init__(self, confidences: np.ndarray) -> None:
        self.confidences = confidences

    def fit(self, references: np.ndarray, labels: object) -> "Says":
        return self

    def predict_confidence(self, queries: np.ndarray, exclude: Exclusions = None) -> np.ndarray:
        return self.confidences[: len(queries)]


QUERIES = np.zeros((600, 1), dtype=np.float32)


def combined(*said: np.ndarray, truth: np.ndarray = TRUTH) -> Combined:
    return Combined([Says(one) for one in said]).combine(said, truth)


def f2(confidences: np.ndarray, truth: np.ndarray = TRUTH) -> float:
    return best_threshold(truth, confidences)[1]


def test_two_independent_witnesses_count_by_what_they_know() -> None:
    good, weak = witness(1.0, 1), witness(2.0, 2)
    model = combined(good, weak)
    together = model.predict_confidence(QUERIES)
    # independent evidence: the log odds simply add, whatever the noise of each
    assert model.weights_ == pytest.approx([1, 1], abs=0.25)
    assert f2(together) > f2(good) + 0.01
    assert f2(good) > f2(weak)
    assert calibration_curve(TRUTH, together).error < 0.03


def test_the_weights_are_those_of_logistic_regression() -> None:
    said = [witness(1.0, 1), witness(2.0, 2), witness(1.5, 3)]
    model = combined(*said)
    features = np.stack(
        [
            model.slopes_[p] * logit(one * 0.998 + 0.001) + model.intercepts_[p]
            for p, one in enumerate(said)
        ],
        axis=-1,
    ).reshape(-1, 3)
    oracle = LogisticRegression(C=np.inf, tol=1e-9, max_iter=1000).fit(features, TRUTH.ravel())
    assert model.weights_ == pytest.approx(oracle.coef_[0], abs=5e-3)
    assert model.bias_ == pytest.approx(oracle.intercept_[0], abs=5e-3)


def test_the_same_witness_twice_counts_once() -> None:
    one = witness(1.0, 1)
    model = combined(one, one)
    assert model.weights_.sum() == pytest.approx(1, abs=0.1)
    assert f2(model.predict_confidence(QUERIES)) == pytest.approx(f2(one), abs=0.01)


def test_a_part_that_knows_nothing_is_not_listened_to() -> None:
    good, noise = witness(1.0, 1), np.random.default_rng(9).random(TRUTH.shape).astype(np.float32)
    model = combined(good, noise)
    assert model.weights_[0] > 0.8
    influence = model.weights_[1] * model.slopes_[1]
    assert (influence < 0.1).all()
    assert (model.weights_ >= 0).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(1, 12))
def test_never_worse_on_validation_than_a_part(seed: int, parts: int, images: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.random((images, 3)) < 0.4
    said = [
        np.clip(truth * random.random() + random.random(truth.shape) - 0.3, 0, 1).astype(np.float32)
        for _ in range(parts)
    ]
    model = combined(*said, truth=truth)
    found = model.predict_confidence(QUERIES[:images])
    assert f2(found, truth) >= max(f2(one, truth) for one in said) - 1e-6


def test_alone_when_the_others_only_disturb() -> None:
    # the first is always right, so no weight on the others can do better
    sure = np.where(TRUTH, 0.9, 0.1).astype(np.float32)
    assert f2(combined(sure, witness(2.0, 2)).predict_confidence(QUERIES)) == 1


def test_before_it_is_combined_all_parts_count_the_same() -> None:
    vectors = np.random.default_rng(5).normal(size=(40, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = csr_array((vectors[:, :2] > 0).astype(np.float32))
    parts = [NeighborSearch(9.0), LinearProbe()]
    model = Combined(parts).fit(vectors, labels)
    own = [np.arange(row, row + 1) for row in range(10)]
    found = model.predict_confidence(vectors[:10], own)
    said = [part.predict_confidence(vectors[:10], own) for part in parts]
    odds = sum(logit(one.astype(np.float64) * 0.998 + 0.001) for one in said) / 2
    assert found == pytest.approx(expit(odds), abs=1e-5)


def test_what_was_learnt_comes_back_from_the_state() -> None:
    vectors = np.random.default_rng(5).normal(size=(60, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    truth = vectors[:, :2] > 0
    parts = [
        NeighborSearch(9.0).fit(vectors[:40], csr_array(truth[:40])),
        LinearProbe().fit(vectors[:40], csr_array(truth[:40])),
    ]
    said = [part.predict_confidence(vectors[40:]) for part in parts]
    model = Combined(parts).combine(said, truth[40:])
    state = state_of(model)
    again = from_state(ModelState(state.name, state.settings, state.arrays))
    assert np.array_equal(again.predict_confidence(vectors), model.predict_confidence(vectors))


def test_what_does_not_fit_is_refused() -> None:
    one = witness(1.0, 1)
    with pytest.raises(ValueError, match="at least one"):
        Combined([]).fit(QUERIES, TRUTH)
    with pytest.raises(ValueError, match="2 arrays of confidences, 1 parts"):
        Combined([Says(one)]).combine([one, one], TRUTH)
    with pytest.raises(ValueError, match="shape"):
        Combined([Says(one)]).combine([one[:5]], TRUTH)


def test_without_validation_images_all_parts_count_the_same() -> None:
    nothing = np.zeros((0, 3), dtype=np.float32)
    model = combined(nothing, nothing, truth=np.zeros((0, 3), dtype=np.bool_))
    assert model.weights_ == pytest.approx([0.5, 0.5])
