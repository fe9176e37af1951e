"""How good a model is with fewer labeled images (thesis section 6.3).

Subsets are nested: what is added to a smaller one makes the larger one, so that a curve shows what
more images bring and not which ones were drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.evaluation.metrics import Truth, confusion
from core.models.base import Estimator
from core.models.thresholds import best_threshold
from core.progress import Progress
from core.types import Confidences, Vectors

Build: TypeAlias = Callable[[Vectors, csr_array], Estimator]
"""A model fitted to references (m, d) and labels (m, C)."""

SMALLEST = 10
STEPS = 9


@dataclass(frozen=True, eq=False, slots=True)
class LearningCurve:
    """Micro F2 (s,) of a model with the first ``sizes`` (s,) labeled images."""

    sizes: NDArray[np.int64]
    f2: NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Asked:
    """Images whose keywords are known: unit ``vectors`` (n, d) and their ``truth`` (n, C)."""

    vectors: Vectors
    truth: Truth


def curve_sizes(images: int, steps: int = STEPS, smallest: int = SMALLEST) -> NDArray[np.int64]:
    """Sizes from ``smallest`` to all images, evenly spaced in their logarithm."""
    if images <= smallest:
        return np.array([images] if images else [], dtype=np.int64)
    return np.unique(np.geomspace(smallest, images, steps).round().astype(np.int64))


def learning_curves(
    builds: Mapping[str, Build],
    references: Vectors,
    labels: csr_array,
    validation: Asked,
    test: Asked,
    progress: Progress,
    *,
    sizes: Sequence[int] | NDArray[np.int64] | None = None,
    seed: int = 0,
) -> dict[str, LearningCurve]:
    """The curve of each model, fitted to nested subsets of references (N, d), labels (N, C).

    At every size the threshold is the best one on ``validation``; F2 is that on ``test``.
    """
    steps = curve_sizes(len(references)) if sizes is None else np.asarray(sizes, dtype=np.int64)
    order = np.random.default_rng(seed).permutation(len(references))
    found: dict[str, list[float]] = {name: [] for name in builds}
    total = len(steps) * len(builds)
    for done, size in enumerate(steps.tolist()):
        kept = np.sort(order[:size])
        vectors, known = references[kept], csr_array(labels[kept])
        for place, (name, build) in enumerate(builds.items()):
            progress.checkpoint()
            model = build(vectors, known)
            found[name].append(_f2(model.predict_confidence, validation, test))
            progress.report(done * len(builds) + place + 1, total, f"{name}, {size} images")
    return {name: LearningCurve(steps, np.asarray(values)) for name, values in found.items()}


def overtaking_size(curve: LearningCurve, level: float) -> int | None:
    """The fewest labeled images from which on ``curve`` stays above ``level``; None: never."""
    above = curve.f2 > level
    if not len(above) or not above[-1]:
        return None
    below = np.flatnonzero(~above)
    return int(curve.sizes[below[-1] + 1 if len(below) else 0])


def _f2(predict: Callable[[Vectors], Confidences], validation: Asked, test: Asked) -> float:
    threshold, _ = best_threshold(validation.truth, predict(validation.vectors))
    predicted = predict(test.vectors) >= threshold
    return float(confusion(test.truth, predicted).pooled().f_score(2)[0])
