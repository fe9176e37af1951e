"""One pass over the similarities of images to all references, for any number of models.

Memory is bounded by a block: none builds the (n, N) similarities of all images.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.models.base import Exclusions
from core.progress import Progress, Silent
from core.similarity.top_k import IntArray, flat_exclusions
from core.types import Vectors

Excluded: TypeAlias = tuple[IntArray, IntArray]
"""Pairs that must not meet: query among those asked at once, reference."""

QUERIES, REFERENCES = 512, 4_096
"""Compared at once: their product runs at full speed, and its 8 MB stay near the processor."""


class Listener(Protocol):
    """What makes something of the similarities as they come, a few queries after the others."""

    def begin(self, asked: slice, queries: Vectors, excluded: Excluded) -> None:
        """Unit ``queries`` (b, d), those in the rows ``asked`` of all, come next."""

    def take(self, rows: slice, cosines: NDArray[np.float32]) -> None:
        """The cosines (r, b) of them and of the references in ``rows``; not to be changed."""

    def end(self) -> None:
        """They have been compared with all references."""


def compare_all(
    queries: Vectors,
    references: Vectors,
    listeners: Sequence[Listener],
    exclude: Exclusions = None,
    progress: Progress | None = None,
) -> None:
    """Compare queries (n, d) with all references (N, d) and let all ``listeners`` know.

    ``exclude`` gives for every query the references that must not speak for it.
    """
    watched = progress or Silent()
    memory = np.empty(min(REFERENCES, len(references)) * QUERIES, dtype=np.float32)
    for start in range(0, len(queries), QUERIES):
        few = queries[start : start + QUERIES]
        asked = slice(start, start + len(few))
        excluded = flat_exclusions(exclude, asked)
        for listener in listeners:
            listener.begin(asked, few, excluded)
        for rows in reference_strips(len(references)):
            watched.checkpoint()
            shape = rows.stop - rows.start, len(few)
            cosines = memory[: shape[0] * shape[1]].reshape(shape)
            with np.errstate(over="ignore", invalid="ignore"):  # whoever listens tells of it
                np.matmul(references[rows], few.T, out=cosines)
            for listener in listeners:
                listener.take(rows, cosines)
        for listener in listeners:
            listener.end()
        watched.report(asked.stop, len(queries))


def reference_strips(references: int) -> list[slice]:
    """The slices in which so many references are compared."""
    return [
        slice(start, min(references, start + REFERENCES))
        for start in range(0, references, REFERENCES)
    ]


def excluded_here(excluded: Excluded, rows: slice) -> Excluded:
    """Those of the pairs whose reference is in ``rows``: row in these, query."""
    query, reference = excluded
    here = (reference >= rows.start) & (reference < rows.stop)
    return reference[here] - rows.start, query[here]
