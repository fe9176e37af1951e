"""Linear probe: one-vs-rest logistic regression on frozen vectors (beyond the thesis).

All keywords are solved at once: every step is two matrix products, whatever their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.models.base import (
    Exclusions,
    Labels,
    Limits,
    SettingLimits,
    check_fit,
    check_settings,
    row_blocks,
    sparse_labels,
)
from core.progress import Progress, Silent
from core.types import Confidences, Vectors

_Floats = NDArray[np.float64]
_AT_ONCE = 400_000
"""Scores worked on at once: they stay near the processor."""
_CERTAIN = 30.0
"""Intercept of a keyword that no image has, or that all have (negative, positive)."""


class LinearProbe:
    """Confidence of a keyword: the logistic function of a weighted sum of the vector's entries.

    Minimises, for each keyword, ||w||^2 / 2 + C times the sum of the logistic losses, as
    scikit-learn's ``LogisticRegression`` does; the intercept is free.

    Parameters
    ----------
    inverse_regularization:
        C, above 0: the higher, the closer it fits the references.
    balance:
        0 counts every image alike, 1 counts the images with and without the keyword as if they
        were equally many (``class_weight="balanced"``); in between, the weights to that power.
    max_steps:
        Of L-BFGS, at least 1; it ends earlier when the gradient has vanished.
    """

    name: ClassVar[str] = "linear-probe"
    limits: ClassVar[SettingLimits] = {
        "inverse_regularization": Limits(1e-6, 1e6),
        "balance": Limits(0, 1),
        "max_steps": Limits(1, whole=True),
    }

    def __init__(
        self, inverse_regularization: float = 10.0, balance: float = 0.0, max_steps: int = 300
    ) -> None:
        self.inverse_regularization = inverse_regularization
        self.balance = balance
        self.max_steps = max_steps

    def fit(self, references: Vectors, labels: Labels, progress: Progress | None = None) -> Self:
        """Learn from vectors (N, d) and labels (N, C) of 0 and 1.

        A keyword that no reference has, or that all have, is certain. Raises ValueError for
        settings out of range, arrays that do not fit and references that are none.
        """
        check_settings(self)
        check_fit(references, labels)
        if not len(references):
            raise ValueError("a linear probe needs references")
        truth = csr_array(sparse_labels(labels))
        positives = np.asarray(truth.sum(axis=0), dtype=np.float64)
        mixed = np.flatnonzero((positives > 0) & (positives < len(references)))
        self.coefficients_ = np.zeros((len(positives), references.shape[1]), dtype=np.float32)
        self.intercepts_ = np.where(positives > 0, _CERTAIN, -_CERTAIN).astype(np.float32)
        if len(mixed):
            # the intercept is not penalised, so a shift of the vectors changes nothing but speed
            centre = references.mean(axis=0, dtype=np.float64).astype(np.float32)
            weights = self._solve(references - centre, truth[:, mixed], progress or Silent())
            self.coefficients_[mixed] = weights[:, :-1]
            self.intercepts_[mixed] = weights[:, -1] - weights[:, :-1] @ centre
        return self

    def predict_confidence(self, queries: Vectors, exclude: Exclusions = None) -> Confidences:  # noqa: ARG002
        """Confidences (n, C) in [0, 1] for unit vectors (n, d); no single reference speaks."""
        from scipy.special import expit

        confidences: Confidences = expit(queries @ self.coefficients_.T + self.intercepts_)
        return confidences

    def _solve(self, vectors: Vectors, truth: csr_array, progress: Progress) -> _Floats:
        """Weights and intercepts (C, d + 1) at the minimum."""
        from scipy.optimize import minimize

        many, dimension = vectors.shape
        keywords = truth.shape[1]
        positives = np.asarray(truth.sum(axis=0), dtype=np.float64)
        for_present = (many / (2 * positives)) ** self.balance
        for_absent = (many / (2 * (many - positives))) ** self.balance
        odds = for_present * positives / (for_absent * (many - positives))
        strength = 1 / (self.inverse_regularization * many)
        # Along the principal axes, in units of the curvature at the start, all directions are
        # about equally steep: a fifth of the steps will do.
        spectrum, axes = np.linalg.eigh((vectors.T @ vectors / many).astype(np.float64))
        turned = vectors @ axes.astype(np.float32)
        weight = (for_present * positives + for_absent * (many - positives)) / many
        curvature = weight * odds / (1 + odds) ** 2
        steepness = np.outer(curvature, np.append(np.maximum(spectrum, 0), 1))
        steepness[:, :-1] += strength
        unit = 1 / np.sqrt(steepness)  # (C, d + 1)
        blocks = [
            _Block(turned[rows], *truth[rows].nonzero())
            for rows in row_blocks(many, keywords, _AT_ONCE)
        ]
        steps = 0

        def loss(flat: _Floats) -> tuple[float, _Floats]:
            weights = flat.reshape(keywords, dimension + 1) * unit
            gradient = np.zeros_like(weights)
            total = 0.0
            for block in blocks:
                part = _loss_block(block, weights, for_present, for_absent)
                total += part[0]
                gradient += part[1]
            gradient /= many
            gradient[:, :-1] += strength * weights[:, :-1]
            penalty = strength / 2 * float(np.square(weights[:, :-1]).sum())
            return total / many + penalty, (gradient * unit).ravel()

        def step_done(_: _Floats) -> None:
            nonlocal steps
            steps += 1
            progress.report(steps, self.max_steps)
            progress.checkpoint()

        start = np.zeros((keywords, dimension + 1))
        start[:, -1] = np.log(odds) / unit[:, -1]
        options = {"maxiter": self.max_steps, "maxcor": 20, "gtol": 1e-6, "ftol": 1e-9}
        found = minimize(
            loss, start.ravel(), jac=True, method="L-BFGS-B", callback=step_done, options=options
        )
        weights = np.asarray(found.x).reshape(keywords, dimension + 1) * unit
        weights[:, :-1] = weights[:, :-1] @ axes.T
        return weights


@dataclass(frozen=True, eq=False, slots=True)
class _Block:
    """Vectors (b, d) of some images, and the ``rows`` and ``columns`` of their keywords."""

    vectors: Vectors
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]


def _loss_block(
    block: _Block,
    weights: _Floats,
    for_present: _Floats,
    for_absent: _Floats,
) -> tuple[float, _Floats]:
    """Sum of the weighted logistic losses of a block of images, and its gradient (C, d + 1)."""
    single = weights.astype(np.float32)
    scores = block.vectors @ single[:, :-1].T + single[:, -1]  # (b, C)
    rows, columns = block.rows, block.columns
    at_present = scores[rows, columns].astype(np.float64)
    # log(1 + e^s) for an absent keyword, log(1 + e^s) - s for a present one
    softplus = np.maximum(scores, 0) + np.log1p(np.exp(-np.abs(scores)))
    shared = softplus[rows, columns].astype(np.float64)
    total = float(softplus.sum(axis=0, dtype=np.float64) @ for_absent)
    total += float(((for_present - for_absent)[columns] * shared).sum())
    total -= float((for_present[columns] * at_present).sum())
    residual = np.exp(scores - softplus)  # the logistic function, which cannot overflow so
    found = residual[rows, columns]
    residual *= for_absent.astype(np.float32)
    residual[rows, columns] = for_present[columns] * (found - 1)
    gradient = np.empty_like(weights)
    gradient[:, :-1] = residual.T @ block.vectors
    gradient[:, -1] = residual.sum(axis=0, dtype=np.float64)
    return total, gradient
