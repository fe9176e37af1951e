"""Every way to cut confidences in two, from which thresholds and rank metrics follow.

A float that is not negative has the order of its bits; with the truth as one more bit below, a
plain sort of integers brings confidences and truth in order together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Cuts:
    """The k different confidences, the highest first.

    ``levels`` (k,) are these; ``taken`` (k,) says how many entries are at or above each, ``hits``
    (k,) how many of them rightly.
    """

    levels: NDArray[np.float64]
    taken: NDArray[np.int64]
    hits: NDArray[np.int64]

    @classmethod
    def of(cls, truth: NDArray[np.bool_], confidences: NDArray[np.floating]) -> Self:
        """Those of arrays of one shape, any number of dimensions. O(m log m) in the entries.

        ``confidences`` are single or double precision and not negative. Raises ValueError for
        arrays that differ in shape.
        """
        if truth.shape != confidences.shape:
            raise ValueError(
                f"truth {truth.shape} and confidences {confidences.shape} differ in shape"
            )
        bits = np.uint32 if confidences.dtype.itemsize < 8 else np.uint64
        real = np.float32 if bits is np.uint32 else np.float64
        values = np.abs(np.asarray(confidences, dtype=real)).ravel()  # -0 is 0
        keys = values.view(bits).astype(np.uint64) << np.uint64(1)
        keys |= truth.ravel()
        keys.sort()
        keys = keys[::-1]
        ordered = keys >> np.uint64(1)
        last_of_tie = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)[: len(keys)])
        hits = np.cumsum(keys & np.uint64(1), dtype=np.int64)[last_of_tie]
        levels = ordered[last_of_tie].astype(bits).view(real)
        return cls(levels.astype(np.float64), last_of_tie + 1, hits)

    def with_zeros(self, zeros: int, positives: int) -> Self:
        """With so many more confidences of 0, ``positives`` of them rightly."""
        if not zeros:
            return self
        everything, positive = (int(part[-1:].sum()) for part in (self.taken, self.hits))
        above = self.levels > 0
        return type(self)(
            np.append(self.levels[above], 0.0),
            np.append(self.taken[above], everything + zeros),
            np.append(self.hits[above], positive + positives),
        )

    def threshold(self, cut: int) -> float:
        """Halfway between a level and the next one below, so that it survives rounding."""
        below = self.levels[cut + 1] if cut + 1 < len(self.levels) else 0.0
        return float((self.levels[cut] + below) / 2)
