import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as oracle

from core.evaluation.comparison import Scores, difference, score

SHAPE = st.tuples(st.integers(2, 25), st.integers(2, 5))
AVERAGES = ("micro", "macro", "weighted")


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(SHAPE)
    truth = draw(arrays(bool, shape))
    tenths = draw(arrays(np.int64, shape, elements=st.integers(0, 10)))
    return truth, (tenths / 10).astype(np.float32)


@given(problems())
def test_every_average_equals_scikit_learn(problem: tuple[np.ndarray, np.ndarray]) -> None:
    truth, confidences = problem
    predicted = confidences >= 0.45
    scores = score(truth, confidences, 0.45, resamples=0)
    for average in AVERAGES:
        found: Scores = getattr(scores, average)
        given = {"average": average, "zero_division": 0}
        assert found.f1 == pytest.approx(oracle.f1_score(truth, predicted, **given))
        assert found.f2 == pytest.approx(oracle.fbeta_score(truth, predicted, beta=2, **given))
        assert found.precision == pytest.approx(oracle.precision_score(truth, predicted, **given))
        assert found.recall == pytest.approx(oracle.recall_score(truth, predicted, **given))
    assert scores.subset_accuracy == pytest.approx(oracle.accuracy_score(truth, predicted))
    flat = (truth.ravel(), predicted.ravel())
    assert scores.micro.accuracy == pytest.approx(oracle.accuracy_score(*flat))
    assert scores.macro.accuracy == pytest.approx(oracle.accuracy_score(*flat))
    assert scores.micro.specificity == pytest.approx(
        oracle.recall_score(~flat[0], ~flat[1], zero_division=0)
    )
    squared = oracle.mean_squared_error(truth.astype(float), confidences)
    assert scores.micro.mse == pytest.approx(squared, rel=1e-6)
    assert scores.macro.mse == pytest.approx(squared, rel=1e-6)


@given(problems())
def test_rank_metrics_equal_scikit_learn_where_every_keyword_is_mixed(
    problem: tuple[np.ndarray, np.ndarray],
) -> None:
    truth, confidences = problem
    truth[0], truth[1] = True, False
    scores = score(truth, confidences, 0.5, resamples=0)
    for average in AVERAGES:
        found: Scores = getattr(scores, average)
        auc = oracle.roc_auc_score(truth, confidences, average=average)
        precision = oracle.average_precision_score(truth, confidences, average=average)
        assert found.roc_auc == pytest.approx(auc)
        assert found.average_precision == pytest.approx(precision)


def test_a_keyword_that_no_image_has_is_left_out_of_rank_averages() -> None:
    truth = np.array([[1, 0], [0, 0]], dtype=bool)
    scores = score(truth, np.array([[0.9, 0.3], [0.2, 0.1]], dtype=np.float32), 0.5, resamples=0)
    assert scores.macro.roc_auc == 1.0
    assert scores.macro.f2 == 0.5  # 1 and, as in scikit-learn, 0
    assert scores.weighted.f2 == 1.0


def test_thresholds_of_single_keywords() -> None:
    truth = np.array([[1, 1], [0, 0]], dtype=bool)
    confidences = np.array([[0.3, 0.9], [0.2, 0.6]], dtype=np.float32)
    assert score(truth, confidences, np.array([0.25, 0.7]), resamples=0).micro.f2 == 1.0


def simulated(seed: int, images: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random((images, 4)) < 0.3
    noisy = np.clip(0.6 * truth + 0.4 * rng.random(truth.shape), 0, 1)
    return truth, noisy.astype(np.float32)


def test_resampled_sets_equal_a_plain_loop_over_images() -> None:
    truth, confidences = simulated(0)
    found = score(truth, confidences, 0.55, resamples=40, seed=5)
    chosen = np.random.default_rng(5).integers(0, 60, (40, 60))
    micro, macro, subset, ranked = [], [], [], []
    for rows in chosen:
        one = score(truth[rows], confidences[rows], 0.55, resamples=0)
        micro.append(one.micro.f2)
        macro.append(one.macro.recall)
        subset.append(one.subset_accuracy)
        ranked.append(one.macro.average_precision)
    assert found.resampled_f2 == pytest.approx(np.array(micro))
    for name, values in (
        ("macro.recall", macro),
        ("subset_accuracy", subset),
        ("macro.average_precision", ranked),
    ):
        low, high = np.quantile(values, (0.025, 0.975))
        interval = found.intervals[name]
        assert (interval.low, interval.high) == pytest.approx((low, high))


def test_the_interval_holds_the_value_in_about_95_of_100_cases() -> None:
    large = score(*simulated(1, 200_000), 0.55, resamples=0).micro.f2
    inside = 0
    for seed in range(100):
        interval = score(*simulated(seed + 2, 120), 0.55, resamples=200).intervals["micro.f2"]
        inside += interval.low <= large <= interval.high
    assert 88 <= inside <= 100


def test_a_model_does_not_differ_from_itself_and_does_from_chance() -> None:
    truth, confidences = simulated(3, 300)
    one = score(truth, confidences, 0.55, resamples=100)
    same = difference(one, one)
    assert (same.low, same.high) == (0, 0)
    chance = np.random.default_rng(0).random(truth.shape).astype(np.float32)
    other = score(truth, chance, 0.55, resamples=100)
    assert difference(one, other).low > 0


def test_an_empty_test_set_has_scores_of_zero() -> None:
    nothing = score(np.zeros((0, 3), dtype=bool), np.zeros((0, 3), dtype=np.float32), 0.5)
    assert nothing.micro.f2 == 0
    assert np.isnan(nothing.micro.roc_auc)
