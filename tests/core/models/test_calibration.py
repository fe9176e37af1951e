"""Calibration against scikit-learn, SciPy and counting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from core.evaluation.curves import calibration_curve, keyword_calibration_error
from core.models import base
from core.models.calibration import BINS, KeywordCalibration, log_odds


def made_up(images: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Confidences that are too high, each keyword in its own way, and the truth."""
    random = np.random.default_rng(seed)
    odds = random.normal(-1.5, 2, (images, 4))
    truth = random.random(odds.shape) < expit(odds)
    return expit(odds * [0.4, 0.7, 1.2, 2.0] + [1.5, 0.5, 0.0, 1.0]).astype(np.float32), truth


CONFIDENCES, TRUTH = made_up(1500)


def oracle(confidences: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    scores = log_odds(confidences).reshape(-1, 1)
    found = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit(scores, truth.ravel())
    return float(found.coef_[0, 0]), float(found.intercept_[0])


def test_without_shrinkage_each_keyword_is_scikit_learns() -> None:
    found = KeywordCalibration.fit(CONFIDENCES, TRUTH, shrinkage=1e-9)
    for c in range(4):
        slope, intercept = oracle(CONFIDENCES[:, c], TRUTH[:, c])
        assert found.slopes[c] == pytest.approx(slope, abs=1e-3)
        assert found.intercepts[c] == pytest.approx(intercept, abs=1e-3)


def test_with_much_shrinkage_all_are_the_common_one() -> None:
    found = KeywordCalibration.fit(CONFIDENCES, TRUTH, shrinkage=1e9)
    slope, intercept = oracle(CONFIDENCES, TRUTH)
    assert found.slopes == pytest.approx(np.full(4, slope), abs=1e-3)
    assert found.intercepts == pytest.approx(np.full(4, intercept), abs=1e-3)


def test_in_between_it_is_the_most_probable_line() -> None:
    found = KeywordCalibration.fit(CONFIDENCES, TRUTH, shrinkage=40.0)
    slope, intercept = oracle(CONFIDENCES, TRUTH)
    for c in range(4):
        common = slope * log_odds(CONFIDENCES[:, c]) + intercept

        def loss(line: np.ndarray, common: np.ndarray = common, c: int = c) -> float:
            at = line[0] * common + line[1]
            data = sum(
                np.logaddexp(0, -a if t else a) for a, t in zip(at, TRUTH[:, c], strict=True)
            )
            return float(data + 20 * ((line[0] - 1) ** 2 + line[1] ** 2))

        best = minimize(loss, [1, 0], method="Nelder-Mead", options={"xatol": 1e-6}).x
        assert found.slopes[c] == pytest.approx(best[0] * slope, abs=2e-3)
        assert found.intercepts[c] == pytest.approx(best[0] * intercept + best[1], abs=2e-3)


def spread_keywords(spread: float, keywords: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Confidences whose log odds are wrong by another amount for every keyword."""
    random = np.random.default_rng(7)
    odds = random.normal(-1, 2, (300, keywords))
    truth = random.random(odds.shape) < expit(odds)
    return expit(odds + random.normal(0, spread, keywords)).astype(np.float32), truth


def test_keywords_that_do_not_differ_are_not_told_apart() -> None:
    confidences, truth = spread_keywords(0.0)
    found = KeywordCalibration.fit(confidences, truth)
    freely = KeywordCalibration.fit(confidences, truth, shrinkage=1e-9)
    assert found.intercepts.std() < freely.intercepts.std() / 3
    assert found.slopes.std() < freely.slopes.std() / 3


def test_keywords_that_differ_are_told_apart() -> None:
    confidences, truth = spread_keywords(1.5)
    found = KeywordCalibration.fit(confidences, truth)
    freely = KeywordCalibration.fit(confidences, truth, shrinkage=1e-9)
    assert found.intercepts.std() > 0.9 * freely.intercepts.std()
    assert found.intercepts.std() == pytest.approx(1.5, abs=0.25)


def test_calibrated_confidences_are_true_on_other_images() -> None:
    calibration = KeywordCalibration.fit(CONFIDENCES, TRUTH)
    other, truth = made_up(4000, seed=1)
    assert calibration_curve(truth, other).error > 0.15
    assert calibration_curve(truth, calibration.calibrate(other)).error < 0.02
    assert keyword_calibration_error(truth, calibration.calibrate(other)) < 0.03


def test_a_keyword_with_few_cases_leans_on_the_others() -> None:
    random = np.random.default_rng(2)
    odds = random.normal(-1, 2, (2000, 6))
    truth = random.random(odds.shape) < expit(odds)
    confidences = expit(odds / 2 + 1).astype(np.float32)  # the same fault in all of them
    confidences[8:, 5], truth[8:, 5] = 0, False  # eight cases, as it happens all of them right
    confidences[:8, 5], truth[:8, 5] = 0.7, True
    alone = KeywordCalibration.fit(confidences[:, 5:], truth[:, 5:])
    pooled = KeywordCalibration.fit(confidences, truth)
    asked = np.full((1, 6), 0.7, dtype=np.float32)
    others = pooled.calibrate(asked)[0, :5].mean()
    assert alone.calibrate(asked[:, 5:])[0, 0] > 0.95
    assert others < pooled.calibrate(asked)[0, 5] < 0.9


def test_a_keyword_without_cases_is_believed_less() -> None:
    truth = TRUTH.copy()
    truth[:, 3] = False
    found = KeywordCalibration.fit(CONFIDENCES, truth)
    calibrated = found.calibrate(CONFIDENCES)
    assert calibrated[:, 3].mean() < calibrated[:, :3].mean() / 3
    assert np.isfinite(calibrated).all()


@pytest.mark.parametrize("value", [False, True])
def test_truth_that_is_always_the_same(value: bool) -> None:
    truth = np.full_like(TRUTH, value)
    calibrated = KeywordCalibration.fit(CONFIDENCES, truth).calibrate(CONFIDENCES)
    assert abs(calibrated - value).mean() < 0.01


def test_confidences_that_mislead_are_levelled_not_reversed() -> None:
    confidences = CONFIDENCES.copy()
    confidences[:, 1] = 1 - confidences[:, 1]
    found = KeywordCalibration.fit(confidences, TRUTH)
    assert found.slopes[1] == 0
    assert found.calibrate(confidences)[:, 1] == pytest.approx(TRUTH[:, 1].mean(), abs=0.03)
    assert (found.slopes[[0, 2, 3]] > 0.3).all()


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=20), st.integers(0, 10))
def test_no_order_is_reversed(values: list[float], seed: int) -> None:
    confidences = np.array(values, dtype=np.float32).reshape(-1, 1)
    truth = np.random.default_rng(seed).random(confidences.shape) < 0.5
    calibrated = KeywordCalibration.fit(confidences, truth).calibrate(confidences)
    assert (np.diff(calibrated[np.argsort(confidences[:, 0]), 0]) >= 0).all()
    assert ((calibrated >= 0) & (calibrated <= 1)).all()


def test_cases_are_counted_by_calibrated_confidence() -> None:
    found = KeywordCalibration.fit(CONFIDENCES, TRUTH)
    calibrated = found.calibrate(CONFIDENCES)
    for c in range(4):
        for tenth in range(BINS):
            top = 1.01 if tenth == BINS - 1 else (tenth + 1) / BINS
            inside = (calibrated[:, c] >= tenth / BINS) & (calibrated[:, c] < top)
            assert found.cases[c, tenth] == np.count_nonzero(inside)
            assert found.right[c, tenth] == np.count_nonzero(inside & TRUTH[:, c])


def test_blocks_hardly_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = KeywordCalibration.fit(CONFIDENCES, TRUTH, shrinkage=1e-9)
    monkeypatch.setattr(base, "BLOCK_VALUES", 2000)
    parts = KeywordCalibration.fit(CONFIDENCES, TRUTH, shrinkage=1e-9)
    assert parts.slopes == pytest.approx(whole.slopes, abs=1e-4)
    assert parts.calibrate(CONFIDENCES) == pytest.approx(whole.calibrate(CONFIDENCES), abs=1e-4)


def test_it_comes_back_from_arrays() -> None:
    found = KeywordCalibration.fit(CONFIDENCES, TRUTH)
    again = KeywordCalibration.from_arrays(found.arrays())
    assert np.array_equal(again.calibrate(CONFIDENCES), found.calibrate(CONFIDENCES))
    assert np.array_equal(again.cases, found.cases)
    arrays = found.arrays()
    with pytest.raises(ValueError, match="lacks"):
        KeywordCalibration.from_arrays({k: v for k, v in arrays.items() if k != "slopes"})
    with pytest.raises(ValueError, match="other shapes"):
        KeywordCalibration.from_arrays(arrays | {"intercepts": np.zeros(3)})
    with pytest.raises(ValueError, match="NaN"):
        KeywordCalibration.from_arrays(arrays | {"intercepts": np.full(4, np.nan)})


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="two"):
        KeywordCalibration.fit(CONFIDENCES, TRUTH[:, :2])
    with pytest.raises(ValueError, match="NaN"):
        KeywordCalibration.fit(np.full((1, 1), np.nan, dtype=np.float32), np.ones((1, 1), bool))
    with pytest.raises(ValueError, match="shrinkage"):
        KeywordCalibration.fit(CONFIDENCES, TRUTH, shrinkage=0)


def test_without_images_or_keywords_nothing_is_changed_much() -> None:
    empty = KeywordCalibration.fit(np.zeros((0, 2), np.float32), np.zeros((0, 2), bool))
    asked = np.array([[0.2, 0.9]], dtype=np.float32)
    assert empty.calibrate(asked) == pytest.approx(asked, abs=1e-3)
    none = KeywordCalibration.fit(np.zeros((3, 0), np.float32), np.zeros((3, 0), bool))
    assert none.calibrate(np.zeros((2, 0), np.float32)).shape == (2, 0)
