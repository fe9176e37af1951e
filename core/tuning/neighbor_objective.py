"""Tuning neighbor search: neighbors are searched once, a trial only weighs them anew.

The best 200 neighbors of an image hold those of every narrower search. A trial of 25 000 images
against 76 000 references thus costs two passes over its neighbors instead of a matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.models.neighbor_search import NeighborSearch
from core.models.thresholds import best_threshold
from core.similarity.top_k import Matches, top_k
from core.tuning.space import Parameters, Real, Space, Whole
from core.types import Vectors

WIDEST = 200
"""Most neighbors that are tried (thesis section 3.2.2)."""
NEIGHBOR_SPACE: Space = (
    Real("temperature", 1, 500, log=True),
    Real("max_difference", 0.01, 8),
    Whole("max_neighbors", 1, WIDEST),
)
_AT_ONCE = 400_000
"""Neighbors weighed at once: their arrays stay near the processor."""


class NeighborObjective:
    """F2 on validation of neighbor search with any parameters, at its own best threshold.

    ``matches`` are the neighbors (n, k) of the n validation images, k the widest setting that can
    be tried; ``labels`` (N, C) those of the references, ``truth`` (n, C) those of the images.
    """

    def __init__(self, matches: Matches, labels: csr_array, truth: csr_array) -> None:
        self._matches = matches
        self._labels = csr_array(labels, dtype=np.float32)
        self._truth = csr_array(truth).toarray() > 0
        self._positives = int(np.count_nonzero(self._truth))

    @classmethod
    def search(
        cls, references: Vectors, labels: csr_array, validation: Vectors, truth: csr_array
    ) -> Self:
        """Search the neighbors of validation images (n, d) among references (N, d)."""
        return cls(top_k(validation, references, WIDEST), labels, truth)

    def __call__(self, parameters: Parameters) -> float:
        """Micro F2 in [0, 1]."""
        return self.threshold(parameters)[1]

    def threshold(self, parameters: Parameters) -> tuple[float, float]:
        """The best threshold, and the micro F2 it gives."""
        given, found = [], []
        for first, confidences in self._confidences(parameters):
            rows = np.repeat(
                np.arange(first, first + confidences.shape[0]), np.diff(confidences.indptr)
            )
            given.append(self._truth[rows, confidences.indices])
            found.append(np.minimum(confidences.data, 1))
        truth = np.concatenate(given) if given else np.zeros(0, dtype=np.bool_)
        stored = np.concatenate(found) if found else np.zeros(0, dtype=np.float32)
        return best_threshold(
            truth,
            stored,
            zeros=self._truth.size - len(stored),
            positives_among_zeros=self._positives - int(np.count_nonzero(truth)),
        )

    def _confidences(self, parameters: Parameters) -> Iterator[tuple[int, csr_array]]:
        """Blocks of the confidences (b, C), sparse, each with the row it begins at."""
        search = NeighborSearch(**parameters)  # type: ignore[arg-type]
        width = min(search.max_neighbors, self._matches.indices.shape[1])
        step = max(1, _AT_ONCE // max(1, width))
        for first in range(0, len(self._truth), step):
            block = slice(first, first + step)
            near = Matches(
                self._matches.indices[block, :width], self._matches.similarities[block, :width]
            )
            yield first, _shares(near, search.weigh(near), self._labels.shape[0]) @ self._labels


def _shares(matches: Matches, weights: NDArray[np.float32], references: int) -> csr_array:
    """The weights (b, k) as a sparse matrix (b, N)."""
    heavy = weights > 0
    ends = np.cumsum(np.count_nonzero(heavy, axis=1))
    return csr_array(
        (weights[heavy], matches.indices[heavy], np.concatenate([[0], ends])),
        shape=(len(weights), references),
    )
