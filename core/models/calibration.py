"""Calibrated confidences: of suggestions with 0.8, eight in ten are right (beyond the thesis).

Platt's method ("Probabilistic outputs for support vector machines", 1999), once for all keywords
together and then for each: its own slope and intercept are drawn towards those of all, so that a
keyword with few cases hardly leaves them and one with many is fitted alone. How strongly follows
from how much the keywords differ beyond chance: empirical Bayes, by expectation maximisation with
Laplace's approximation (Gelman et al., "Bayesian Data Analysis", chapters 5 and 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.models.base import row_blocks
from core.types import Confidences

BINS = 10
_FIRST_PRECISION = 3.0
_PRECISIONS = (1e-2, 1e6)
_ROUNDS = 15
_UNCHANGED = 0.03
_FLOOR = 1e-3
_LOOSE = 1e-3
_STEPS = 100
_HALVINGS = 40
_SETTLED = 1e-11
_ROUNDING = 1e-12
_SINGLE_ROUNDING = 1e-6
_LEVELS = 1_769
"""Of log odds, 1/128 apart: far below what validation can tell."""
_AT_ONCE = 400_000
"""Values of keywords and levels worked on at once: they stay near the processor."""

_Floats = NDArray[np.float64]


def log_odds(confidences: Confidences) -> _Floats:
    """Log odds of confidences in [0, 1], squeezed a little so that 0 and 1 have some, too."""
    inside = np.asarray(confidences, dtype=np.float64) * (1 - 2 * _FLOOR) + _FLOOR
    odds: _Floats = np.log(inside) - np.log1p(-inside)
    return odds


@dataclass(frozen=True, eq=False, slots=True)
class KeywordCalibration:
    """What the confidences of a model were worth on validation, keyword by keyword.

    The log odds of a calibrated confidence are ``slopes`` (C,), at least 0, times the log odds of
    the model's, plus ``intercepts`` (C,). ``cases`` (C, 10) counts the validation images by
    calibrated confidence, in tenths, and ``right`` (C, 10) those of them that have the keyword.
    """

    slopes: _Floats
    intercepts: _Floats
    cases: NDArray[np.int64]
    right: NDArray[np.int64]

    @classmethod
    def fit(
        cls,
        confidences: Confidences,
        truth: NDArray[np.bool_],
        shrinkage: float | None = None,
    ) -> Self:
        """Learn from confidences (n, C) in [0, 1] and the truth (n, C) of images not learnt from.

        ``shrinkage`` is the precision of the normal distributions of slopes and intercepts around
        those of all; None finds it. Raises ValueError for arrays of different or other shapes,
        confidences outside [0, 1] and a shrinkage that is not above 0.
        """
        if truth.ndim != 2 or truth.shape != confidences.shape:
            raise ValueError(f"expected two (n, C) arrays: {truth.shape}, {confidences.shape}")
        if not (np.abs(confidences - 0.5) <= 0.5 + _SINGLE_ROUNDING).all():
            raise ValueError("the confidences hold NaN or values outside [0, 1]")
        if shrinkage is not None and not shrinkage > 0:
            raise ValueError(f"the shrinkage must be above 0, not {shrinkage}")
        tally = _Tally.of(confidences, truth)
        common_slope, common_intercept = (
            float(part[0]) for part in _lines(tally.together(), _LOOSE)
        )
        common = replace(tally, scores=common_slope * tally.scores + common_intercept)
        slopes, intercepts = _lines(common, shrinkage)
        intercepts += slopes * common_intercept
        slopes *= common_slope
        empty = np.zeros((len(slopes), BINS), dtype=np.int64)
        uncounted = cls(slopes, intercepts, empty, empty)
        cases, right = _count(uncounted.calibrate(confidences), truth)
        return cls(slopes, intercepts, cases, right)

    def calibrate(self, confidences: Confidences) -> Confidences:
        """Calibrated confidences (n, C) in [0, 1]; no order within a keyword is reversed."""
        from scipy.special import expit

        calibrated = np.empty(confidences.shape, dtype=np.float32)
        for block in row_blocks(len(confidences), confidences.shape[1]):
            calibrated[block] = expit(self.slopes * log_odds(confidences[block]) + self.intercepts)
        return calibrated

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The parts by name, to be stored."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Raises ValueError for a missing part, one of another shape, and values not finite."""
        try:
            slopes, intercepts = (
                np.array(arrays[name], dtype=np.float64) for name in ("slopes", "intercepts")
            )
            cases, right = (np.array(arrays[name], dtype=np.int64) for name in ("cases", "right"))
        except KeyError as error:
            raise ValueError(f"the calibration lacks {error}") from error
        keywords = slopes.shape
        if (
            len(keywords) != 1
            or intercepts.shape != keywords
            or not cases.shape == right.shape == (*keywords, BINS)
        ):
            raise ValueError("the calibration has arrays of other shapes")
        if not (np.isfinite(slopes).all() and np.isfinite(intercepts).all()):
            raise ValueError("the calibration holds NaN or infinite values")
        return cls(slopes, intercepts, cases, right)


