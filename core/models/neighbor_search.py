"""Neighbor search and the 1-NN baseline (thesis sections 3.2.2 and 4.1.2)."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.models.base import (
    Exclusions,
    Labels,
    Limits,
    SettingLimits,
    check_fit,
    check_settings,
    sparse_labels,
)
from core.similarity.top_k import Matches, top_k
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

    name: ClassVar[str] = "neighbor-search"
    limits: ClassVar[SettingLimits] = {
        "temperature": Limits(0),
        "max_difference": Limits(0),
        "max_neighbors": Limits(1, whole=True),
    }

    def __init__(
        self,
        temperature: float = 68.566,
        max_difference: float = 5.2568,
        max_neighbors: int = 36,
    ) -> None:
        self.temperature = temperature
        self.max_difference = max_difference
        self.max_neighbors = max_neighbors

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Keep unit vectors (N, d) and their labels (N, C) of 0 and 1.

        Raises ValueError for settings out of range, arrays that do not fit, other labels than 0
        and 1, and NaN or infinite values.
        """
        check_settings(self)
        check_fit(references, labels)
        kept = sparse_labels(labels)
        if not (kept.data == 1).all():
            raise ValueError("labels must be 0 or 1")
        self.references_ = references
        self.labels_ = kept
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d).

        ``exclude`` gives for every query the references that must not speak for it: itself, when
        it is one of them. A query without any reference has confidence 0 for every keyword.
        """
        return self.explain(queries, exclude)[0]

    def explain(
        self, queries: Vectors, exclude: Exclusions = None
    ) -> tuple[Confidences, Matches, NDArray[np.float32]]:
        """Confidences (n, C), the matches (n, k) they rest on, and the weights (n, k) of these."""
        matches = top_k(queries, self.references_, self.max_neighbors, exclude=exclude)
        weights = self.weigh(matches)
        return weighted_labels(matches, weights, self.labels_), matches, weights

    def confidences_of(self, matches: Matches) -> Confidences:
        """Confidences (n, C) from known matches (n, k), k at least ``max_neighbors``."""
        return weighted_labels(matches, self.weigh(matches), self.labels_)

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


def weighted_labels(
    matches: Matches, weights: NDArray[np.float32], labels: csr_array
) -> Confidences:
    """Confidences (n, C): the labels (N, C) of the matches, each times its weight (n, k)."""
    query, rank = np.nonzero(weights)
    shares = csr_array(
        (weights[query, rank], (query, matches.indices[query, rank])),
        shape=(len(weights), labels.shape[0]),
    )
    confidences: Confidences = np.clip((shares @ labels).toarray(), 0, 1)
    return confidences


class NearestNeighbor(NeighborSearch):
    """The 1-NN baseline: the keywords of the most similar reference, with confidence 1."""

    name: ClassVar[str] = "1-nn"
    limits: ClassVar[SettingLimits] = {}

    def __init__(self) -> None:
        super().__init__(max_neighbors=1)
