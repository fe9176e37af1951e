"""Neighbor search among whitened vectors (beyond the thesis).

The cosine lets the few directions in which an archive varies most decide what is alike. Whitening
gives the others a say: vectors are centred, turned to their principal axes, and each axis is
divided by a power of its deviation (Su et al., arXiv:2103.15316; Jegou and Chum, ECCV 2012).
"""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from core.models.base import (
    Exclusions,
    Labels,
    Limits,
    SettingLimits,
    check_fit,
    check_settings,
    row_blocks,
    sparse_labels,
)
from core.models.neighbor_search import NeighborSearch, weighted_labels
from core.similarity.top_k import top_k
from core.types import Confidences, Vectors

_LEAST_VARIANCE = 1e-4
"""Of the largest one: an axis with less holds little but noise, and is not blown up further."""


class WhitenedSearch:
    """Neighbor search whose cosines are those of whitened vectors.

    Parameters
    ----------
    temperature, max_difference, max_neighbors:
        Those of :class:`core.models.neighbor_search.NeighborSearch`.
    whitening:
        In [0, 1]: the power of the deviation each principal axis is divided by; 0 only centres.
    """

    name: ClassVar[str] = "whitened-search"
    limits: ClassVar[SettingLimits] = {**NeighborSearch.limits, "whitening": Limits(0, 1)}

    def __init__(
        self,
        temperature: float = 16.0,
        max_difference: float = 7.0,
        max_neighbors: int = 72,
        whitening: float = 0.5,
    ) -> None:
        self.temperature = temperature
        self.max_difference = max_difference
        self.max_neighbors = max_neighbors
        self.whitening = whitening

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Learn the axes of references (N, d) and keep them whitened, with labels (N, C).

        Raises ValueError for settings out of range and arrays that do not fit.
        """
        check_settings(self)
        check_fit(references, labels)
        count, dimension = references.shape
        self.mean_ = np.zeros(dimension, dtype=np.float32)
        covariance = np.zeros((dimension, dimension))
        if count:
            self.mean_ = references.mean(axis=0, dtype=np.float64).astype(np.float32)
        for block in row_blocks(count, dimension):
            centred = references[block] - self.mean_
            covariance += centred.T @ centred
        variances, axes = np.linalg.eigh(covariance)
        largest = variances[-1] if dimension and variances[-1] > 0 else 1.0
        shares = np.maximum(variances / largest, _LEAST_VARIANCE)
        self.axes_ = (axes * shares ** (-self.whitening / 2)).astype(np.float32)  # (d, d)
        self.labels_ = sparse_labels(labels)
        self.references_ = self.whiten(references)
        return self

    def whiten(self, vectors: Vectors) -> Vectors:
        """Unit vectors (n, d) along the axes; one that is the mean itself becomes the zero one."""
        turned: Vectors = (vectors - self.mean_) @ self.axes_
        lengths = np.sqrt(np.vecdot(turned, turned))[:, None]
        turned /= np.where(lengths > 0, lengths, 1)
        return turned

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d)."""
        search = NeighborSearch(self.temperature, self.max_difference, self.max_neighbors)
        asked = self.whiten(queries)
        matches = top_k(asked, self.references_, self.max_neighbors, exclude=exclude)
        return weighted_labels(matches, search.weigh(matches), self.labels_)
