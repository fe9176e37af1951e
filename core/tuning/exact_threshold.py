"""The best common threshold of many confidences, fast enough for every trial.

The same answer as :func:`core.models.thresholds.best_threshold`, which is the plain way to it. A
non-negative float32 has the order of its bits; with the truth as one more bit below, a plain sort
of integers brings confidences and truth in order together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def exact_threshold(
    truth: NDArray[np.bool_],
    confidences: NDArray[np.float32],
    *,
    zeros: int = 0,
    positives_among_zeros: int = 0,
    beta: float = 2.0,
) -> tuple[float, float]:
    """Threshold in [0, 1] with the highest F-beta, and that score.

    ``truth`` and ``confidences`` (in [0, 1]) have one shape, any number of dimensions. ``zeros``
    more confidences are 0 and need not be given, ``positives_among_zeros`` of them truly positive:
    thus a sparse array of confidences needs only what is stored. (1.0, 0.0) if nothing is truly
    positive. Raises ValueError for arrays that differ in shape.
    """
    if truth.shape != confidences.shape:
        raise ValueError(f"truth {truth.shape} and confidences {confidences.shape} differ in shape")
    positives = int(np.count_nonzero(truth)) + positives_among_zeros
    if positives == 0:
        return 1.0, 0.0
    values = np.ascontiguousarray(confidences, dtype=np.float32).ravel() + np.float32(0)  # no -0
    keys = values.view(np.uint32).astype(np.uint64) << np.uint64(1)
    keys |= truth.ravel()
    keys.sort()
    keys = keys[::-1]
    hits = np.cumsum(keys & np.uint64(1), dtype=np.int64)
    bits = (keys >> np.uint64(1)).astype(np.uint32)
    last_of_tie = np.flatnonzero(np.append(bits[1:] != bits[:-1], True)[: len(bits)])
    taken, hits = last_of_tie + 1, hits[last_of_tie]
    levels = bits[last_of_tie].view(np.float32).astype(np.float64)
    if zeros:
        everything = len(keys) + zeros
        if len(levels) and levels[-1] == 0:
            taken, hits, levels = taken[:-1], hits[:-1], levels[:-1]
        taken, hits = np.append(taken, everything), np.append(hits, positives)
        levels = np.append(levels, 0.0)
    square = beta * beta
    scores = (1 + square) * hits / (square * positives + taken)
    best = int(np.argmax(scores))
    below = levels[best + 1] if best + 1 < len(levels) else 0.0
    return float((levels[best] + below) / 2), float(scores[best])
