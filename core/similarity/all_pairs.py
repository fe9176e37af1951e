"""All pairs of a set of vectors, each looked at once, in bounded memory (thesis section 3.1.2).

One pass over half of the similarity matrix serves duplicates and stratification alike: a block of
rows against a block of columns is one matrix product, reduced along its rows for the one and along
its columns for the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ClipkwError
from core.progress import Progress
from core.similarity.top_k import IntArray
from core.types import Vectors

Pairs: TypeAlias = tuple[IntArray, IntArray, NDArray[np.float32]]
"""First and second image of each pair, and their similarity."""
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


@dataclass(frozen=True, eq=False, slots=True)
class PartOfPairs:
    """How far a comparison of n images has come, and what it needs to go on.

    ``done`` blocks are compared; ``best`` and ``best_similarity`` (n,), and the pairs ``first``,
    ``second``, ``similarity`` (p,) are those of :class:`AllPairs` so far, the pairs in the order
    in which they were found; ``total`` (n,) are the sums of exponentials of the softmax.
    """

    done: int
    best: IntArray
    best_similarity: NDArray[np.float32]
    total: NDArray[np.float64]
    first: IntArray
    second: IntArray
    similarity: NDArray[np.float32]

    @classmethod
    def nothing(cls, n: int) -> Self:
        """Before the first block."""
        none = np.empty(0, dtype=np.int64)
        return cls(
            0,
            np.full(n, -1, dtype=np.int64),
            np.full(n, -np.inf, dtype=np.float32),
            np.zeros(n),  # of exp(temperature * (similarity - 1)), which cannot overflow
            none,
            none.copy(),
            np.empty(0, dtype=np.float32),
        )


def all_pairs(
    vectors: Vectors,
    floor: float,
    progress: Progress,
    *,
    temperature: float = 100.0,
    block: int = BLOCK,
    resume: PartOfPairs | None = None,
    on_part: Callable[[PartOfPairs], None] | None = None,
    seconds: float = 20.0,
) -> AllPairs:
    """Compare unit vectors (n, d) with each other, every pair once.

    ``temperature`` multiplies the cosines before the softmax; 100 is CLIP's own, without which the
    softmax over thousands of images is all but flat. Of equally similar images the lower row is
    the best one. ``on_part`` is given what was found, every ``seconds``; with it as ``resume``, the
    same call goes on from there to the same result. Raises ValueError for NaN and infinite values
    and :class:`ClipkwError` when more pairs lie above the floor than fit in memory.
    """
    if vectors.ndim != 2 or vectors.dtype != np.float32 or not np.isfinite(vectors).all():
        raise ValueError("expected finite float32 vectors (n, d)")
    n = len(vectors)
    known = resume or PartOfPairs.nothing(n)
    best, best_similarity, total = known.best, known.best_similarity, known.total
    kept = [(known.first, known.second, known.similarity)]
    count = len(known.first)
    blocks = list(_half(n, block))
    noted = time.monotonic()
    for done, (rows, columns) in enumerate(blocks):
        if done < known.done:
            continue
        progress.checkpoint()
        if on_part is not None and time.monotonic() - noted >= seconds:
            on_part(PartOfPairs(done, best, best_similarity, total, *_joined(kept)))
            noted = time.monotonic()
        similarity = vectors[rows] @ vectors[columns].T  # (b, c)
        diagonal = rows.start == columns.start
        if diagonal:
            np.fill_diagonal(similarity, -np.inf)
        if not diagonal:
            _take_best(similarity, 0, columns, rows, best, best_similarity)
        _take_best(similarity, 1, rows, columns, best, best_similarity)
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
    first, second, similar = _joined(kept)
    order = np.lexsort((second, first))
    return AllPairs(
        best,
        best_similarity,
        _softmax_maximum(best_similarity, total, temperature),
        first[order],
        second[order],
        similar[order],
    )


def _joined(kept: list[Pairs]) -> Pairs:
    """The pairs of all blocks, in the order of the blocks."""
    first, second, similarity = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    return first, second, similarity


def _half(n: int, block: int) -> Iterator[tuple[slice, slice]]:
    """The blocks on and above the diagonal."""
    starts = range(0, n, block)
    for row in starts:
        for column in range(row, n, block):
            yield slice(row, min(row + block, n)), slice(column, min(column + block, n))


def _take_best(
    similarity: NDArray[np.float32],
    axis: int,
    images: slice,
    others: slice,
    best: IntArray,
    best_similarity: NDArray[np.float32],
) -> None:
    """The highest along an axis, for each image, if it beats what is known.

    Blocks come in the order of the others, so of equals the one that is known stays. Looking for
    the highest where it is new is many times quicker than ``argmax`` down the columns.
    """
    highest = similarity.max(axis=axis)
    is_new = highest > best_similarity[images]
    best_similarity[images][is_new] = highest[is_new]
    wanted = np.expand_dims(np.where(is_new, highest, np.float32(np.nan)), axis)
    found = np.divmod(np.flatnonzero(similarity == wanted), similarity.shape[1])
    image, other = found[1 - axis] + images.start, found[axis] + others.start
    best[image[::-1]] = other[::-1]  # of equals the lower one is set last


def _above(
    similarity: NDArray[np.float32], floor: float, rows: slice, columns: slice, diagonal: bool
) -> Pairs:
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

    In strips that stay in the processor's cache.
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
