"""The best of what passes by: exact top-k for one query over references that come in blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import DamagedVectorsError
from core.similarity.top_k import IntArray
from core.types import Vectors

_FEW = 0.25
"""Below this share of a block its rows are picked out first; above it, all are multiplied."""


class Leaders:
    """The k references most similar to one query (d,) among the blocks shown so far.

    Similarities are those of :func:`core.similarity.top_k.top_k`, whatever the blocks: a matrix
    product only narrows the field, and what could be among the best is measured pair by pair. Of
    equal similarities the lower id comes first. Memory grows with a block and with k.
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
        self.ids: IntArray = np.empty(0, dtype=np.int64)
        """(n,) ids of the best, n at most k, best first."""
        self.similarities = np.empty(0, dtype=np.float32)
        """(n,) their cosines."""

    def show(self, block: Vectors, places: IntArray, ids: IntArray) -> None:
        """Take in a block of references (b, d), none shown before.

        Only those at ``places`` (m,) count; ``ids`` (m,) are what they are called. Raises
        :class:`DamagedVectorsError` for NaN or infinite values among these.
        """
        if len(places) == len(block):
            rough = block @ self._query  # (m,)
        elif len(places) < _FEW * len(block):
            rough = block[places] @ self._query
        else:
            rough = (block @ self._query)[places]
        if not np.isfinite(rough).all():
            raise DamagedVectorsError
        near = np.flatnonzero(rough >= self._bound(rough) - self._rounding)
        measured = np.vecdot(block[places[near]], self._query[None, :])
        similarity = np.concatenate([self.similarities, measured])
        known = np.concatenate([self.ids, ids[near]])
        best = np.lexsort((known, -similarity))[: self._k]
        self.ids, self.similarities = known[best], similarity[best]

    def _bound(self, rough: NDArray[np.float32]) -> float:
        """A value that the k best of all blocks so far reach, before rounding."""
        bound = -np.inf if len(self.ids) < self._k else float(self.similarities[-1])
        if len(rough) > self._k:
            place = len(rough) - self._k
            bound = max(bound, float(np.partition(rough, place)[place]))
        return bound
