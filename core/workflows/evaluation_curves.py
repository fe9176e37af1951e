"""The lines of the evaluation's plots."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from scipy.sparse import csr_array

from core.evaluation.curves import calibration_curve, precision_recall_curve
from core.evaluation.learning_curve import (
    Asked,
    Build,
    LearningCurve,
    curve_sizes,
    learning_curves,
    overtaking_size,
)
from core.models.base import Estimator
from core.progress import Progress
from core.types import Vectors
from core.workflows.dataset import Dataset
from core.workflows.evaluation_record import CALIBRATION, LEARNING, PRECISION_RECALL, Curve
from core.workflows.measuring import Measured
from core.workflows.recipes import Fitted

SHOWN_FROM = 0.01
"""What is suggested at all: the many confidences of nearly 0 would hide the rest."""


def confidence_curves(measured: Sequence[Measured], data: Dataset) -> list[Curve]:
    """Calibration and precision-recall curves on the test set."""
    found = []
    for one in measured:
        line = calibration_curve(data.test.truth, one.test, least=SHOWN_FROM)
        filled = line.count > 0
        found.append(
            Curve(
                CALIBRATION,
                one.result.title,
                tuple(line.confidence[filled].tolist()),
                tuple(line.positive[filled].tolist()),
                tuple(line.count[filled].tolist()),
            )
        )
        if one.result.refinement:
            continue  # calibration hardly changes the order
        both = precision_recall_curve(data.test.truth, one.test)
        found.append(
            Curve(
                PRECISION_RECALL,
                one.result.title,
                tuple(both.recall.tolist()),
                tuple(both.precision.tolist()),
            )
        )
    return found


def learning(
    measured: Sequence[Measured],
    text: Measured | None,
    data: Dataset,
    seed: int,
    progress: Progress,
) -> tuple[list[Curve], dict[str, int | None]]:
    """F2 over the number of labeled images, and from how many on a model beats the text model."""
    builds: dict[str, Build] = {
        one.result.title: partial(_build, one)
        for one in measured
        if isinstance(one.fitted.plan.recipe, Fitted)
    }
    whole = {one.result.title: one.result.micro.f2 for one in measured}
    validation, test = (Asked(part.vectors, part.truth) for part in (data.validation, data.test))
    smaller = curve_sizes(len(data.train))[:-1]
    train = data.train
    fitted = learning_curves(
        builds, train.vectors, train.labels, validation, test, progress, sizes=smaller, seed=seed
    )
    found = {
        title: LearningCurve(np.append(smaller, len(train)), np.append(one.f2, whole[title]))
        for title, one in fitted.items()
    }
    lines = [
        Curve(LEARNING, title, tuple(map(float, one.sizes)), tuple(one.f2.tolist()))
        for title, one in found.items()
    ]
    if text is None or not lines:
        return lines, {}
    level = text.result.micro.f2
    ends = (lines[0].x[0], lines[0].x[-1])
    lines.append(Curve(LEARNING, text.result.title, ends, (level, level)))
    return lines, {title: overtaking_size(one, level) for title, one in found.items()}


def _build(one: Measured, references: Vectors, labels: csr_array) -> Estimator:
    """The model of some of the training images."""
    recipe = one.fitted.plan.recipe
    assert isinstance(recipe, Fitted)
    return recipe.estimator(**one.fitted.parameters).fit(references, labels)
