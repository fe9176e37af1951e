"""The k most similar references of each query, exactly, in bounded memory.

A matrix product gives rough similarities of a block of references, many queries at once. Its last
bits depend on the shape of the block, so it only narrows the field: whatever could be among the
best k within the rounding of float32 is measured again, pair by pair. One pair thus has one
similarity, however many queries are asked at once, and identical references tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import DamagedVectorsError
from core.types import Vectors

IntArray: TypeAlias = NDArray[np.int64]

_Pairs: TypeAlias = tuple[IntArray, IntArray, NDArray[np.float32]]
"""Query, reference and similarity of each pair."""

BLOCK_VALUES = 8_000_000
"""Similarities held at once by default: 32 MB."""
_QUERIES = 512
"""Asked at once: enough for a matrix product to run at full speed."""
_GROUP = 64
_GATHERED = 262_144
"""Values of pairs gathered at once: they stay in the processor's cache."""
_SMALLEST = np.finfo(np.float32).min


@dataclass(frozen=True, slots=True)
class Matches:
    """The best references of n queries, best first.

    ``indices`` (n, k) are rows of the references and ``similarities`` (n, k) their cosines; -1 and
    -inf fill the places where a query has fewer than k references.
    """

    indices: IntArray
    similarities: NDArray[np.float32]

    @classmethod
    def none(cls, queries: int, k: int) -> Self:
        """Of queries that have found nothing yet."""
        return cls(
            np.full((queries, k), -1, dtype=np.int64),
            np.full((queries, k), -np.inf, dtype=np.float32),
        )

    def put(self, start: int, pairs: _Pairs) -> None:
        """What the queries from row ``start`` on have found, in the order of query and rank."""
        query, reference, similarity = pairs
        place = start + query, _ranks(query)
        self.indices[place], self.similarities[place] = reference, similarity


