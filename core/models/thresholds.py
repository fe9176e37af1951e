"""The confidence threshold that maximises the F-beta score on validation, found exactly.

The thesis (section 4.2) tunes one threshold for all keywords; the best one is always one of the
confidences themselves, so sorting finds it without a grid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.types import Confidences


def best_threshold(
    truth: NDArray[np.bool_], confidences: Confidences, beta: float = 2.0
) -> tuple[float, float]:
    """Threshold in [0, 1] with the highest F-beta over all entries of the two arrays.

    ``truth`` and ``confidences`` have one shape, any number of dimensions: (n, C) pools all
    keywords (micro average), (n,) serves a single one. A confidence at or above the threshold is
    positive. The value lies halfway between the lowest confidence taken in and the next one
    below, so that it survives rounding. Of equal scores the highest threshold wins. Returns the
    threshold and its score; (1.0, 0.0) if nothing is truly positive. O(m log m) in the entries.
    """
    if truth.shape != confidences.shape:
        raise ValueError(f"truth {truth.shape} and confidences {confidences.shape} differ in shape")
    flat = np.asarray(confidences, dtype=np.float64).ravel()
    positives = int(np.count_nonzero(truth))
    if positives == 0:
        return 1.0, 0.0
    order = np.argsort(-flat, kind="stable")
    ordered = flat[order]
    last_of_tie = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    hits = np.cumsum(truth.ravel()[order])[last_of_tie]
    square = beta * beta
    scores = (1 + square) * hits / (square * positives + last_of_tie + 1)
    best = int(np.argmax(scores))
    lowest = ordered[last_of_tie[best]]
    below = ordered[last_of_tie[best] + 1] if last_of_tie[best] + 1 < len(ordered) else 0.0
    return float((lowest + below) / 2), float(scores[best])
