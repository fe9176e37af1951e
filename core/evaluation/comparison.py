"""All metrics of a model, with bootstrap intervals, comparable to those of other models.

Thesis sections 2.1.6 and 4.3; averages as scikit-learn's: *micro* pools all predictions, *macro*
is the mean over keywords, *weighted* the mean weighted by how many images carry each keyword.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.evaluation import metrics
from core.evaluation.metrics import Confusion, Counts, Floats, Truth
from core.types import Confidences

RESAMPLES = 1000
RANKED_RESAMPLES = 200
"""At most so many for ROC AUC and average precision, which need every image of every set; down to
50 for large test sets, whose intervals are narrow."""
LEVEL = 0.95
_RESAMPLED_VALUES = 4_000_000
_RANKED_VALUES = 200_000_000


@dataclass(frozen=True, slots=True)
class Scores:
    """One average of every metric, each in [0, 1]; all but ``mse``: higher is better.

    ``roc_auc`` and ``average_precision`` are NaN where no keyword is both present and absent.
    """

    f1: float
    f2: float
    precision: float
    recall: float
    specificity: float
    accuracy: float
    mse: float
    roc_auc: float
    average_precision: float


@dataclass(frozen=True, slots=True)
class Interval:
    """Where 95 % of the resampled test sets put a metric."""

    low: float
    high: float


@dataclass(frozen=True, eq=False, slots=True)
class KeywordScores:
    """Every metric of each of the C keywords (C,), ``f2_low`` and ``f2_high`` its interval."""

    support: Counts
    f1: Floats
    f2: Floats
    precision: Floats
    recall: Floats
    specificity: Floats
    accuracy: Floats
    mse: Floats
    roc_auc: Floats
    average_precision: Floats
    f2_low: Floats
    f2_high: Floats


@dataclass(frozen=True, eq=False, slots=True)
class ModelScores:
    """What a model is worth on n images and C keywords.

    ``intervals`` has one for every metric, by names such as "micro.f2", "macro.recall" and
    "subset_accuracy"; of ``mse`` for the micro average only, of ``roc_auc`` and
    ``average_precision`` for the others. ``resampled_f2`` (B,) are the micro F2 of the resampled
    test sets, the same ones for every model.
    """

    micro: Scores
    macro: Scores
    weighted: Scores
    subset_accuracy: float
    keywords: KeywordScores
    intervals: Mapping[str, Interval]
    resampled_f2: Floats


Thresholds: TypeAlias = float | NDArray[np.floating]
"""One for all keywords, or one for each (C,)."""


def score(
    truth: Truth,
    confidences: Confidences,
    thresholds: Thresholds,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> ModelScores:
    """Measure confidences (n, C) in [0, 1]; those at or above their threshold are positive.

    The intervals come from ``resamples`` draws of n images with replacement. Raises ValueError for
    arrays of different shapes.
    """
    predicted = confidences >= thresholds
    outcome = metrics.confusion(truth, predicted)
    errors = np.square(confidences - truth, dtype=np.float64)
    each = _per_keyword(outcome, truth, confidences, errors)
    macro, weighted = _average(each, None), _average(each, outcome.support)
    samples = _resampled(truth, predicted, errors, resamples, seed)
    keyword_f2 = samples.pop("keywords.f2")
    samples |= _ranked(truth, confidences, resamples, seed)
    low, high = _bounds(keyword_f2) if resamples else (each["f2"], each["f2"])
    return ModelScores(
        _pooled(outcome, truth, confidences, errors),
        macro,
        weighted,
        metrics.subset_accuracy(truth, predicted),
        KeywordScores(support=outcome.support, **each, f2_low=low, f2_high=high),
        {
            name: Interval(*(float(bound) for bound in _bounds(values)))
            for name, values in samples.items()
            if resamples
        },
        samples["micro.f2"],
    )


def difference(one: ModelScores, other: ModelScores) -> Interval:
    """How much better ``one`` is than ``other`` in micro F2, on the same resampled test sets.

    An interval that holds 0 says that the test set cannot tell them apart. Raises ValueError
    for scores with different numbers of resampled sets.
    """
    low, high = _bounds(one.resampled_f2 - other.resampled_f2)
    return Interval(float(low), float(high))


def _per_keyword(
    outcome: Confusion, truth: Truth, confidences: Confidences, errors: Floats
) -> dict[str, Floats]:
    return {
        **_of_counts(outcome),
        "mse": errors.mean(axis=0) if len(truth) else np.zeros(truth.shape[1]),
        "roc_auc": metrics.roc_auc(truth, confidences),
        "average_precision": metrics.average_precision(truth, confidences),
    }


def _of_counts(outcome: Confusion) -> dict[str, Floats]:
    return {
        "f1": outcome.f_score(1),
        "f2": outcome.f_score(2),
        "precision": outcome.precision(),
        "recall": outcome.recall(),
        "specificity": outcome.specificity(),
        "accuracy": outcome.accuracy(),
    }


def _average(each: Mapping[str, Floats], weights: Counts | None) -> Scores:
    """Mean over keywords; those whose value is not defined are left out."""
    averages = {}
    for field in fields(Scores):
        values = each[field.name]
        defined = np.isfinite(values)
        share = defined.astype(np.float64) if weights is None else defined * weights
        total = share.sum()
        found = float(np.where(defined, values, 0) @ share / total) if total else 0.0
        averages[field.name] = found if defined.any() else float("nan")
    return Scores(**averages)


def _pooled(outcome: Confusion, truth: Truth, confidences: Confidences, errors: Floats) -> Scores:
    flat, flat_confidences = truth.reshape(-1, 1), confidences.reshape(-1, 1)
    pooled = {name: float(value[0]) for name, value in _of_counts(outcome.pooled()).items()}
    return Scores(
        **pooled,
        mse=float(errors.mean()) if errors.size else 0.0,
        roc_auc=float(metrics.roc_auc(flat, flat_confidences)[0]),
        average_precision=float(metrics.average_precision(flat, flat_confidences)[0]),
    )


def _resampled(
    truth: Truth, predicted: Truth, errors: Floats, resamples: int, seed: int
) -> dict[str, Floats]:
    """Metrics of resampled test sets (B,), and "keywords.f2" (B, C), from counts per image."""
    hits, found, present = (
        csr_array(part, dtype=np.float32) for part in (truth & predicted, predicted, truth)
    )
    right = (truth == predicted).all(axis=1).astype(np.float64)
    squares = errors.mean(axis=1) if errors.size else np.zeros(len(truth))
    parts: list[dict[str, Floats]] = []
    for draws in _draws(len(truth), resamples, seed):
        counts = _confusion_of(draws, hits, found, present)
        size = draws.sum(axis=1)
        pooled = Confusion(
            *(getattr(counts, field.name).sum(axis=1) for field in fields(Confusion))
        )
        by_keyword = _of_counts(counts)
        support = counts.support
        part = {f"micro.{name}": value for name, value in _of_counts(pooled).items()}
        for name, value in by_keyword.items():
            part[f"macro.{name}"] = value.mean(axis=1) if value.shape[1] else np.zeros(len(draws))
            total = np.maximum(support.sum(axis=1), 1)
            part[f"weighted.{name}"] = (value * support).sum(axis=1) / total
        part["micro.mse"] = draws @ squares / np.maximum(size, 1)
        part["subset_accuracy"] = draws @ right / np.maximum(size, 1)
        part["keywords.f2"] = by_keyword["f2"]
        parts.append(part)
    if not parts:
        return {"micro.f2": np.zeros(0), "keywords.f2": np.zeros((0, truth.shape[1]))}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _ranked(truth: Truth, confidences: Confidences, resamples: int, seed: int) -> dict[str, Floats]:
    """Means over the keywords of resampled test sets (B,), without sets where none is defined."""
    present = truth.astype(np.float64)
    found: dict[str, list[Floats]] = {}
    enough = min(RANKED_RESAMPLES, max(50, _RANKED_VALUES // max(1, truth.size)))
    for draws in _draws(len(truth), min(resamples, enough), seed):
        support = draws @ present
        area, precision = metrics.resampled_ranking(truth, confidences, draws)
        for name, values in (("roc_auc", area), ("average_precision", precision)):
            is_defined = np.isfinite(values)
            for average, weights in (("macro", is_defined), ("weighted", is_defined * support)):
                total = weights.sum(axis=1, dtype=np.float64)
                pooled = (np.where(is_defined, values, 0) * weights).sum(axis=1)
                found.setdefault(f"{average}.{name}", []).append(
                    pooled[total > 0] / total[total > 0]
                )
    joined = {name: np.concatenate(parts) for name, parts in found.items()}
    return {name: values for name, values in joined.items() if len(values)}


def _draws(images: int, resamples: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """How often each image is drawn, in blocks (b, n)."""
    rng = np.random.default_rng(seed)
    step = max(1, _RESAMPLED_VALUES // max(1, images))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        chosen = rng.integers(0, images, (rows, images)) if images else np.zeros((rows, 0), int)
        chosen += np.arange(rows)[:, None] * images
        times = np.bincount(chosen.ravel(), minlength=rows * images)
        yield times.reshape(rows, images).astype(np.float32)


def _confusion_of(
    draws: NDArray[np.float32], hits: csr_array, found: csr_array, present: csr_array
) -> Confusion:
    """Outcomes of each resampled set and keyword (b, C)."""
    true_positive, positive, support = (
        np.rint((part.T @ draws.T).T).astype(np.int64) for part in (hits, found, present)
    )
    size = draws.sum(axis=1, dtype=np.float64).astype(np.int64)[:, None]
    return Confusion(
        true_positive,
        positive - true_positive,
        support - true_positive,
        size - positive - support + true_positive,
    )


def _bounds(samples: Floats) -> tuple[Floats, Floats]:
    outside = (1 - LEVEL) / 2
    low, high = np.quantile(samples, (outside, 1 - outside), axis=0)
    return low, high
