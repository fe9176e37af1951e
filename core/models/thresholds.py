"""The confidence thresholds that maximise the F-beta score on validation, found exactly.

The thesis (section 4.2) tunes one threshold for all keywords; the best one is always one of the
confidences themselves, so sorting finds it without a grid. One threshold a keyword goes beyond it
(section 6.3).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.models.cuts import Cuts
from core.types import Confidences

Thresholds: TypeAlias = NDArray[np.float64]
"""(C,) a confidence at or above it is a suggestion; just above 1 where nothing ever is one."""

_NONE = -1

MINIMUM_SUPPORT = 30
"""From so many positives on, a keyword's own threshold is trusted alone."""


def best_threshold(
    truth: NDArray[np.bool_],
    confidences: NDArray[np.floating],
    beta: float = 2.0,
    *,
    zeros: int = 0,
    positives_among_zeros: int = 0,
) -> tuple[float, float]:
    """Threshold in [0, 1] with the highest F-beta over all entries of the two arrays.

    ``truth`` and ``confidences`` (in [0, 1]) have one shape, any number of dimensions: (n, C) pools
    all keywords (micro average), (n,) serves a single one. ``zeros`` more confidences are 0 and
    need not be given, ``positives_among_zeros`` of them truly positive: thus a sparse array needs
    only what is stored. A confidence at or above the threshold is positive. The value lies halfway
    between the lowest confidence taken in and the next one below, so that it survives rounding. Of
    equal scores the highest threshold wins. Returns the threshold and its score; (1.0, 0.0) if
    nothing is truly positive. O(m log m) in the entries.
    """
    cuts = Cuts.of(truth, confidences).with_zeros(zeros, positives_among_zeros)
    positives = int(cuts.hits[-1]) if len(cuts.hits) else 0
    if positives == 0:
        return 1.0, 0.0
    square = beta * beta
    scores = (1 + square) * cuts.hits / (square * positives + cuts.taken)
    best = int(np.argmax(scores))
    return cuts.threshold(best), float(scores[best])


def class_thresholds(
    truth: NDArray[np.bool_],
    confidences: Confidences,
    minimum_support: int = MINIMUM_SUPPORT,
    beta: float = 2.0,
) -> Thresholds:
    """One threshold a keyword (C,), together maximising the *micro* F-beta over (n, C).

    The best thresholds of the single keywords would maximise the macro average instead. Here a
    ratio of two sums over keywords is maximised, which Dinkelbach's method (Management Science
    13, 1967) does exactly: at the optimum F* the thresholds also maximise (1 + beta^2) TP - F*
    (beta^2 P + taken), keyword by keyword, and the F-beta of these thresholds is the next, higher
    F. The same optimum is found by coordinate ascent in Pillai, Fumera and Roli, "Threshold
    optimisation for multi-label classifiers" (Pattern Recognition 46, 2013).

    A keyword with fewer than ``minimum_support`` positives lies between its own threshold and the
    one that is best for all, in proportion to its positives; without any it has that one. With
    ``minimum_support`` 0 all are exact. Raises ValueError for arrays of different or other shapes.
    """
    if truth.ndim != 2 or truth.shape != confidences.shape:
        raise ValueError(f"expected two (n, C) arrays: {truth.shape}, {confidences.shape}")
    common, score = best_threshold(truth, confidences, beta)
    keywords = [Cuts.of(truth[:, c], confidences[:, c]) for c in range(truth.shape[1])]
    support = np.count_nonzero(truth, axis=0)
    square, missed = beta * beta, beta * beta * int(support.sum())
    chosen = [_NONE] * len(keywords)
    while missed:
        chosen = [_best_cut((1 + square) * k.hits - score * k.taken) for k in keywords]
        both = [(k, cut) for k, cut in zip(keywords, chosen, strict=True) if cut != _NONE]
        hits = sum(int(k.hits[cut]) for k, cut in both)
        taken = sum(int(k.taken[cut]) for k, cut in both)
        reached = (1 + square) * hits / (missed + taken)
        if reached <= score:
            break
        score = reached
    own = np.array([_threshold(k, cut) for k, cut in zip(keywords, chosen, strict=True)])
    trust = np.minimum(support / minimum_support, 1) if minimum_support else (support >= 0) * 1.0
    return np.where(support > 0, common + trust * (own - common), common)


def _best_cut(gains: NDArray[np.float64]) -> int:
    """The highest one that gains anything at all."""
    best = int(np.argmax(gains))
    return best if gains[best] > 0 else _NONE


def _threshold(cuts: Cuts, cut: int) -> float:
    if cut == _NONE:
        above_all = np.nextafter(cuts.levels[:1], 2)
        return float(above_all.max(initial=1.0))
    return cuts.threshold(cut)