def top_k(
    queries: Vectors,
    references: Vectors,
    k: int,
    *,
    exclude: Sequence[IntArray] | None = None,
    block: int = BLOCK_VALUES,
) -> Matches:
    """Find the k references (N, d) most similar to each query (n, d); rows of unit length.

    ``exclude`` gives for every query the rows of ``references`` it must not find. Of equal
    similarities the lower row comes first. At most ``block`` similarities are held at once, but
    never less than those of one reference to 512 queries. Raises ValueError for arrays that do not
    fit, and for NaN or infinite values in either.
    """
    _check(queries, references, k, exclude)
    n = len(queries)
    matches = Matches.none(n, k)
    if not n or not len(references):
        return matches
    rows = min(len(references), max(1, block // min(n, _QUERIES)))
    memory = np.empty(rows * min(n, _QUERIES), dtype=np.float32)
    for start in range(0, n, _QUERIES):
        few = queries[start : start + _QUERIES]
        best = BestSoFar(
            few, references, k, flat_exclusions(exclude, slice(start, start + len(few))), block
        )
        for row in range(0, len(references), rows):
            part = references[row : row + rows]
            rough = memory[: len(part) * len(few)].reshape(len(part), len(few))
            with np.errstate(over="ignore", invalid="ignore"):  # told of by the best so far
                np.matmul(part, few.T, out=rough)
            best.take(row, rough)
        matches.put(start, best.pairs())
    return matches


def flat_exclusions(exclude: Sequence[IntArray] | None, block: slice) -> tuple[IntArray, IntArray]:
    """Exclusions of a block of queries as pairs: query within the block, reference."""
    rows = exclude[block] if exclude is not None else []
    query = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return query, np.concatenate([*rows, np.empty(0, dtype=np.int64)]).astype(np.int64)


class BestSoFar:
    """The best k references of each of a few queries, as similarities to some come in."""

    def __init__(
        self,
        queries: Vectors,
        references: Vectors,
        k: int,
        excluded: tuple[IntArray, IntArray],
        block: int = BLOCK_VALUES,
    ) -> None:
        """Of queries (b, d) and references (N, d) of unit length.

        ``excluded`` are pairs of query and reference that must not meet, ``block`` the pairs held
        before they are measured.
        """
        self._queries, self._references, self._k, self._block = queries, references, k, block
        self._excluded = excluded
        # For unit rows, sums of d products in two orders differ by at most d eps (Higham, section
        # 3.1): once for the entries that set the bound, once for the one that is held against it.
        self._rounding = 2 * queries.shape[1] * np.finfo(np.float32).eps
        self._leaders = np.empty((0, len(queries)), dtype=np.float32)
        self._bound = np.full(len(queries), _SMALLEST, dtype=np.float32)
        nothing = np.empty(0, dtype=np.int64)
        self._near: list[_Pairs] = [(nothing, nothing, np.empty(0, dtype=np.float32))]

    def take(self, start: int, rough: NDArray[np.float32]) -> None:
        """Similarities (r, b), rounded anyhow, to the references from row ``start`` on.

        Raises :class:`DamagedVectorsError` for NaN or infinite ones.
        """
        query, reference = self._excluded
        here = (reference >= start) & (reference < start + len(rough))
        apart = reference[here] - start, query[here]
        whole, rough[apart] = rough[apart], -np.inf
        self._leaders = _lead(self._leaders, rough, self._k)
        if len(self._leaders) == self._k:
            self._bound = np.maximum(self._leaders[0] - self._rounding, _SMALLEST)
        place = np.flatnonzero(rough >= self._bound)
        reference, query = np.divmod(place, rough.shape[1])
        self._near.append((query, reference + start, rough.ravel()[place]))
        rough[apart] = whole  # as it was
        if sum(len(query) for query, *_ in self._near) > self._block:
            self._near = [self._measured()]

    def pairs(self) -> _Pairs:
        """Query, reference and similarity of each pair, in the order of query and rank."""
        return self._measured()

    def _measured(self) -> _Pairs:
        return _best(self._queries, self._references, self._k, self._near, self._bound)


def _lead(leaders: NDArray[np.float32], rough: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """At most k values (m, b) for every query, the lowest first if there are k; raises on NaN.

    Each is reached by another entry of ``rough`` (r, b) or of the blocks before, whose values are
    ``leaders``. Entries are dealt into groups; the highest of the groups' maxima will do, and are
    far quicker to find than the highest entries.
    """
    size = min(_GROUP, max(1, len(rough) // (4 * k)))
    groups = len(rough) // size
    maxima = rough[: size * groups].reshape(size, groups, -1).max(axis=0)
    known = np.concatenate([leaders, maxima, rough[size * groups :]])
    if not (known < np.inf).all():
        raise DamagedVectorsError
    return np.partition(known, len(known) - k, axis=0)[-k:] if len(known) >= k else known


def _best(
    queries: Vectors,
    references: Vectors,
    k: int,
    near: Sequence[_Pairs],
    bound: NDArray[np.float32],
) -> _Pairs:
    """The best k of each query among pairs, those under its bound (b,) left out, measured."""
    query, reference, rough = (np.concatenate(parts) for parts in zip(*near, strict=True))
    kept = rough >= bound[query]
    query, reference = query[kept], reference[kept]
    similarity = _pairwise(queries, references, query, reference)
    order = np.lexsort((reference, -similarity, query))
    order = order[_ranks(query[order]) < k]
    return query[order], reference[order], similarity[order]


def _ranks(query: IntArray) -> IntArray:
    """The place of each pair among those of its query; ``query`` (m,) ascends."""
    counts = np.bincount(query)
    return np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)


def _pairwise(
    queries: Vectors, references: Vectors, query: IntArray, reference: IntArray
) -> NDArray[np.float32]:
    """Dot products of pairs (m,), a bounded number gathered at once."""
    similarity = np.empty(len(query), dtype=np.float32)
    step = max(1, _GATHERED // queries.shape[1])
    for start in range(0, len(query), step):
        part = slice(start, start + step)
        np.vecdot(queries[query[part]], references[reference[part]], out=similarity[part])
    return similarity


def _check(
    queries: Vectors, references: Vectors, k: int, exclude: Sequence[IntArray] | None
) -> None:
    if queries.ndim != 2 or references.ndim != 2 or queries.shape[1] != references.shape[1]:
        raise ValueError(f"queries {queries.shape} and references {references.shape} do not fit")
    if queries.dtype != np.float32 or references.dtype != np.float32:
        raise ValueError(f"expected float32, not {queries.dtype} and {references.dtype}")
    if k < 1:
        raise ValueError(f"expected k of at least 1, not {k}")
    if exclude is not None and len(exclude) != len(queries):
        raise ValueError(f"{len(exclude)} exclusions for {len(queries)} queries")
    if not np.isfinite(queries).all():
        raise ValueError("the queries hold NaN or infinite values")
