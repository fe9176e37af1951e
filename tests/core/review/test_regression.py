"""Leaving out by the hat matrix against fitting again without what is left out."""

from __future__ import annotations

import numpy as np
import pytest
from archives import labels_of, unit
from numpy.typing import NDArray

from core.errors import Cancelled
from core.progress import Silent
from core.review import regression as room
from core.review.regression import ContextRegression

Floats = NDArray[np.float64]


def refitted(
    vectors: Floats, labels: Floats, groups: NDArray[np.int64], penalties: tuple[float, float]
) -> Floats:
    """Every keyword of every image by a regression that has seen neither it nor its group."""
    n, keywords = labels.shape
    moved = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    moved /= np.sqrt((moved**2).sum() / n)
    predicted = np.empty((n, keywords))
    for keyword in range(keywords):
        others = np.delete(labels, keyword, axis=1)
        inputs = np.hstack([np.ones((n, 1)), moved, others])
        penalty = [1e-3] + [penalties[0]] * vectors.shape[1] + [penalties[1]] * (keywords - 1)
        for image in range(n):
            kept = groups != groups[image]
            seen, wanted = inputs[kept], labels[kept, keyword]
            normal = seen.T @ seen + np.diag(penalty)
            predicted[image, keyword] = inputs[image] @ np.linalg.solve(normal, seen.T @ wanted)
    return predicted


@pytest.mark.parametrize(
    "groups",
    [list(range(14)), [0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 9], [0] * 10 + [1, 2, 3, 4]],
    ids=["nobody alike", "some alike", "a group larger than the matrix"],
)
def test_equals_fitting_again_without_the_group(
    groups: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_AT_ONCE", 5)
    vectors = unit(14, 4, 3)
    labels = (np.random.default_rng(4).random((14, 3)) < 0.4).astype(np.float64)
    numbers = np.array(groups)
    model = ContextRegression(2.0, 3.0).fit(vectors, labels_of(labels), Silent())
    found = model.predict(vectors, labels_of(labels), numbers)
    wanted = refitted(vectors, labels, numbers, (2.0, 3.0))
    np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_an_archive_of_one_group_predicts_nothing() -> None:
    vectors, labels = unit(5, 3, 1), np.ones((5, 2))
    model = ContextRegression().fit(vectors, labels_of(labels), Silent())
    found = model.predict(vectors, labels_of(labels), np.zeros(5, dtype=np.int64))
    np.testing.assert_allclose(found, 0, atol=1e-6)


def test_can_be_cancelled() -> None:
    class Stop(Silent):
        def checkpoint(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        ContextRegression().fit(unit(4, 3, 0), labels_of(np.eye(4)), Stop())
