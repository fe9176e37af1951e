from functools import reduce

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from sklearn.metrics import fbeta_score

from core.models.thresholds import best_threshold, class_thresholds


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
        for t in np.linspace(0, 1, 17)
    ]
    assert score >= max(grid) - 1e-12
    reached = fbeta_score(
        truth.ravel(), (confidences >= threshold).ravel(), beta=beta, zero_division=0
    )
    assert reached == pytest.approx(score)


def plain_threshold(
    truth: NDArray[np.bool_], confidences: NDArray[np.floating], beta: float
) -> tuple[float, float]:
    """Every confidence as a threshold, the highest first; the first best one."""
    if not truth.any():
        return 1.0, 0.0
    levels = sorted({float(one) for one in confidences.ravel()}, reverse=True)
    scores = [
        (1 + beta**2)
        * float((truth & (confidences >= level)).sum())
        / float(beta**2 * truth.sum() + (confidences >= level).sum())
        for level in levels
    ]
    best = scores.index(max(scores))
    return (levels[best] + [*levels, 0.0][best + 1]) / 2, scores[best]


@st.composite
def answers(draw: st.DrawFn) -> tuple[NDArray[np.bool_], NDArray[np.floating]]:
    shape = draw(st.tuples(st.integers(1, 20), st.integers(1, 5)))
    tenths = draw(arrays(np.int64, shape, elements=st.integers(0, 10)))
    precision = draw(st.sampled_from([np.float32, np.float64]))
    return draw(arrays(bool, shape)), (tenths / 10).astype(precision)


@given(answers(), st.sampled_from([0.5, 1.0, 2.0]))
def test_it_is_that_of_a_plain_loop_also_without_the_zeros(
    answer: tuple[NDArray[np.bool_], NDArray[np.floating]], beta: float
) -> None:
    truth, confidences = answer
    plain = plain_threshold(truth, confidences, beta)
    assert best_threshold(truth, confidences, beta) == pytest.approx(plain)
    stored = confidences > 0
    sparse = best_threshold(
        truth[stored],
        confidences[stored],
        beta,
        zeros=int((~stored).sum()),
        positives_among_zeros=int(truth[~stored].sum()),
    )
    assert sparse == pytest.approx(plain)


def test_some_of_the_zeros_may_be_given() -> None:
    truth = np.array([True, False, True])
    confidences = np.array([0.9, 0.0, 0.0], dtype=np.float32)
    whole = np.concatenate([confidences, np.zeros(4, dtype=np.float32)])
    plain = plain_threshold(np.concatenate([truth, [True, True, False, False]]), whole, 2.0)
    found = best_threshold(truth, confidences, zeros=4, positives_among_zeros=2)
    assert found == pytest.approx(plain)


def test_a_keyword_that_is_never_right_is_never_suggested() -> None:
    truth = np.zeros((40, 2), dtype=bool)
    truth[:20, 0] = truth[39, 1] = True
    confidences = np.where(truth, 0.9, 0.1).astype(np.float32)
    confidences[:, 1] = 1 - confidences[:, 1]  # the only right one comes after all wrong ones
    chosen = class_thresholds(truth, confidences, minimum_support=0)
    assert not (confidences[:, 1] >= chosen[1]).any()


def micro_f(truth: NDArray[np.bool_], predicted: NDArray[np.bool_], beta: float = 2.0) -> float:
    return float(fbeta_score(truth.ravel(), predicted.ravel(), beta=beta, zero_division=0))


def test_class_thresholds_hand_computed() -> None:
    # common: at 0.3 all but one, F2 = 5 * 3 / (4 * 3 + 5) = 15/17; own cuts leave out both wrong
    # ones: three of three, F2 = 1
    truth = np.array([[1, 0], [1, 0], [0, 1]], dtype=bool)
    confidences = np.array([[0.9, 0.6], [0.8, 0.4], [0.2, 0.7]], dtype=np.float32)
    chosen = class_thresholds(truth, confidences, minimum_support=0)
    assert chosen == pytest.approx([0.5, 0.65])
    # the second has one positive of the two it should have: halfway to the common threshold
    common, _ = best_threshold(truth, confidences)
    shrunk = class_thresholds(truth, confidences, minimum_support=2)
    assert shrunk == pytest.approx([0.5, (0.65 + common) / 2])


def test_a_keyword_without_positives_has_the_common_threshold() -> None:
    truth = np.array([[True, False], [False, False]])
    confidences = np.array([[0.8, 0.9], [0.2, 0.1]], dtype=np.float32)
    common, _ = best_threshold(truth, confidences)
    assert class_thresholds(truth, confidences)[1] == common
    assert (class_thresholds(truth & False, confidences) == 1).all()


@settings(max_examples=40)
@given(
    arrays(bool, (6, 3)),
    arrays(np.int64, (6, 3), elements=st.integers(0, 8)),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_no_combination_of_thresholds_is_better(
    truth: NDArray[np.bool_], eighths: NDArray[np.int64], beta: float
) -> None:
    """Brute force over every threshold of every keyword."""
    confidences = (eighths / 8).astype(np.float32)
    present = truth.any(axis=0)
    assume(present.any())
    chosen = class_thresholds(truth, confidences, 0, beta)
    reached = micro_f(truth[:, present], (confidences >= chosen)[:, present], beta)
    grid = np.append(np.unique(confidences), 2)
    said = confidences[:, present, None] >= grid  # image, keyword, threshold
    true_positives = (said & truth[:, present, None]).sum(axis=0)
    right, positive = (
        reduce(np.add.outer, counts) for counts in (true_positives, said.sum(axis=0))
    )  # of every combination of thresholds
    every = (1 + beta**2) * right / (beta**2 * truth.sum() + positive)
    assert reached == pytest.approx(every.max())


def test_they_beat_the_best_of_each_keyword_in_micro_f2() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((400, 12)) < rng.uniform(0.01, 0.4, 12)
    noise = rng.normal(0, rng.uniform(0.05, 0.5, 12), (400, 12))
    confidences = np.clip(truth * 0.4 + 0.3 + noise, 0, 1).astype(np.float32)
    single = [best_threshold(truth[:, c], confidences[:, c])[0] for c in range(12)]
    chosen = class_thresholds(truth, confidences, 0)
    common, score = best_threshold(truth, confidences)
    assert micro_f(truth, confidences >= chosen) > micro_f(truth, confidences >= np.array(single))
    assert micro_f(truth, confidences >= chosen) > score
    assert micro_f(truth, confidences >= common) == pytest.approx(score)
