"""The best of what passes by: exact top-k for one query over references that come in blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.similarity.top_k import IntArray
from core.types import Vectors

_FEW = 0.25
"""Below this share of a block its rows are picked out first; above it, all are multiplied."""


class Leaders:
    """The k references most similar to one query (d,) among the blocks shown so far.

    Similarities are those of :func:`core.similarity.top_k.top_k`, whatever the blocks: a matrix
    product only narrows the field, and what could be among the best is measured pair by pair. Of
    equal similarities the lower row comes first. Memory grows with a block and with k.
    """

    def __init__(self, query: NDArray[np.float32], k: int) -> None:
        if query.ndim != 1 or query.dtype != np.float32 or not np.isfinite(query).all():
            raise ValueError("expected one query (d,) of finite float32")
        if k < 1:
            raise ValueError(f"expected k of at least 1, not {k}")
        self._query = query
        self._k = k
        # For unit rows, sums of d products in two orders differ by at most d eps, see top_k.
        self._rounding = 2 * len(query) * np.finfo(np.float32).eps
        self.rows: IntArray = np.empty(0, dtype=np.int64)
        """(n,) rows of the best, n at most k, best first."""
        self.similarities = np.empty(0, dtype=np.float32)
        """(n,) their cosines."""

    def show(self, block: Vectors, first: int, places: IntArray) -> None:
        """Take in a block of references (b, d), none shown before.

        ``first`` is the row of the first of them; only those at ``places`` (m,) count. Raises
        ValueError for NaN or infinite values among these.
        """
        if len(places) < _FEW * len(block):
            rough = block[places] @ self._query  # (m,)
        else:
            rough = (block @ self._query)[places]
        if not np.isfinite(rough).all():
            raise ValueError("the references hold NaN or infinite values")
        near = places[rough >= self._bound(rough) - self._rounding]
        measured = np.vecdot(block[near], self._query[None, :])
        similarity = np.concatenate([self.similarities, measured])
        row = np.concatenate([self.rows, first + near])
        best = np.lexsort((row, -similarity))[: self._k]
        self.rows, self.similarities = row[best], similarity[best]

    def _bound(self, rough: NDArray[np.float32]) -> float:
        """A value that the k best of all blocks so far reach, before rounding."""
        bound = -np.inf if len(self.rows) < self._k else float(self.similarities[-1])
        if len(rough) > self._k:
            place = len(rough) - self._k
            bound = max(bound, float(np.partition(rough, place)[place]))
        return bound
