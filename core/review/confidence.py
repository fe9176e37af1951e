"""Out-of-sample confidence of every keyword on every labeled image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.progress import Progress
from core.review.neighbors import Neighbors, best_temperature
from core.review.regression import ContextRegression
from core.review.twins import whole_groups
from core.similarity.top_k import IntArray
from core.types import Confidences, Vectors

_BLOCK_VALUES = 4_000_000
_SAMPLED_IMAGES = 20_000
_ABSENT_PER_PRESENT = 5
_CERTAIN = 1e-3
"""Predictions are kept this far from 0 and 1 before their log-odds are taken."""


class OutOfSampleConfidence:
    """Probability that an image was given a keyword, judged without the image and its twins.

    Logistic regression on two log-odds: that of the neighbors (thesis section 3.2.2) and that of
    :class:`ContextRegression`. It has three numbers for all keywords and images together, and is
    calibrated by construction: over all pairs the confidences sum to the number of labels.
    """

    def fit(
        self,
        vectors: Vectors,
        labels: csr_array,
        neighbors: Neighbors,
        groups: IntArray,
        progress: Progress,
        seed: int = 0,
    ) -> Self:
        """Learn from vectors (n, d), labels (n, C), neighbors without twins, and groups (n,)."""
        self._vectors, self._labels, self._groups = vectors, labels, groups
        self._neighbors = neighbors
        self.temperature_ = best_temperature(neighbors, labels, seed)
        self.regression_ = ContextRegression().fit(vectors, labels, progress)
        width = max(labels.shape[1], vectors.shape[1] + labels.shape[1])
        self._blocks = whole_groups(groups, max(1, _BLOCK_VALUES // width))
        self._combine(*self._sample(np.random.default_rng(seed), progress))
        return self

    def blocks(self, progress: Progress) -> Iterator[tuple[IntArray, Confidences]]:
        """Rows (b,) and their confidences (b, C), block by block, until all rows were there."""
        done = 0
        for rows in self._blocks:
            progress.checkpoint()
            features = self._features(rows)
            odds = features @ self.coefficients_ + self.intercept_
            yield rows, (1 / (1 + np.exp(-odds))).astype(np.float32)
            done += len(rows)
            progress.report(done, len(self._groups), "judging labels")

    def _features(self, rows: IntArray) -> NDArray[np.float64]:
        """Log-odds (b, C, 2) of the neighbors and of the regression."""
        labels = self._labels[rows]
        context = self.regression_.predict(self._vectors[rows], labels, self._groups[rows])
        near = self._neighbors.confidences(rows, self._labels, self.temperature_)
        return np.stack([_log_odds(near), _log_odds(context)], axis=2)

    def _sample(
        self, random: np.random.Generator, progress: Progress
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
        """Features (m, 2) of pairs, whether the keyword is present (m,), and their weights (m,)."""
        features, presence, weights = [], [], []
        sampled = 0
        for place in random.permutation(len(self._blocks)):
            progress.checkpoint()
            rows = self._blocks[place]
            found = self._features(rows)
            present = self._labels[rows].toarray() > 0
            share = min(1.0, _ABSENT_PER_PRESENT * present.mean() / max(1 - present.mean(), 1e-9))
            taken = present | (random.random(present.shape) < share)
            features.append(found[taken])
            presence.append(present[taken])
            weights.append(np.where(present[taken], 1.0, 1 / max(share, 1e-9)))
            sampled += len(rows)
            if sampled >= _SAMPLED_IMAGES:
                break
        return np.concatenate(features), np.concatenate(presence), np.concatenate(weights)

    def _combine(
        self,
        features: NDArray[np.float64],
        present: NDArray[np.bool_],
        weights: NDArray[np.float64],
    ) -> None:
        from sklearn.linear_model import LogisticRegression

        if present.all() or not present.any():  # nothing can be learnt where nothing differs
            self.coefficients_, self.intercept_ = np.full(2, 0.5), 0.0
            return
        model = LogisticRegression(C=100.0, max_iter=1_000)
        model.fit(features, present, sample_weight=weights)
        self.coefficients_, self.intercept_ = model.coef_[0], float(model.intercept_[0])


def _log_odds(values: NDArray[np.floating]) -> NDArray[np.float64]:
    kept = np.clip(values.astype(np.float64), _CERTAIN, 1 - _CERTAIN)
    odds: NDArray[np.float64] = np.log(kept / (1 - kept))
    return odds
