"""The k most similar references of each query, exactly, in bounded memory.

A matrix product gives rough similarities of a block of queries. Its last bits depend on the shape
of the block, so it only narrows the field: whatever could be among the best k within the rounding
of float32 is measured again, pair by pair. One pair thus has one similarity, however many queries
are asked at once, and identical references tie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import DamagedVectorsError
from core.types import Vectors

IntArray: TypeAlias = NDArray[np.int64]

BLOCK_VALUES = 8_000_000
"""Similarities held at once by default: 32 MB."""
_GROUP = 64
_SMALLEST = np.finfo(np.float32).min


@dataclass(frozen=True, slots=True)
class Matches:
    """The best references of n queries, best first.

    ``indices`` (n, k) are rows of the references and ``similarities`` (n, k) their cosines; -1 and
    -inf fill the places where a query has fewer than k references.
    """

    indices: IntArray
    similarities: NDArray[np.float32]


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
    never less than those of one query. Raises ValueError for arrays that do not fit, and for NaN
    or infinite values in either.
    """
    _check(queries, references, k, exclude)
    n = len(queries)
    matches = Matches(
        np.full((n, k), -1, dtype=np.int64), np.full((n, k), -np.inf, dtype=np.float32)
    )
    if not n or not len(references):
        return matches
    rows = max(1, block // len(references))
    for start in range(0, n, rows):
        part = slice(start, start + rows)
        found = _top_k_block(queries[part], references, k, exclude[part] if exclude else None)
        matches.indices[part], matches.similarities[part] = found
    return matches


def _top_k_block(
    queries: Vectors, references: Vectors, k: int, exclude: Sequence[IntArray] | None
) -> tuple[IntArray, NDArray[np.float32]]:
    rough = queries @ references.T  # (b, N)
    if exclude is not None:
        owner = np.repeat(np.arange(len(queries)), [len(rows) for rows in exclude])
        rough[owner, np.concatenate(exclude)] = -np.inf
    # For unit rows, sums of d products in two orders differ by at most d eps (Higham, section
    # 3.1): once for the entries that set the bound, once for the one that is held against it.
    rounding = 2 * queries.shape[1] * np.finfo(np.float32).eps
    bound = np.maximum(_lower_bound(rough, k) - rounding, _SMALLEST)
    query, reference = np.divmod(np.flatnonzero(rough >= bound[:, None]), len(references))
    similarity = _pairwise(queries, references, query, reference)
    order = np.lexsort((reference, -similarity, query))
    query, reference, similarity = query[order], reference[order], similarity[order]
    counts = np.bincount(query, minlength=len(queries))
    rank = np.arange(len(query)) - np.repeat(np.cumsum(counts) - counts, counts)
    best = rank < k
    indices = np.full((len(queries), k), -1, dtype=np.int64)
    similarities = np.full((len(queries), k), -np.inf, dtype=np.float32)
    indices[query[best], rank[best]] = reference[best]
    similarities[query[best], rank[best]] = similarity[best]
    return indices, similarities


def _lower_bound(rough: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """For every row of (b, N) a value that at least k entries reach, or -inf; raises on NaN.

    Entries are dealt into groups; the k-th highest of the groups' maxima will do, and is far
    quicker to find than the k-th highest entry.
    """
    size = min(_GROUP, max(1, rough.shape[1] // (4 * k)))
    groups = rough.shape[1] // size
    dealt = rough[:, : size * groups].reshape(len(rough), size, groups)
    maxima = dealt.max(axis=1)  # (b, groups)
    if not (maxima < np.inf).all() or not (rough[:, size * groups :] < np.inf).all():
        raise DamagedVectorsError
    if k > groups:
        return np.full(len(rough), -np.inf, dtype=np.float32)
    bound: NDArray[np.float32] = np.partition(maxima, groups - k, axis=1)[:, groups - k]
    return bound


def _pairwise(
    queries: Vectors, references: Vectors, query: IntArray, reference: IntArray
) -> NDArray[np.float32]:
    """Dot products of pairs (m,), a bounded number gathered at once."""
    similarity = np.empty(len(query), dtype=np.float32)
    step = max(1, BLOCK_VALUES // queries.shape[1])
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
