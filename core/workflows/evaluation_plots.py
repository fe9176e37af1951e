"""The plots of an evaluation's report."""

from __future__ import annotations

from collections.abc import Iterable

from core.reporting.figures import Axis, Line, line_plot
from core.reporting.page import Section
from core.workflows.evaluation_record import (
    CALIBRATION,
    LEARNING,
    PRECISION_RECALL,
    Curve,
    Evaluation,
)

_UNIT = (0.0, 1.0)


def calibration(evaluation: Evaluation) -> Section:
    """How often suggestions of a confidence are right, the best models'."""
    curves = [one for one in evaluation.curves if one.kind == CALIBRATION]
    lines = [Line(one.title, one.x, one.y, dots=True) for one in _few(curves, evaluation)]
    lines.append(Line("Exact", _UNIT, _UNIT, dashed=True))
    axes = Axis("Confidence", limits=_UNIT), Axis("Part that is right", limits=_UNIT)
    return Section(
        "Calibration",
        (
            "Of suggestions with a confidence of 80 %, eight in ten should be right. Confidences "
            "below 1 % are left out.",
        ),
        figures=((line_plot(lines, *axes, size=(7, 5)), "Calibration on the test set."),),
    )


def precision_recall(evaluation: Evaluation) -> Section:
    """Precision over recall of every model."""
    curves = [one for one in evaluation.curves if one.kind == PRECISION_RECALL]
    lines = [Line(one.title, one.x, one.y) for one in curves]
    axes = Axis("Recall", limits=_UNIT), Axis("Precision", limits=_UNIT)
    drawn = line_plot(lines, *axes, size=(7, 5))
    return Section("Precision and recall", figures=((drawn, "At every threshold."),))


def learning_curve(evaluation: Evaluation) -> Section | None:
    """F2 over the number of labeled images; None if it was not measured."""
    curves = [one for one in evaluation.curves if one.kind == LEARNING]
    if not curves:
        return None
    lines = [
        Line(one.title, one.x, one.y, dots=len(one.x) > 2, dashed=len(one.x) == 2) for one in curves
    ]
    said = [
        f"{title} is better than the language-image model from {images} labeled images on."
        if images is not None
        else f"{title} is not better than the language-image model with any number of images."
        for title, images in evaluation.overtakes.items()
    ]
    drawn = line_plot(
        lines, Axis("Labeled images", logarithmic=True), Axis("F2", limits=_UNIT), size=(7, 4.5)
    )
    return Section(
        "Learning curve",
        tuple(said),
        figures=((drawn, "F2 on the test set over the labeled images (section 6.3)."),),
    )


def _few(curves: Iterable[Curve], evaluation: Evaluation) -> list[Curve]:
    """The best model and neighbor search, as they are and calibrated: more would hide them."""
    best = [evaluation.models[place] for place in evaluation.best]
    leader = max(best, key=lambda one: one.validation_f2)
    wanted = {leader.title, *(one.title for one in best if one.name == "neighbor-search")}
    return [one for one in curves if one.title.removesuffix(", calibrated") in wanted]
