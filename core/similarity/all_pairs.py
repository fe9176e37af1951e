"""All pairs of a set of vectors, each looked at once, in bounded memory (thesis section 3.1.2).

One pass over half of the similarity matrix serves duplicates and stratification alike: a block of
rows against a block of columns is one matrix product, reduced along its rows for the one and along
its columns for the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import ClipkwError
from core.progress import Progress
from core.similarity.top_k import IntArray
from core.types import Vectors

BLOCK = 2_048
"""Rows and columns of one block: 16 MB of similarities."""
MOST_PAIRS = 20_000_000
"""Pairs that may be kept: 400 MB."""
_STRIP = 128


@dataclass(frozen=True, eq=False, slots=True)
class AllPairs:
    """What is kept of the similarities of n images.

    ``best`` (n,) is the most similar other image of each, -1 for a single image, and
    ``best_similarity`` (n,) its cosine. ``softmax_maximum`` (n,) in (0, 1] is the highest softmaxed
    similarity: low where many images are alike. ``first`` and ``second`` (p,) are the pairs at or
    above the floor, ``first`` < ``second``, with their ``similarity`` (p,), in that order.
    """

    best: IntArray
    best_similarity: NDArray[np.float32]
    softmax_maximum: NDArray[np.float64]
    first: IntArray
    second: IntArray
    similarity: NDArray[np.float32]


def all_pairs(
    vectors: Vectors,
    floor: float,
    progress: Progress,
    *,
    temperature: float = 100.0,
    block: int = BLOCK,
) -> AllPairs:
    """Compare unit vectors (n, d) with each other, every pair once.

    ``temperature`` multiplies the cosines before the softmax; 100 is CLIP's own, without which the
    softmax over thousands of images is all but flat. Of equally similar images the lower row is
    the best one. Raises ValueError for NaN and infinite values and :class:`ClipkwError` when more
    pairs lie above the floor than fit in memory.
    """
    if vectors.ndim != 2 or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
        raise ValueError("expected finite float32 vectors (n, d)")
    n = len(vectors)
    best = np.full(n, -1, dtype=np.int64)
    best_similarity = np.full(n, -np.inf, dtype=np.float32)
    total = np.zeros(n)  # of exp(temperature * (similarity - 1)), which cannot overflow
    kept: list[tuple[IntArray, IntArray, NDArray[np.float32]]] = []
    count = 0
    blocks = list(_half(n, block))
    for done, (rows, columns) in enumerate(blocks):
        progress.checkpoint()
        similarity = vectors[rows] @ vectors[columns].T  # (b, c)
        diagonal = rows.start == columns.start
        if diagonal:
            np.fill_diagonal(similarity, -np.inf)
        _take_best(similarity, rows, columns, best, best_similarity)
        if not diagonal:
            _take_best(similarity.T, columns, rows, best, best_similarity)
        found = _above(similarity, floor, rows, columns, diagonal)
        count += len(found[0])
        if count > MOST_PAIRS:
            raise ClipkwError(
                f"More than {MOST_PAIRS:,} pairs of images are alike.",
                "Raise the lower duplicate threshold, and try again.",
            )
        kept.append(found)
        _take_exponentials(similarity, rows, columns, total, temperature, diagonal)
        progress.report(done + 1, len(blocks))
    first, second, similar = (
        np.concatenate([part[i] for part in kept]) if kept else np.empty(0, dtype)
        for i, dtype in enumerate((np.int64, np.int64, np.float32))
    )
    order = np.lexsort((second, first))
    return AllPairs(
        best,
        best_similarity,
        _softmax_maximum(best_similarity, total, temperature),
        first[order],
        second[order],
        similar[order].astype(np.float32),
    )


def _half(n: int, block: int) -> Iterator[tuple[slice, slice]]:
    """The blocks on and above the diagonal."""
    starts = range(0, n, block)
    for row in starts:
        for column in range(row, n, block):
            yield slice(row, min(row + block, n)), slice(column, min(column + block, n))


def _take_best(
    similarity: NDArray[np.float32],
    rows: slice,
    columns: slice,
    best: IntArray,
    best_similarity: NDArray[np.float32],
) -> None:
    """Best column of each row, if it beats what is known; of equals the lower one stays."""
    place = similarity.argmax(axis=1)
    value = np.take_along_axis(similarity, place[:, None], axis=1)[:, 0]
    known, known_value = best[rows], best_similarity[rows]
    found = place + columns.start
    better = (value > known_value) | ((value == known_value) & (found < known))
    better &= value > -np.inf
    known[better], known_value[better] = found[better], value[better]


def _above(
    similarity: NDArray[np.float32], floor: float, rows: slice, columns: slice, diagonal: bool
) -> tuple[IntArray, IntArray, NDArray[np.float32]]:
    """Pairs of a block at or above the floor; on the diagonal only its upper half."""
    first, second = np.divmod(np.flatnonzero(similarity >= np.float32(floor)), similarity.shape[1])
    if diagonal:
        upper = first < second
        first, second = first[upper], second[upper]
    return first + rows.start, second + columns.start, similarity[first, second]


def _take_exponentials(
    similarity: NDArray[np.float32],
    rows: slice,
    columns: slice,
    total: NDArray[np.float64],
    temperature: float,
    diagonal: bool,
) -> None:
    """Add exp(temperature * (similarity - 1)) to the sums; ``similarity`` is overwritten.

    In strips that stay in the processor's cache: the exponentials cost as much as the product.
    """
    scale = np.float32(temperature)
    for start in range(0, len(similarity), _STRIP):
        strip = similarity[start : start + _STRIP]
        strip -= np.float32(1)
        strip *= scale
        np.exp(strip, out=strip)
        total[rows.start + start : rows.start + start + len(strip)] += strip.sum(axis=1)
        if not diagonal:
            total[columns] += strip.sum(axis=0)


def _softmax_maximum(
    best_similarity: NDArray[np.float32], total: NDArray[np.float64], temperature: float
) -> NDArray[np.float64]:
    """exp of the best over the sum; 1 for a single image, and where all underflow."""
    highest = np.exp(temperature * (best_similarity.astype(np.float64) - 1))
    share = np.divide(highest, total, out=np.ones_like(total), where=total > 0)
    return np.minimum(share, 1.0)
