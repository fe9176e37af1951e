"""Several models as one, weighed on validation (beyond the thesis).

Each part is calibrated keyword by keyword; their log odds are added with one weight a part, at
least 0 and learnt by logistic regression: stacking (Wolpert, Neural Networks 5, 1992) as a
logarithmic opinion pool. So few numbers are learnt that a small validation set can bear it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from core.models.base import BLOCK_VALUES, Estimator, Exclusions, Labels, SettingLimits, row_blocks
from core.models.calibration import KeywordCalibration, log_odds
from core.models.thresholds import best_threshold
from core.types import Confidences, Vectors

_Floats = NDArray[np.float64]


class Combined:
    """Confidence of a keyword: the logistic function of its weighted log odds in several models.

    Parameters
    ----------
    parts:
        P models, at least one, of the same keywords.
    """

    name: ClassVar[str] = "combined"
    limits: ClassVar[SettingLimits] = {}

    def __init__(self, parts: Sequence[Estimator]) -> None:
        self.parts = parts

    def fit(self, references: Vectors, labels: Labels) -> Self:
        """Fit every part to references (N, d) and labels (N, C); all weigh the same.

        :meth:`combine` then finds better weights. Raises ValueError as the parts do, and without
        any.
        """
        if not self.parts:
            raise ValueError("a combined model needs at least one part")
        for part in self.parts:
            part.fit(references, labels)
        self._take(_Pool.even(len(self.parts), labels.shape[1]))
        return self

    def combine(self, confidences: Sequence[Confidences], truth: NDArray[np.bool_]) -> Self:
        """Learn the weights from what each fitted part says (n, C) on images not learnt from.

        Micro F2 at the best threshold is never lower than that of any part alone, on these images:
        if the weighted parts do not reach that, the best of them speaks alone. Raises ValueError
        for arrays that do not fit.
        """
        if not self.parts or len(confidences) != len(self.parts):
            raise ValueError(f"{len(confidences)} arrays of confidences, {len(self.parts)} parts")
        if any(one.shape != truth.shape for one in confidences):
            raise ValueError("confidences and truth differ in shape")
        self._take(_best_pool(confidences, truth))
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:
        """Confidences (n, C) in [0, 1] for unit vectors (n, d)."""
        said = [part.predict_confidence(queries, exclude) for part in self.parts]
        pool = _Pool(self.weights_, self.slopes_, self.intercepts_, float(self.bias_))
        return pool.mix(said)

    def _take(self, pool: _Pool) -> None:
        self.weights_ = pool.weights
        self.slopes_ = pool.slopes
        self.intercepts_ = pool.intercepts
        self.bias_ = pool.bias


@dataclass(frozen=True, eq=False, slots=True)
class _Pool:
    """``weights`` (P,) of the parts, whose log odds are ``slopes`` times theirs + ``intercepts``.

    Both (P, C). ``bias`` is added in the end.
    """

    weights: _Floats
    slopes: _Floats
    intercepts: _Floats
    bias: float = 0.0

    @classmethod
    def even(cls, parts: int, keywords: int) -> Self:
        """All parts as they are, with the same weight."""
        shape = (parts, keywords)
        return cls(np.full(parts, 1 / parts), np.ones(shape), np.zeros(shape))

    def mix(self, confidences: Sequence[Confidences]) -> Confidences:
        """Confidences (n, C) of all parts together."""
        from scipy.special import expit

        mixed = np.empty_like(confidences[0], dtype=np.float32)
        slopes = self.weights[:, None] * self.slopes
        intercept = self.weights @ self.intercepts + self.bias  # (C,)
        for block in row_blocks(len(mixed), len(intercept)):
            odds = np.tile(intercept, (len(mixed[block]), 1))
            for weight, slope, said in zip(self.weights, slopes, confidences, strict=True):
                if weight > 0:
                    odds += slope * log_odds(said[block])
            mixed[block] = expit(odds)
        return mixed


def _best_pool(confidences: Sequence[Confidences], truth: NDArray[np.bool_]) -> _Pool:
    """The weighted parts, or one alone, calibrated or as it is, if that has a higher F2."""
    parts, keywords = len(confidences), truth.shape[1]
    lines = [KeywordCalibration.fit(one, truth) for one in confidences]
    slopes = np.stack([line.slopes for line in lines])
    intercepts = np.stack([line.intercepts for line in lines])
    weights, bias = _stack(confidences, slopes, intercepts, truth)
    pools = [_Pool(weights, slopes, intercepts, bias)]
    as_they_are = _Pool.even(parts, keywords)
    for alone in np.eye(parts):
        pools.append(_Pool(alone, slopes, intercepts))
        pools.append(_Pool(alone, as_they_are.slopes, as_they_are.intercepts))
    return max(pools, key=lambda pool: best_threshold(truth, pool.mix(confidences))[1])


def _stack(
    confidences: Sequence[Confidences],
    slopes: _Floats,
    intercepts: _Floats,
    truth: NDArray[np.bool_],
) -> tuple[_Floats, float]:
    """Weights (P,) and bias with the lowest logistic loss, on as many images as fit in a block."""
    from scipy.optimize import minimize
    from scipy.special import expit

    parts = len(confidences)
    step = math.ceil(parts * truth.size / BLOCK_VALUES) if truth.size else 1
    wanted = truth[::step].ravel().astype(np.float64)
    odds = np.stack(
        [
            (slopes[place] * log_odds(one[::step]) + intercepts[place]).ravel()
            for place, one in enumerate(confidences)
        ]
    )  # (P, images * C)

    def loss(line: _Floats) -> tuple[float, _Floats]:
        at = line[:-1] @ odds + line[-1]
        residual = expit(at) - wanted
        value = float((np.logaddexp(0, at) - wanted * at).mean())
        return value, np.append(odds @ residual, residual.sum()) / len(wanted)

    start = np.append(np.full(parts, 1 / parts), 0.0)
    if not truth.size:
        return start[:-1], 0.0
    bounds = [(0.0, None)] * parts + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x[:-1]), float(found.x[-1])
