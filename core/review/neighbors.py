"""Neighbors of every labeled image among all others, found once and weighted often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.progress import Progress
from core.similarity.top_k import IntArray, top_k
from core.types import Confidences, Vectors

NEIGHBORS = 100
TEMPERATURES = (3.0, 6.0, 12.0, 24.0, 48.0, 96.0)
"""Factors on the cosine that are tried; encoders differ in how far apart they put images."""
_ROOM_FOR_TWINS = 28
_AT_ONCE = 128
_SAMPLE = 4_096
_FLOOR = 1e-3


@dataclass(frozen=True, eq=False, slots=True)
class Neighbors:
    """``indices`` (n, k) of the images most like each of n, best first, and ``similarities``.

    -1 and -inf fill the places where an image has fewer.
    """

    indices: NDArray[np.int32]
    similarities: NDArray[np.float32]

    def pairs_from(self, similarity: float) -> tuple[IntArray, IntArray]:
        """Rows of the pairs that are at least so similar."""
        row, rank = np.nonzero(self.similarities >= similarity)
        return row.astype(np.int64), self.indices[row, rank].astype(np.int64)

    def without_twins(self, groups: IntArray) -> Neighbors:
        """The same neighbors, less those in the image's own group (n,)."""
        found = self.indices >= 0
        twin = found & (groups[self.indices] == groups[:, None])
        return Neighbors(
            np.where(twin, np.int32(-1), self.indices),
            np.where(twin, np.float32(-np.inf), self.similarities),
        )

    def weights(self, rows: IntArray, temperature: float) -> NDArray[np.float32]:
        """Softmax weights (b, k) of the neighbors of some images; 0 where there is none."""
        similarities = self.similarities[rows]
        best = similarities.max(axis=1, keepdims=True, initial=-1.0)
        weights: NDArray[np.float32] = np.exp(np.float32(temperature) * (similarities - best))
        total = weights.sum(axis=1, keepdims=True)
        np.divide(weights, total, out=weights, where=total > 0)
        return weights

    def confidences(self, rows: IntArray, labels: csr_array, temperature: float) -> Confidences:
        """Confidences (b, C) of some images: the weights of the neighbors that have the keyword.

        ``labels`` (n, C) are those of all images. An image without neighbors has confidence 0.
        """
        place, rank = np.nonzero(self.indices[rows] >= 0)
        shares = csr_array(
            (
                self.weights(rows, temperature)[place, rank],
                (place, self.indices[rows][place, rank]),
            ),
            shape=(len(rows), labels.shape[0]),
        )
        confidences: Confidences = np.clip((shares @ labels).toarray(), 0, 1)
        return confidences


def find_neighbors(vectors: Vectors, progress: Progress) -> Neighbors:
    """Compare unit vectors (n, d) with each other; no image is its own neighbor.

    Some more are found than count, to make up for twins that are taken out afterwards. Raises
    ValueError for NaN and infinite values.
    """
    n = len(vectors)
    k = max(1, min(NEIGHBORS + _ROOM_FOR_TWINS, n - 1))
    found = Neighbors(np.full((n, k), -1, np.int32), np.full((n, k), -np.inf, np.float32))
    for start in range(0, n, _AT_ONCE):
        progress.checkpoint()
        rows = np.arange(start, min(start + _AT_ONCE, n))
        matches = top_k(vectors[rows], vectors, k, exclude=list(rows[:, None]))
        found.indices[rows] = matches.indices
        found.similarities[rows] = matches.similarities
        progress.report(int(rows[-1]) + 1, n, "comparing images")
    return found


def best_temperature(neighbors: Neighbors, labels: csr_array, seed: int = 0) -> float:
    """The temperature whose confidences explain the labels (n, C) best, by logistic loss."""
    n = labels.shape[0]
    rows = np.sort(np.random.default_rng(seed).permutation(n)[:_SAMPLE])
    present = labels[rows].toarray() > 0

    def loss(temperature: float) -> float:
        confidences = neighbors.confidences(rows, labels, temperature)
        given = np.where(present, confidences, 1 - confidences)
        return float(-np.log(np.maximum(given, _FLOOR)).sum(dtype=np.float64))

    return min(TEMPERATURES, key=loss)
