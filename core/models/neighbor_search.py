"""Neighbor search and the 1-NN baseline (thesis sections 3.2.2 and 4.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, sparray

from core.similarity.top_k import IntArray, Matches, top_k
from core.types import Confidences, Vectors

CUMULATIVE_WEIGHT = 0.99
"""References are added, most similar first, until their weights reach this (section 3.2.2)."""
_ROUNDING = 1e-9


class NeighborSearch:
    """Confidence of a keyword: the softmax weight of the most similar images that carry it.

    The cosines are multiplied by the temperature. Kept are at most ``max_neighbors`` references,
    none more than ``max_difference`` below the best; the softmax over the kept ones gives their
    weights, and those of the most similar ones are summed up to and with the one that reaches
    0.99. What lies beyond has weight 0, and the rest is not scaled up again. The defaults are
    those of thesis Table 4.3.

    Parameters
    ----------
    temperature:
        Factor on the cosine, at least 0; 0 lets every kept reference count alike.
    max_difference:
        Largest distance below the best, in multiplied cosines, at least 0.
    max_neighbors:
        Largest number of references that can count, at least 1.
    """

    def __init__(
        self,
        temperature: float = 68.566,
        max_difference: float = 5.2568,
        max_neighbors: int = 36,
    ) -> None:
        self.temperature = temperature
        self.max_difference = max_difference
        self.max_neighbors = max_neighbors

    def fit(self, references: Vectors, labels: sparray | NDArray[np.generic]) -> Self:
        """Keep unit vectors (N, d) and their labels (N, C) of 0 and 1.

        Raises ValueError for settings out of range, arrays that do not fit, other labels than 0
        and 1, and NaN or infinite values.
        """
        if not (np.isfinite(self.temperature) and self.temperature >= 0):
            raise ValueError(f"the temperature must be at least 0, not {self.temperature}")
        if not self.max_difference >= 0:
            raise ValueError(f"the difference must be at least 0, not {self.max_difference}")
        if self.max_neighbors < 1:
            raise ValueError(f"expected at least one neighbor, not {self.max_neighbors}")
        if references.ndim != 2 or labels.shape[:1] != references.shape[:1]:
            raise ValueError(f"references {references.shape} and labels {labels.shape} do not fit")
        kept = csr_array(labels, dtype=np.float32)
        if not np.isin(kept.data, (0, 1)).all():
            raise ValueError("labels must be 0 or 1")
        if not np.isfinite(np.vecdot(references, references)).all():
            raise ValueError("the references hold NaN or infinite values")
        self.references_ = references
        self.labels_ = kept
        return self

    def predict_confidence(
        self, queries: Vectors, exclude: Sequence[IntArray] | None = None
    ) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d).

        ``exclude`` gives for every query the references that must not speak for it: itself, when
        it is one of them. A query without any reference has confidence 0 for every keyword.
        """
        return self.explain(queries, exclude)[0]

    def explain(
        self, queries: Vectors, exclude: Sequence[IntArray] | None = None
    ) -> tuple[Confidences, Matches, NDArray[np.float32]]:
        """Confidences (n, C), the matches (n, k) they rest on, and the weights (n, k) of these."""
        matches = top_k(queries, self.references_, self.max_neighbors, exclude=exclude)
        weights = self.weigh(matches)
        query, rank = np.nonzero(weights)
        shares = csr_array(
            (weights[query, rank], (query, matches.indices[query, rank])),
            shape=(len(queries), len(self.references_)),
        )
        confidences = (shares @ self.labels_).toarray()  # (n, C)
        return np.clip(confidences, 0, 1), matches, weights

    def weigh(self, matches: Matches) -> NDArray[np.float32]:
        """Weights (n, k) in [0, 1] of matches (n, k), best first; 0 where cut.

        Each row sums to a value in [0.99, 1], or to 0 where there is no match.
        """
        found = matches.indices >= 0
        found[:, self.max_neighbors :] = False
        scores = self.temperature * np.where(found, matches.similarities.astype(np.float64), 0)
        below = scores - scores[:, :1]  # the best match has 0
        weights = np.exp(np.where(found & (below >= -self.max_difference), below, -np.inf))
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1)  # the best alone is 1
        reached = np.cumsum(weights, axis=1) - weights >= CUMULATIVE_WEIGHT - _ROUNDING
        return np.where(reached, 0, weights).astype(np.float32)


class NearestNeighbor(NeighborSearch):
    """The 1-NN baseline: the keywords of the most similar reference, with confidence 1."""

    def __init__(self) -> None:
        super().__init__(max_neighbors=1)
