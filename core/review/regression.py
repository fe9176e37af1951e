"""How far its vector and its other keywords explain a keyword of an image, never seen itself.

Ridge regression of every keyword on the vector and on all other keywords at once: where ``B``
implies ``A``, an image with ``B`` and without ``A`` stands out, and so does one with two keywords
that never go together. That a keyword is left out of its own regression follows from the inverse
of one matrix (Steck 2019, "Embarrassingly shallow autoencoders"); that an image and its twins are
left out follows from the hat matrix, as for the leave-one-out error of any linear regression
(Allen 1974, PRESS). Both are exact, so nothing is fitted twice.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.progress import Progress
from core.review.twins import split_groups
from core.similarity.top_k import IntArray
from core.types import Vectors

_Floats = NDArray[np.float64]
_AT_ONCE = 2_048
_INTERCEPT_PENALTY = 1e-3
"""So that there is an answer where nothing is left but the images left out: none has a keyword."""


class ContextRegression:
    """Ridge regression of every keyword on the vector and on the other keywords.

    Parameters
    ----------
    vector_penalty:
        Of the squared coefficients of the vector, whose mean squared length is scaled to 1.
    keyword_penalty:
        Of the squared coefficients of the other keywords. The intercept is all but free.
    """

    def __init__(self, vector_penalty: float = 15.0, keyword_penalty: float = 30.0) -> None:
        self.vector_penalty = vector_penalty
        self.keyword_penalty = keyword_penalty

    def fit(self, vectors: Vectors, labels: csr_array, progress: Progress) -> Self:
        """Learn from vectors (n, d) and labels (n, C) of 0 and 1, of at least one image."""
        n, dimension = vectors.shape
        keywords = labels.shape[1]
        self.centre_ = vectors.mean(axis=0, dtype=np.float64)
        spread = float(np.square(vectors - self.centre_, dtype=np.float64).sum()) / n
        self.scale_ = 1 / np.sqrt(spread) if spread > 0 else 1.0
        penalty = np.concatenate(
            [
                [_INTERCEPT_PENALTY],
                np.full(dimension, self.vector_penalty),
                np.full(keywords, self.keyword_penalty),
            ]
        )
        self.normal_ = np.diag(penalty)  # (1 + d + C, 1 + d + C)
        for start in range(0, n, _AT_ONCE):
            progress.checkpoint()
            part = slice(start, start + _AT_ONCE)
            inputs = self._inputs(vectors[part], labels[part])
            self.normal_ += inputs.T @ inputs
            progress.report(min(start + _AT_ONCE, n), n, "relating keywords")
        self.inverse_ = _inverse(self.normal_)
        return self

    def predict(self, vectors: Vectors, labels: csr_array, groups: IntArray) -> _Floats:
        """What images (b, d) with labels (b, C) would have: (b, C), about 0 to 1.

        Each is left out of what was learnt, with all images of its group (b,): these must be
        complete here, and all have been fitted.
        """
        keywords = labels.shape[1]
        inputs = self._inputs(vectors, labels)
        lifted = inputs @ self.inverse_  # (b, 1 + d + C)
        own = lifted[:, -keywords:]
        strength = np.diag(self.inverse_)[-keywords:]
        residual = np.empty_like(own)
        alone, together = split_groups(groups)
        leverage = np.einsum("ij,ij->i", inputs[alone], lifted[alone])
        freed = own[alone] / (1 - leverage)[:, None]
        residual[alone] = freed / (strength + own[alone] * freed)
        for rows in together:
            if len(rows) > len(self.inverse_):
                residual[rows] = self._refit_residual(inputs[rows], keywords)
                continue
            hat = inputs[rows] @ lifted[rows].T
            freed = np.linalg.solve(np.eye(len(rows)) - hat, own[rows])
            residual[rows] = freed / (strength + (own[rows] * freed).sum(axis=0))
        predicted: _Floats = labels.toarray() - residual
        return predicted

    def _refit_residual(self, inputs: _Floats, keywords: int) -> _Floats:
        """Residuals (g, C) of a group that is larger than the matrix is."""
        inverse = _inverse(self.normal_ - inputs.T @ inputs)
        residual: _Floats = (inputs @ inverse)[:, -keywords:] / np.diag(inverse)[-keywords:]
        return residual

    def _inputs(self, vectors: Vectors, labels: csr_array) -> _Floats:
        """(b, 1 + d + C): a one, the vector, the keywords."""
        moved = (vectors - self.centre_) * self.scale_
        return np.hstack([np.ones((len(vectors), 1)), moved, labels.toarray()])


def _inverse(positive: _Floats) -> _Floats:
    from scipy.linalg import cho_factor, cho_solve

    inverse: _Floats = cho_solve(cho_factor(positive), np.eye(len(positive)))
    return inverse
