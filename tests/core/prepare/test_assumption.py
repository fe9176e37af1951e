"""Which duplicate thresholds are assumed before anybody has answered."""

from __future__ import annotations

import numpy as np
import pytest

from core.prepare.assumption import (
    ALTERED_FOUND,
    FEWEST_IMAGES,
    LOWER_BY_CHANCE,
    NEIGHBORS,
    STANDARD,
    Assumption,
    assume_thresholds,
    matched_by_chance,
)


def neighbors_of(vectors: np.ndarray) -> np.ndarray:
    """Cosines of each vector to its nearest others, best first: a plain loop."""
    found = []
    for place, vector in enumerate(vectors):
        others = np.delete(vectors, place, axis=0)
        found.append(np.sort(others @ vector)[::-1][:NEIGHBORS])
    return np.array(found)


def points(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Unit vectors spread evenly over a sphere of so many dimensions."""
    drawn = np.random.default_rng(seed).standard_normal((count, dimensions + 1))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def with_copies(vectors: np.ndarray, count: int, noise: float, seed: int) -> np.ndarray:
    """The vectors and copies of some of them, which are a little beside their originals."""
    beside = np.random.default_rng(seed).standard_normal((count, vectors.shape[1])) * noise
    copies = vectors[:count] + beside
    return np.concatenate([vectors, copies / np.linalg.norm(copies, axis=1, keepdims=True)])


def test_chance_by_hand() -> None:
    # distances 0.1, 0.2, 0.4 and 0.8: one step of 3 log 2, so the dimension is 1 / (3 log 2), and
    # a ball of half the radius holds 2 ** (-1 / (3 log 2)) of the images
    row = 1 - np.array([[0.1, 0.2, 0.4, 0.8]])
    half = np.exp(-1 / 3)
    found = matched_by_chance(row, np.array([0.8, 0.6, 0.1]))
    np.testing.assert_allclose(found, [1 - (1 - half) ** 2, 1.0, 1.0])


@pytest.mark.parametrize("dimensions", [2, 5])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_without_copies_as_many_are_matched_as_expected(dimensions: int, share: float) -> None:
    neighbors = neighbors_of(points(2_000, dimensions, seed=1))
    threshold = np.quantile(neighbors[:, 0], 1 - share)
    [expected] = matched_by_chance(neighbors, np.array([threshold]))
    assert expected == pytest.approx(share, rel=0.35)


def test_copies_do_not_pass_for_different_images() -> None:
    images = points(2_000, 4, seed=2)
    without = neighbors_of(images)
    thresholds = np.quantile(without[:, 0], [0.9, 0.98])
    among_copies = neighbors_of(with_copies(images, 200, 1e-4, seed=3))
    assert (among_copies[:, 0] >= thresholds[1]).mean() > 0.15
    # a copy of a neighbor counts as one more neighbor: the share is rather too high
    ratio = matched_by_chance(among_copies, thresholds) / matched_by_chance(without, thresholds)
    assert (ratio >= 1).all()
    assert (ratio < 2).all()


def test_where_copies_stay_close_most_of_them_are_found_and_different_images_are_not() -> None:
    images = points(1_000, 20, seed=4)
    altered = 1 - np.random.default_rng(5).uniform(0.001, 0.02, 300)
    found = assume_thresholds(altered, neighbors_of(with_copies(images, 50, 1e-3, seed=6)))
    assert found.lower == pytest.approx(np.quantile(altered, 1 - ALTERED_FOUND))
    assert found.altered_found == pytest.approx(ALTERED_FOUND, abs=0.01)
    assert found.by_chance < LOWER_BY_CHANCE
    assert found.matched == pytest.approx(100 / 1_050, abs=0.005)
    assert found.lower < found.upper <= 1


def test_where_different_images_are_as_similar_as_copies_few_of_them_are_taken_for_copies() -> None:
    images = points(2_000, 4, seed=7)
    altered = np.random.default_rng(8).uniform(0.7, 0.9999, 300)
    neighbors = neighbors_of(images)
    assert (neighbors[:, 0] >= np.quantile(altered, 0.05)).mean() > 0.9
    found = assume_thresholds(altered, neighbors)
    assert (neighbors[:, 0] >= found.lower).mean() < 2 * LOWER_BY_CHANCE
    assert found.altered_found < 0.1
    assert found.lower < found.upper < 1


@pytest.mark.parametrize(("altered", "images"), [(0, 500), (300, FEWEST_IMAGES - 1)])
def test_without_a_measurement_the_standard_thresholds_hold(altered: int, images: int) -> None:
    found = assume_thresholds(np.full(altered, 0.99), np.full((images, NEIGHBORS), 0.5))
    assert found == STANDARD
    assert not found.is_measured


def test_an_encoder_that_sees_everything_alike_leaves_room_between_the_thresholds() -> None:
    found = assume_thresholds(np.ones(300), np.ones((500, NEIGHBORS)))
    assert isinstance(found, Assumption)
    assert 0.99 < found.lower < found.upper < 1
