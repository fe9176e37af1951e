"""Noise rates and error probabilities, worked out by hand and by loops."""

from __future__ import annotations

import numpy as np
import pytest

from core.review.noise import NoiseRates, Pairs, TwinView, error_probability, noise_rates


def pairs_of(confidence: np.ndarray, present: np.ndarray, floor: float) -> Pairs:
    image, keyword = np.nonzero(present | (confidence >= floor))
    return Pairs(image, keyword, present[image, keyword], confidence[image, keyword])


def test_rates_equal_a_loop() -> None:
    random = np.random.default_rng(0)
    present = random.random((80, 3)) < [0.5, 0.2, 0.05]
    confidence = np.clip(random.normal(np.where(present, 0.6, 0.15), 0.2), 0, 1)
    absent_mean = np.array([confidence[~present[:, k], k].mean() for k in range(3)])
    found = noise_rates(pairs_of(confidence, present, 0.02), 80, absent_mean, 0.02)
    overall = confidence[present].mean()
    sure, labeled, false, below = np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3)
    for k in range(3):
        mine = confidence[present[:, k], k]
        typical = max((mine.sum() + 20 * overall) / (len(mine) + 20), 0.02)
        for i in range(80):
            sure[k] += confidence[i, k] >= typical
            labeled[k] += confidence[i, k] >= typical and present[i, k]
            below[k] += confidence[i, k] <= max(absent_mean[k], 0.02)
            false[k] += confidence[i, k] <= max(absent_mean[k], 0.02) and present[i, k]
    for k in range(3):
        recall = (labeled[k] + 20 * labeled.sum() / sure.sum()) / (sure[k] + 20)
        usual = false.sum() / present.sum() * present[:, k].sum() / 80
        rate = (false[k] + 1_000 * usual) / (below[k] + 1_000)
        assert found.recall[k] == pytest.approx(min(recall, 0.999))
        assert found.false_rate[k] == pytest.approx(min(rate, found.recall[k] / 2))


@pytest.mark.parametrize("present", [True, False])
@pytest.mark.parametrize(("dissent", "same"), [(0.0, 1.0), (0.5, 1.0), (1.0, 1.0), (1.0, 0.9)])
@pytest.mark.parametrize("confidence", [0.0, 0.01, 0.3, 0.79, 0.95])
def test_probability_is_bayes_rule(
    confidence: float, dissent: float, same: float, present: bool
) -> None:
    recall, false, images = 0.8, 0.02, 200
    one = np.array([0])
    pairs = Pairs(one, one, np.array([present]), np.array([confidence]))
    rates = NoiseRates(np.array([recall]), np.array([false]))
    twins = TwinView(np.array([dissent]), np.array([same]))
    found = error_probability(pairs, rates, twins, images)[0]
    belongs = min(confidence / recall + 1 / images, 0.95 + 0.05 * confidence)
    yes, no = belongs, 1 - belongs
    has = {True: same * recall + (1 - same) * false, False: same * false + (1 - same) * recall}
    yes *= (1 - has[True] if present else has[True]) ** dissent
    no *= (1 - has[False] if present else has[False]) ** dissent
    yes *= recall if present else 1 - recall
    no *= false if present else 1 - false
    assert found == pytest.approx((no if present else yes) / (yes + no))


def test_more_confidence_makes_a_present_label_less_and_an_absent_one_more_doubtful() -> None:
    confidence = np.linspace(0, 0.9, 30)
    zeros = np.zeros(30, dtype=np.int64)
    rates = NoiseRates(np.array([0.9]), np.array([0.01]))
    nobody = TwinView(np.zeros(30), np.ones(30))
    for present, sign in ((True, -1), (False, 1)):
        pairs = Pairs(zeros, zeros, np.full(30, present), confidence)
        assert (np.diff(error_probability(pairs, rates, nobody, 100)) * sign >= 0).all()
