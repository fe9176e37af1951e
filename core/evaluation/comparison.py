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
    return ResampledSets(truth, resamples, seed).score(confidences, thresholds)


@dataclass(frozen=True, eq=False, slots=True)
class Ranked:
    """What confidences are worth at any threshold.

    Of all keywords ``pooled`` and of each of them (C,) in ``keywords``: ``mse``, ``roc_auc`` and
    ``average_precision``; of the resampled sets (B,) what has an interval.
    """

    pooled: dict[str, float]
    keywords: dict[str, Floats]
    samples: dict[str, Floats]


class ResampledSets:
    """A test set and others drawn from its images with replacement, the same for every model."""

    def __init__(self, truth: Truth, resamples: int = RESAMPLES, seed: int = 0) -> None:
        """Of the truth (n, C): ``resamples`` draws of n images."""
        self._truth = truth
        self._draws = _draw(len(truth), resamples, seed)  # (n, B)
        enough = max(50, _RANKED_VALUES // max(1, truth.size))
        self._ranked_draws = self._draws[:, : min(RANKED_RESAMPLES, enough)].astype(np.float32)
        present = csr_array(truth, dtype=np.float32)
        self._support = np.concatenate(
            [_counts(present, draws) for draws in self._blocks()]
            or [np.zeros((0, truth.shape[1]), dtype=np.int64)]
        )

    def rank(self, confidences: Confidences) -> Ranked:
        """Measure confidences (n, C) in [0, 1] without any threshold.

        Raises ValueError for an array of another shape than the truth.
        """
        truth = self._truth
        area, precision = metrics.ranking(truth, confidences)
        errors = np.square(confidences - truth, dtype=np.float64)
        of_images = errors.mean(axis=1) if errors.size else np.zeros(len(truth))
        (pooled_area,), (pooled_precision,) = metrics.ranking(
            truth.reshape(-1, 1), confidences.reshape(-1, 1)
        )
        return Ranked(
            {
                "mse": float(errors.mean()) if errors.size else 0.0,
                "roc_auc": float(pooled_area),
                "average_precision": float(pooled_precision),
            },
            {
                "mse": errors.mean(axis=0) if len(truth) else np.zeros(truth.shape[1]),
                "roc_auc": area,
                "average_precision": precision,
            },
            {
                "micro.mse": self._mean(of_images),
                **self._resampled_ranking(confidences),
            },
        )

    def score(
        self, confidences: Confidences, thresholds: Thresholds, ranked: Ranked | None = None
    ) -> ModelScores:
        """Measure confidences (n, C) in [0, 1]; those at or above their threshold are positive.

        ``ranked`` is what :meth:`rank` has said of them, if that is known. Raises ValueError for an
        array of another shape than the truth.
        """
        known = self.rank(confidences) if ranked is None else ranked
        predicted = confidences >= thresholds
        outcome = metrics.confusion(self._truth, predicted)
        each = {**_of_counts(outcome), **known.keywords}
        samples = self._resampled(predicted)
        keyword_f2 = samples.pop("keywords.f2")
        has_any = len(keyword_f2) > 0
        low, high = _bounds(keyword_f2) if has_any else (each["f2"], each["f2"])
        pooled = {name: float(value[0]) for name, value in _of_counts(outcome.pooled()).items()}
        return ModelScores(
            Scores(**pooled, **known.pooled),
            _average(each, None),
            _average(each, outcome.support),
            metrics.subset_accuracy(self._truth, predicted),
            KeywordScores(support=outcome.support, **each, f2_low=low, f2_high=high),
            {
                name: Interval(*(float(bound) for bound in _bounds(values)))
                for name, values in (samples | known.samples).items()
                if len(values)
            },
            samples["micro.f2"],
        )

    def _resampled(self, predicted: Truth) -> dict[str, Floats]:
        """Metrics of the resampled sets (B,), and "keywords.f2" (B, C), from counts per image."""
        hits, found = (
            csr_array(part, dtype=np.float32) for part in (self._truth & predicted, predicted)
        )
        parts: list[dict[str, Floats]] = [_of_sets(Confusion(*[self._support[:0]] * 4))]
        begin = 0
        for draws in self._blocks():
            support = self._support[begin : begin + draws.shape[1]]
            begin += len(support)
            true_positive, positive = (_counts(part, draws) for part in (hits, found))
            counts = Confusion(
                true_positive,
                positive - true_positive,
                support - true_positive,
                len(predicted) - positive - support + true_positive,
            )
            parts.append(_of_sets(counts))
        samples = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        right = (self._truth == predicted).all(axis=1)
        return {**samples, "subset_accuracy": self._mean(right)}

    def _resampled_ranking(self, confidences: Confidences) -> dict[str, Floats]:
        """Means over the keywords of resampled sets (B,), without sets where none is defined."""
        draws = self._ranked_draws
        support = self._support[: draws.shape[1]].T  # (C, b)
        found = {}
        both = metrics.resampled_ranking(self._truth, confidences, draws)
        for name, values in zip(("roc_auc", "average_precision"), both, strict=True):
            is_defined = np.isfinite(values)
            for average, weights in (("macro", is_defined), ("weighted", is_defined * support)):
                total = weights.sum(axis=0, dtype=np.float64)
                pooled = (np.where(is_defined, values, 0) * weights).sum(axis=0)
                found[f"{average}.{name}"] = pooled[total > 0] / total[total > 0]
        return found

    def _mean(self, values: NDArray[np.generic]) -> Floats:
        """The mean over the images (n,) of each resampled set (B,)."""
        sums = [values.astype(np.float64) @ draws for draws in self._blocks()]
        return np.concatenate([np.zeros(0), *sums]) / max(1, len(values))

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        """Some of the resampled sets at a time (n, b)."""
        step = _sets_at_once(len(self._draws))
        for start in range(0, self._draws.shape[1], step):
            yield self._draws[:, start : start + step].astype(np.float32)


def difference(one: ModelScores, other: ModelScores) -> Interval:
    """How much better ``one`` is than ``other`` in micro F2, on the same resampled test sets.

    An interval that holds 0 says that the test set cannot tell them apart. Raises ValueError
    for scores with different numbers of resampled sets.
    """
    low, high = _bounds(one.resampled_f2 - other.resampled_f2)
    return Interval(float(low), float(high))


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


def _of_sets(counts: Confusion) -> dict[str, Floats]:
    """Metrics of b resampled sets (b,), and "keywords.f2" (b, C), from their outcomes (b, C)."""
    pooled = Confusion(*(getattr(counts, field.name).sum(axis=1) for field in fields(Confusion)))
    by_keyword = _of_counts(counts)
    support = counts.support
    total = np.maximum(support.sum(axis=1), 1)
    found = {f"micro.{name}": value for name, value in _of_counts(pooled).items()}
    for name, value in by_keyword.items():
        found[f"macro.{name}"] = value.sum(axis=1) / max(1, value.shape[1])
        found[f"weighted.{name}"] = (value * support).sum(axis=1) / total
    return {**found, "keywords.f2": by_keyword["f2"]}


def _sets_at_once(images: int) -> int:
    return max(1, _RESAMPLED_VALUES // max(1, images))


def _draw(images: int, resamples: int, seed: int) -> NDArray[np.uint8]:
    """How often each image is drawn (n, B); nobody has ever drawn one of many 256 times."""
    rng = np.random.default_rng(seed)
    times = np.zeros((images, resamples), dtype=np.uint8)
    step = _sets_at_once(images)
    for start in range(0, resamples if images else 0, step):
        rows = min(step, resamples - start)
        chosen = rng.integers(0, images, (rows, images))
        chosen += np.arange(rows)[:, None] * images
        counted = np.bincount(chosen.ravel(), minlength=rows * images)
        times[:, start : start + rows] = counted.reshape(rows, images).T
    return times


def _counts(present: csr_array, draws: NDArray[np.float32]) -> Counts:
    """How often each keyword (n, C) is in each resampled set (n, b): (b, C)."""
    counts: Counts = np.rint((present.T @ draws).T).astype(np.int64)
    return counts


def _bounds(samples: Floats) -> tuple[Floats, Floats]:
    outside = (1 - LEVEL) / 2
    low, high = np.quantile(samples, (outside, 1 - outside), axis=0)
    return low, high
