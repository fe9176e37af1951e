"""Neighbor nets without training (thesis section 3.2.3, Figure 3.8).

Both compare an image with *every* reference; memory is bounded by a block of queries, and neither
builds the (B, N, C) array of the figure.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, sparray

from core.types import Confidences, Vectors

BLOCK_VALUES = 32_000_000
"""Largest number of float32 values of one intermediate array: 128 MB."""


class SimpleNeighborNet:
    """Softmax over the similarities to all references, then the weighted sum of their labels.

    Parameters
    ----------
    temperature:
        Factor on the cosine before the softmax, at least 0; thesis Table 4.4 found 105.60.
    """

    def __init__(self, temperature: float = 105.60) -> None:
        self.temperature = temperature

    def fit(self, references: Vectors, labels: sparray | NDArray[np.float32]) -> Self:
        """Keep references (N, d) and their labels (N, C) in [0, 1]; prototypes may be averaged."""
        _check(self.temperature, references, labels)
        self.references_ = references
        self.labels_ = csr_array(labels, dtype=np.float32)
        return self

    def predict_confidence(self, queries: Vectors) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d)."""
        confidences = np.zeros((len(queries), self.labels_.shape[1]), dtype=np.float32)
        for block in _blocks(len(queries), len(self.references_)):
            scores = self.temperature * (queries[block] @ self.references_.T)  # (b, N)
            scores -= scores.max(axis=1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=1, keepdims=True)
            confidences[block] = (self.labels_.T @ scores.T).T  # (b, C)
        return np.clip(confidences, 0, 1)


class ClassWiseNeighborNet:
    """For every keyword, the softmax-weighted average similarity to the references that have it.

    Temperature 0 gives their mean, a very high one their maximum; cosines are rescaled from
    [-1, 1] to [0, 1]. A keyword without references has confidence 0.

    Parameters
    ----------
    temperature:
        Factor on the cosine before the softmax, at least 0; thesis Table 4.4 found 14.193.
    """

    def __init__(self, temperature: float = 14.193) -> None:
        self.temperature = temperature

    def fit(self, references: Vectors, labels: sparray | NDArray[np.float32]) -> Self:
        """Keep references (N, d) and which of the C keywords each has, from labels (N, C)."""
        _check(self.temperature, references, labels)
        by_keyword = csc_array(labels)
        by_keyword.eliminate_zeros()
        self.references_ = references
        self.members_ = by_keyword.indices.astype(np.int64)
        self.sizes_ = np.diff(by_keyword.indptr)
        return self

    def predict_confidence(self, queries: Vectors) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d)."""
        known = np.flatnonzero(self.sizes_)
        sizes = self.sizes_[known]
        starts = np.cumsum(sizes) - sizes
        confidences = np.zeros((len(queries), len(self.sizes_)), dtype=np.float32)
        if not len(known):
            return confidences
        for block in _blocks(len(queries), max(len(self.references_), len(self.members_))):
            similarities = queries[block] @ self.references_.T  # (b, N)
            grouped = similarities[:, self.members_]  # (b, labels), keyword after keyword
            best = np.maximum.reduceat(grouped, starts, axis=1)  # (b, known)
            weights = np.exp(self.temperature * (grouped - np.repeat(best, sizes, axis=1)))
            total = np.add.reduceat(weights, starts, axis=1)
            average = np.add.reduceat(weights * grouped, starts, axis=1) / total
            confidences[block, known] = np.clip((average + 1) / 2, 0, 1)
        return confidences


def _blocks(queries: int, width: int) -> list[slice]:
    rows = max(1, BLOCK_VALUES // max(1, width))
    return [slice(start, start + rows) for start in range(0, queries, rows)]


def _check(temperature: float, references: Vectors, labels: sparray | NDArray[np.float32]) -> None:
    if not (np.isfinite(temperature) and temperature >= 0):
        raise ValueError(f"the temperature must be at least 0, not {temperature}")
    if references.ndim != 2 or labels.shape[:1] != references.shape[:1] or not len(references):
        raise ValueError(f"references {references.shape} and labels {labels.shape} do not fit")
