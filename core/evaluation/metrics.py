"""Performance metrics for multi-label classification (thesis section 2.1.6).

Truth is a boolean array (n, C), confidences are (n, C) in [0, 1]; a confidence at or above the
threshold is a positive prediction. A ratio whose denominator is zero is 0, as in scikit-learn's
``zero_division=0``; ROC AUC and average precision of a keyword that is always or never present are
NaN and left out of averages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.models.cuts import Cuts
from core.types import Confidences

Truth: TypeAlias = NDArray[np.bool_]
"""(n, C)"""
Floats: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of the four outcomes, one number a keyword (C,) or a single pooled number (1,)."""

    true_positive: Counts
    false_positive: Counts
    false_negative: Counts
    true_negative: Counts

    def pooled(self) -> Confusion:
        """All keywords taken together as one binary problem: the micro average."""
        return Confusion(
            *(
                np.asarray([part.sum()])
                for part in (
                    self.true_positive,
                    self.false_positive,
                    self.false_negative,
                    self.true_negative,
                )
            )
        )

    @property
    def support(self) -> Counts:
        """Truly positive samples of each keyword."""
        return self.true_positive + self.false_negative

    def recall(self) -> Floats:
        """Part of the truly positive that is found."""
        return _ratio(self.true_positive, self.support)

    def precision(self) -> Floats:
        """Part of the found that is truly positive."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    def specificity(self) -> Floats:
        """Part of the truly negative that is left out."""
        return _ratio(self.true_negative, self.true_negative + self.false_positive)

    def accuracy(self) -> Floats:
        """Part of all predictions that is right."""
        wrong = self.false_positive + self.false_negative
        right = self.true_positive + self.true_negative
        return _ratio(right, right + wrong)

    def f_score(self, beta: float) -> Floats:
        """Weighted harmonic mean of precision and recall; recall weighs ``beta`` times as much."""
        square = beta * beta
        hits = (1 + square) * self.true_positive
        return _ratio(hits, hits + square * self.false_negative + self.false_positive)


def _ratio(part: NDArray[np.generic], whole: NDArray[np.generic]) -> Floats:
    above, below = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


def confusion(truth: Truth, predicted: Truth) -> Confusion:
    """Count the outcomes of (n, C) boolean predictions for each of the C keywords."""
    _same_shape(truth, predicted)
    hits = np.count_nonzero(truth & predicted, axis=0)
    found = np.count_nonzero(predicted, axis=0)
    present = np.count_nonzero(truth, axis=0)
    return Confusion(hits, found - hits, present - hits, len(truth) - found - present + hits)


def subset_accuracy(truth: Truth, predicted: Truth) -> float:
    """Part of the images on which every keyword is right, in [0, 1]; 0 without images."""
    _same_shape(truth, predicted)
    return float((truth == predicted).all(axis=1).mean()) if len(truth) else 0.0


def ranking(truth: Truth, confidences: Confidences) -> tuple[Floats, Floats]:
    """ROC AUC and average precision of each keyword, both (C,).

    The first is the Mann-Whitney statistic, in which ties count half; the second the area under the
    precision-recall steps, equal confidences as one step. O(C n log n).
    """
    _same_shape(truth, confidences)
    found = [_ranking(truth[:, c], confidences[:, c]) for c in range(truth.shape[1])]
    area, precision = np.asarray(found, dtype=np.float64).reshape(-1, 2).T
    return area, precision


def _ranking(truth: Truth, confidences: Confidences) -> tuple[float, float]:
    cuts = Cuts.of(truth, confidences)
    positives = int(cuts.hits[-1]) if len(cuts.hits) else 0
    negatives = truth.size - positives
    if not positives or not negatives:
        return float("nan"), float("nan")
    gained = np.diff(cuts.hits, prepend=0)
    misses = cuts.taken - cuts.hits
    in_tie = np.diff(misses, prepend=0)
    ordered = float((gained * (negatives - misses + in_tie / 2)).sum())
    steps = float((gained * cuts.hits / cuts.taken).sum())
    return ordered / (positives * negatives), steps / positives


def resampled_ranking(
    truth: Truth, confidences: Confidences, draws: NDArray[np.floating]
) -> tuple[Floats, Floats]:
    """ROC AUC and average precision of each keyword and resampled set, both (C, b).

    ``draws`` (n, b) says how often each image is in each set. The images are sorted once for all
    sets; O(C n (log n + b)). NaN where a set has no image with the keyword, or none without it.
    """
    _same_shape(truth, confidences)
    shape = truth.shape[1], draws.shape[1]
    area, precision = np.full(shape, np.nan), np.full(shape, np.nan)
    for keyword in np.flatnonzero(truth.any(axis=0)).tolist():
        area[keyword], precision[keyword] = _resampled_ranking(
            truth[:, keyword], confidences[:, keyword], draws
        )
    return area, precision


def _resampled_ranking(
    truth: Truth, confidences: Confidences, draws: NDArray[np.floating]
) -> tuple[Floats, Floats]:
    """Of one keyword (b,) each; only equal confidences with a positive among them say anything."""
    order = np.argsort(-confidences)
    ordered, is_hit = confidences[order], truth[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ends = np.append(starts[1:], len(order))
    telling = np.logical_or.reduceat(is_hit, starts)
    starts, ends = starts[telling], ends[telling]  # (g,)
    edges = np.unique(np.concatenate([[0], starts, ends]))
    seen = np.zeros((len(edges), draws.shape[1]))  # before each edge
    np.cumsum(_drawn(draws, order, edges), axis=0, dtype=np.float64, out=seen[1:])
    before, after = seen[np.searchsorted(edges, starts)], seen[np.searchsorted(edges, ends)]
    positives = np.flatnonzero(is_hit)
    groups = np.append(np.searchsorted(positives, starts), len(positives))
    gained = _drawn(draws, order[positives], groups).astype(np.float64)
    hits = gained.cumsum(axis=0)  # (g, b)
    misses, in_tie = after - hits, after - before - gained
    absent = draws.sum(axis=0, dtype=np.float64) - hits[-1]
    ranked = (gained * (absent - misses + in_tie / 2)).sum(axis=0)
    steps = (gained * hits / np.maximum(after, 1)).sum(axis=0)
    pairs = hits[-1] * absent
    undefined = np.full_like(pairs, np.nan)
    return (
        np.divide(ranked, pairs, out=undefined.copy(), where=pairs > 0),
        np.divide(steps, hits[-1], out=undefined, where=pairs > 0),
    )


def _drawn(
    draws: NDArray[np.floating], images: NDArray[np.int64], edges: NDArray[np.int64]
) -> NDArray[np.floating]:
    """How often the images between two edges are drawn (e - 1, b): a sparse product of ones."""
    one = np.ones(edges[-1], dtype=draws.dtype)
    between = csr_array((one, images[: edges[-1]], edges), shape=(len(edges) - 1, len(draws)))
    drawn: NDArray[np.floating] = between @ draws
    return drawn


def _same_shape(first: NDArray[np.generic], second: NDArray[np.generic]) -> None:
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(f"expected two (n, C) arrays of one shape: {first.shape}, {second.shape}")
