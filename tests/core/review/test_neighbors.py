"""Neighbors of the review against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from archives import labels_of, unit

from core.progress import Silent
from core.review import neighbors as room
from core.review.neighbors import TEMPERATURES, best_temperature, find_neighbors


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_AT_ONCE", 7)


def test_finds_the_most_similar_others() -> None:
    vectors = unit(20, 5, 2)
    found = find_neighbors(vectors, Silent())
    cosines = vectors.astype(np.float64) @ vectors.astype(np.float64).T
    for image in range(20):
        others = sorted(set(range(20)) - {image}, key=lambda j: -cosines[image, j])
        assert found.indices[image].tolist() == others


def test_pairs_from_a_similarity() -> None:
    vectors = unit(20, 3, 2)
    rows, columns = find_neighbors(vectors, Silent()).pairs_from(0.8)
    cosines = vectors @ vectors.T - 2 * np.eye(20)
    assert set(zip(rows, columns, strict=True)) == set(
        zip(*np.nonzero(cosines >= 0.8), strict=True)
    )


def test_confidence_is_the_softmax_share_of_those_that_have_the_keyword() -> None:
    vectors = unit(12, 4, 6)
    labels = np.random.default_rng(1).random((12, 3)) < 0.5
    groups = np.array([0, 0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8])
    near = find_neighbors(vectors, Silent()).without_twins(groups)
    rows = np.array([1, 5, 11])
    found = near.confidences(rows, labels_of(labels), 6.0)
    for place, image in enumerate(rows):
        others = [j for j in range(12) if groups[j] != groups[image]]
        powers = {j: np.exp(6.0 * float(vectors[image] @ vectors[j])) for j in others}
        for keyword in range(3):
            share = sum(powers[j] for j in others if labels[j, keyword]) / sum(powers.values())
            assert found[place, keyword] == pytest.approx(share, abs=1e-5)


def test_an_image_with_twins_only_has_no_confidence() -> None:
    near = find_neighbors(unit(3, 4, 0), Silent()).without_twins(np.zeros(3, dtype=np.int64))
    found = near.confidences(np.arange(3), labels_of(np.ones((3, 2))), 6.0)
    assert not found.any()


def test_a_single_image_has_no_neighbors() -> None:
    assert (find_neighbors(unit(1, 4, 0), Silent()).indices == -1).all()


def test_the_best_temperature_explains_the_labels_best() -> None:
    vectors = unit(60, 3, 5)
    labels = vectors @ unit(4, 3, 8).T > 0.3
    near = find_neighbors(vectors, Silent())
    losses = {}
    for temperature in TEMPERATURES:
        confidences = near.confidences(np.arange(60), labels_of(labels), temperature)
        given = np.where(labels, confidences, 1 - confidences)
        losses[temperature] = -sum(np.log(max(float(one), 1e-3)) for one in given.ravel())
    assert best_temperature(near, labels_of(labels)) == min(losses, key=lambda t: losses[t])