@dataclass(frozen=True, eq=False, slots=True)
class _Tally:
    """Images by keyword and confidence: a fit takes as long for millions as for thousands.

    ``scores`` (l,) are levels of log odds, ``cases`` (C, l) the images nearest to each, and
    ``right`` (C, l) those of them that have the keyword.
    """

    scores: _Floats
    cases: NDArray[np.integer]
    right: NDArray[np.integer]

    @classmethod
    def of(cls, confidences: Confidences, truth: NDArray[np.bool_]) -> Self:
        keywords = truth.shape[1]
        low, high = log_odds(np.array([0, 1], dtype=np.float32))
        cases, right = (np.zeros((keywords, _LEVELS), dtype=np.int32) for _ in range(2))
        for block in row_blocks(keywords, max(_LEVELS, len(truth))):
            known = truth[:, block]
            place = (log_odds(confidences[:, block]) - low) * ((_LEVELS - 1) / (high - low))
            level = np.rint(place).astype(np.int64) + _LEVELS * np.arange(known.shape[1])
            for counts, of_images in ((cases, level.ravel()), (right, level[known])):
                counted = np.bincount(of_images, minlength=_LEVELS * known.shape[1])
                counts[block] = counted.reshape(-1, _LEVELS)
        return cls(np.linspace(low, high, _LEVELS), cases, right)

    def together(self) -> Self:
        """All keywords as a single one."""
        cases, right = (part.sum(axis=0, keepdims=True) for part in (self.cases, self.right))
        return replace(self, cases=cases, right=right)


def _lines(tally: _Tally, shrinkage: float | None) -> tuple[_Floats, _Floats]:
    """Slope, at least 0, and intercept (C,) of each keyword, drawn to 1 and 0."""
    keywords = len(tally.cases)
    lines = np.stack([np.ones(keywords), np.zeros(keywords)])
    variances = np.zeros_like(lines)
    precision = np.full(2, shrinkage or _FIRST_PRECISION)
    blocks = row_blocks(keywords, len(tally.scores), _AT_ONCE)
    for _ in range(_ROUNDS):
        for block in blocks:
            cases, right = tally.cases[block], tally.right[block]
            occurs = cases.any(axis=0)
            lines[:, block], variances[:, block] = _newton(
                tally.scores[occurs], cases[:, occurs], right[:, occurs], precision, lines[:, block]
            )
        if shrinkage is not None or not keywords:
            break
        spread = ((lines - [[1], [0]]) ** 2 + variances).mean(axis=1)
        found = np.clip(1 / spread, *_PRECISIONS)
        if np.abs(np.log(found / precision)).max() < _UNCHANGED:
            break
        precision = found
    reversed_ = np.flatnonzero(lines[0] < 0)
    if len(reversed_):
        cases, right = (
            part[reversed_].sum(axis=1, keepdims=True) for part in (tally.cases, tally.right)
        )
        lines[0, reversed_] = 0
        start = np.zeros((2, len(reversed_)))
        lines[1, reversed_] = _newton(np.zeros(1), cases, right, precision, start)[0][1]
    return lines[0], lines[1]


def _newton(
    scores: _Floats,
    cases: NDArray[np.integer],
    right: NDArray[np.integer],
    precision: _Floats,
    lines: _Floats,
) -> tuple[_Floats, _Floats]:
    """The most probable lines (2, k), from ``lines`` on, and their variances (2, k).

    Newton's steps are halved until they descend.
    """

    def loss(lines: _Floats) -> _Floats:
        at = np.multiply.outer(lines[0], scores) + lines[1][:, None]  # (k, l)
        penalty = (precision[0] * (lines[0] - 1) ** 2 + precision[1] * lines[1] ** 2) / 2
        found: _Floats = (cases * np.logaddexp(0, at) - right * at).sum(axis=1) + penalty
        return found

    value = loss(lines)
    for _ in range(_STEPS):
        step, gain, variances = _newton_step(lines, scores, cases, right, precision)
        if (gain <= _SETTLED * (1 + value)).all():
            break
        reached = loss(lines - step)
        for _ in range(_HALVINGS):
            worse = reached > value * (1 + _ROUNDING)
            if not worse.any():
                break
            step[:, worse] /= 2
            reached = loss(lines - step)
        lines, value = lines - step, reached
    return lines, variances


def _newton_step(
    lines: _Floats,
    scores: _Floats,
    cases: NDArray[np.integer],
    right: NDArray[np.integer],
    precision: _Floats,
) -> tuple[_Floats, _Floats, _Floats]:
    """What to take off the lines (2, k), what that may gain (k,), and their variances (2, k)."""
    from scipy.special import expit

    believed = expit(np.multiply.outer(lines[0], scores) + lines[1][:, None])  # (k, l)
    expected = cases * believed
    residual = expected - right
    curvature = expected * (1 - believed)
    slope = residual @ scores + precision[0] * (lines[0] - 1)
    intercept = residual.sum(axis=1) + precision[1] * lines[1]
    slope_twice = curvature @ scores**2 + precision[0]
    mixed = curvature @ scores
    intercept_twice = curvature.sum(axis=1) + precision[1]
    determinant = slope_twice * intercept_twice - mixed**2
    step = np.stack(
        [
            (intercept_twice * slope - mixed * intercept) / determinant,
            (slope_twice * intercept - mixed * slope) / determinant,
        ]
    )
    variances = np.stack([intercept_twice, slope_twice]) / determinant
    return step, (step[0] * slope + step[1] * intercept) / 2, variances


def _count(
    calibrated: Confidences, truth: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Images (C, 10) of each keyword by tenths of confidence, and those that have it."""
    keywords = truth.shape[1]
    tenth = np.minimum((calibrated * BINS).astype(np.int64), BINS - 1)
    place = tenth + BINS * np.arange(keywords)
    size = keywords * BINS
    cases = np.bincount(place.ravel(), minlength=size).reshape(keywords, BINS)
    right = np.bincount(place[truth], minlength=size).reshape(keywords, BINS)
    return cases, right
