"""Calibration and precision-recall curves of confidences (n, C), all keywords pooled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.evaluation.metrics import Counts, Floats, Truth
from core.types import Confidences

BINS = 10
MOST_POINTS = 400


@dataclass(frozen=True, eq=False, slots=True)
class CalibrationCurve:
    """In each of b bins of equal width: mean confidence, part truly positive, how many (b,).

    An empty bin has NaN and 0.
    """

    confidence: Floats
    positive: Floats
    count: Counts

    @property
    def error(self) -> float:
        """Mean distance between confidence and truth, each bin weighted by its size, in [0, 1]."""
        total = self.count.sum()
        if not total:
            return 0.0
        away = np.abs(np.nan_to_num(self.confidence) - np.nan_to_num(self.positive))
        return float(away @ self.count / total)


def calibration_curve(
    truth: Truth, confidences: Confidences, bins: int = BINS, least: float = 0.0
) -> CalibrationCurve:
    """How often what is believed is true; confidences below ``least`` are left out.

    Most confidences are 0 and rightly so: leaving them out shows what an analyst sees.
    """
    shown = confidences >= least
    found = np.asarray(confidences[shown], dtype=np.float64)
    place = np.minimum((found * bins).astype(np.int64), bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(place, weights=found, minlength=bins) / count
        positive = np.bincount(place, weights=truth[shown], minlength=bins) / count
    return CalibrationCurve(mean, positive, count)


def keyword_calibration_error(truth: Truth, confidences: Confidences, bins: int = BINS) -> float:
    """Mean calibration error of the keywords, each on its own, in [0, 1]."""
    errors = [
        calibration_curve(truth[:, [c]], confidences[:, [c]], bins).error
        for c in range(truth.shape[1])
    ]
    return float(np.mean(errors)) if errors else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class PrecisionRecallCurve:
    """Precision and recall (p,) at falling thresholds (p,), all in [0, 1]."""

    threshold: Floats
    precision: Floats
    recall: Floats


def precision_recall_curve(
    truth: Truth, confidences: Confidences, most: int = MOST_POINTS
) -> PrecisionRecallCurve:
    """The curve over all thresholds, thinned to ``most`` points spread evenly in recall."""
    values = np.asarray(confidences, dtype=np.float64).ravel()
    order = np.argsort(-values, kind="stable")
    values = values[order]
    last_of_tie = np.flatnonzero(np.append(values[1:] != values[:-1], True)[: len(values)])
    hits = np.cumsum(truth.ravel()[order])[last_of_tie]
    if not len(hits) or not hits[-1]:
        return PrecisionRecallCurve(np.zeros(0), np.zeros(0), np.zeros(0))
    precision, recall = hits / (last_of_tie + 1), hits / hits[-1]
    if len(recall) > most:
        wanted = np.linspace(recall[0], recall[-1], most)
        kept = np.unique(np.searchsorted(recall, wanted))
    else:
        kept = np.arange(len(recall))
    return PrecisionRecallCurve(values[last_of_tie[kept]], precision[kept], recall[kept])
