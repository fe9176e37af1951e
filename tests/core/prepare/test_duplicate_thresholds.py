"""Duplicate thresholds: thesis section 3.1.2."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from core.prepare.assumption import STANDARD, Assumption
from core.prepare.thresholds import (
    duplicate_thresholds,
    most_informative,
)


def answers(n: int, slope: float, centre: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose answers follow a logistic curve."""
    random = np.random.default_rng(seed)
    similarity = random.uniform(centre - 6 / slope, centre + 6 / slope, n)
    chance = 1 / (1 + np.exp(-slope * (similarity - centre)))
    return similarity, random.random(n) < chance


def test_without_answers_the_thresholds_are_the_assumed_ones() -> None:
    found = duplicate_thresholds(np.empty(0), np.empty(0, dtype=bool))
    assert found.lower == pytest.approx(STANDARD.lower, abs=1e-4)
    assert found.upper == pytest.approx(STANDARD.upper, abs=1e-4)
    assert not found.converged
    assert found.needed == 10


def test_without_answers_the_assumed_thresholds_of_the_encoder_hold() -> None:
    found = duplicate_thresholds(np.empty(0), np.empty(0, dtype=bool), Assumption(0.9987, 0.9999))
    assert found.lower == pytest.approx(0.9987, abs=1e-6)
    assert found.upper == pytest.approx(0.9999, abs=1e-6)


def test_thresholds_that_lie_close_have_to_settle_more_closely() -> None:
    close = Assumption(0.9987, 0.9999)
    similarity, told = answers(48, np.log(99) / 0.0006, 0.9993, 0)
    so_far = [duplicate_thresholds(similarity[:n], told[:n], close) for n in range(19, 25)]
    assert np.ptp([one.lower for one in so_far]) < 0.002
    assert np.ptp([one.upper for one in so_far]) < 0.002
    assert not so_far[-1].converged
    assert any(
        duplicate_thresholds(similarity[:n], told[:n], close).converged for n in range(25, 49)
    )


def test_thresholds_lie_where_the_curve_is_at_one_and_ninety_nine_per_cent() -> None:
    found = duplicate_thresholds(*answers(200, 80.0, 0.9, 1))
    limits = found.probability(np.array([found.lower, found.upper, found.centre]))
    np.testing.assert_allclose(limits, [0.01, 0.99, 0.5], atol=1e-9)


def test_many_answers_find_the_curve_they_were_drawn_from() -> None:
    found = duplicate_thresholds(*answers(20_000, 80.0, 0.9, 2))
    reach = np.log(99) / 80
    assert found.lower == pytest.approx(0.9 - reach, abs=0.005)
    assert found.upper == pytest.approx(0.9 + reach, abs=0.005)
    assert found.converged
    assert found.needed == 0


def test_the_curve_is_that_of_plain_logistic_regression() -> None:
    similarity, told = answers(3_000, 80.0, 0.9, 5)
    plain = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000)
    plain.fit(similarity[:, None] * 100, told)
    slope = 100 * plain.coef_[0, 0]
    centre = -plain.intercept_[0] / slope
    found = duplicate_thresholds(similarity, told)
    assert found.slope == pytest.approx(slope, rel=0.02)
    assert found.centre == pytest.approx(centre, abs=0.0005)
    assert found.lower == pytest.approx(centre - np.log(99) / slope, abs=0.001)


def test_separable_answers_give_a_curve_between_them() -> None:
    similarity = np.array([0.5, 0.55, 0.6, 0.65, 0.7, 0.9, 0.92, 0.94, 0.96, 0.98])
    found = duplicate_thresholds(similarity, similarity > 0.8)
    assert 0.7 < found.centre < 0.9
    assert found.lower < found.upper


@pytest.mark.parametrize("told", [True, False])
def test_answers_of_one_kind_move_the_curve_and_never_settle(told: bool) -> None:
    similarity = np.linspace(0.9, 0.94, 30) if told else np.linspace(0.97, 0.999, 30)
    found = duplicate_thresholds(similarity, np.full(30, told))
    before = duplicate_thresholds(np.empty(0), np.empty(0, dtype=bool))
    assert (found.centre < before.centre) is told
    assert not found.converged
    assert found.needed >= 1


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.booleans()), max_size=25),
)
def test_any_answers_give_ordered_thresholds(given_answers: list[tuple[float, bool]]) -> None:
    similarity = np.array([one[0] for one in given_answers])
    told = np.array([one[1] for one in given_answers], dtype=bool)
    found = duplicate_thresholds(similarity, told)
    assert -1 <= found.lower <= 1
    assert -1 <= found.upper <= 1
    assert found.lower <= found.upper
    assert found.slope > 0


def test_the_next_pairs_lie_around_the_curve_and_are_not_asked_twice() -> None:
    similarity = np.linspace(0.5, 1.0, 501)
    now = duplicate_thresholds(*answers(100, 80.0, 0.9, 3))
    answered = np.zeros(501, dtype=bool)
    answered[::2] = True
    chosen = most_informative(similarity, now, answered, 9, seed=1)
    assert len(set(chosen.tolist())) == 9
    assert not answered[chosen].any()
    informative = [chosen[turn] for turn in range(9) if turn % 5 != 4]
    assert all(now.lower - 0.02 <= similarity[one] <= now.upper + 0.02 for one in informative)


@pytest.mark.parametrize("seed", range(3))
def test_asking_by_information_learns_more_of_the_curve_than_asking_at_random(seed: int) -> None:
    slope, centre = 60.0, 0.93
    random = np.random.default_rng(seed)
    similarity = random.beta(8, 2, 3_000)
    chance = 1 / (1 + np.exp(-slope * (similarity - centre)))
    truth = random.random(3_000) < chance

    def information(rows: list[int]) -> float:
        """Determinant of the Fisher matrix of these answers, at the true curve."""
        design = np.stack([np.ones(len(rows)), slope * (similarity[rows] - centre)], axis=1)
        weight = chance[rows] * (1 - chance[rows])
        return float(np.linalg.det(design.T @ (weight[:, None] * design)))

    asked: list[int] = []
    answered = np.zeros(3_000, dtype=bool)
    while len(asked) < 30:
        now = duplicate_thresholds(similarity[asked], truth[asked])
        asked += most_informative(similarity, now, answered, 1, len(asked)).tolist()
        answered[asked] = True
    at_random = [information(random.permutation(3_000)[:30].tolist()) for _ in range(50)]
    assert information(asked) > 2 * np.mean(at_random)


def test_answers_that_contradict_similarity_leave_the_assumed_thresholds() -> None:
    found = duplicate_thresholds(np.array([1.0, 0.0]), np.array([False, True]))
    assert found.lower == pytest.approx(STANDARD.lower, abs=1e-4)
    assert found.upper == pytest.approx(STANDARD.upper, abs=1e-4)
    assert not found.converged


def test_all_answered_leaves_nothing_to_ask() -> None:
    now = duplicate_thresholds(np.empty(0), np.empty(0, dtype=bool))
    assert len(most_informative(np.ones(3), now, np.ones(3, dtype=bool), 5, 0)) == 0
