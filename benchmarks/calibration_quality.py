"""How far confidences are from the truth on the test set, calibrated and not.

    python -m benchmarks.calibration_quality PROJECT [--models NAME ...]

The project must be encoded, prepared and tuned (``clipkw tune --model all``); measured is the model
that the program recommends, or those named (NAME or NAME/VARIANT). It has learnt on training
images, its calibration on validation, and neither from the test set.

The calibration error of a keyword: its test images are put in the order of their confidence and cut
into ten bins of equally many; in each, the mean confidence is held against the part that truly has
the keyword, and the distances are averaged. Then three ways to pool: the mean of all keywords'
errors, which the target speaks of; all pairs of image and keyword in bins together; and the same
for the pairs that the window shows, those of at least 0.01, calibrated.

Ten bins are never quite right by chance alone. How far off a perfectly calibrated model would be is
found by drawing the truth anew from the confidences themselves, twenty times.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.model_quality import Said, Truth, ask, wanted_plans
from benchmarks.record import Figure, Record
from core.models.calibration import KeywordCalibration
from core.progress import Silent
from core.types import Confidences
from core.workflows.dataset import Dataset, prepared_dataset
from core.workflows.fitted_models import fitted_model, materials_of
from core.workflows.model_plans import find_plan
from core.workflows.project import open_project
from core.workflows.recommendation import recommended_model
from core.workflows.suggest import RUNNER_UP

BINS = 10
DRAWS = 20
TARGET = 0.02

Error = Callable[[Truth, Confidences], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--models", nargs="*", help="NAME or NAME/VARIANT")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    with open_project(chosen.project) as project:
        data = prepared_dataset(project)
        plans = wanted_plans(chosen.models)
        if not chosen.models:
            wanted = recommended_model(project)
            if wanted is None:
                parser.error("no model is recommended yet: clipkw tune --model all")
            plans = [find_plan(wanted.name, wanted.variant)]
        materials = materials_of(project, data)
        for plan in plans:
            said = ask(project, fitted_model(project, materials, plan, Silent()), materials)
            measure(said, data)


def measure(said: Said, data: Dataset) -> None:
    record = Record(
        "calibration_quality",
        f"{len(data.train)} training, {len(data.validation)} validation, {len(data.test)} test "
        f"images, {len(data.keywords)} keywords, prevalence {100 * data.test.truth.mean():.1f} %; "
        f"{BINS} bins of equally many",
    )
    calibration = KeywordCalibration.fit(said.validation, data.validation.truth)
    calibrated, truth = calibration.calibrate(said.test), data.test.truth
    shown = calibrated >= RUNNER_UP

    def of_shown(known: Truth, confidences: Confidences) -> float:
        return binned_error(known[shown], confidences[shown])

    ways: dict[str, tuple[Error, float | None]] = {
        "mean error of the keywords": (keyword_error, TARGET),
        "all pairs in bins together": (binned_error, None),
        f"pairs that are shown ({shown.mean():.1%} of all)": (of_shown, None),
    }
    for way, (error, target) in ways.items():
        found = error(truth, calibrated)
        record.add(
            "calibration",
            f"{said.name}: {way}",
            Figure(found, "", "calibrated"),
            peers=[Figure(error(truth, said.test), "", "not calibrated")],
            limit=Figure(by_chance(error, calibrated), "", "by chance alone"),
            target=f"at most {target}" if target else "",
            met=found <= target if target else None,
        )


def binned_error(truth: NDArray[np.bool_], confidences: Confidences) -> float:
    """Mean distance of confidence and truth, both of one shape, in bins of equally many.

    What has the same confidence counts with its mean truth: a bin that ends among it takes an even
    share, whatever order the images have.
    """
    values, place, many = np.unique(confidences, return_inverse=True, return_counts=True)
    place = np.sort(place.ravel())
    right = np.bincount(np.searchsorted(values, confidences.ravel()), weights=truth.ravel()) / many
    parts = np.array_split(values[place].astype(np.float64) - right[place], BINS)
    return sum(abs(float(part.sum())) for part in parts) / truth.size


def keyword_error(truth: Truth, confidences: Confidences) -> float:
    """The mean over the keywords (C) of (n, C) of each one's own error."""
    errors = [binned_error(*one) for one in zip(truth.T, confidences.T, strict=True)]
    return float(np.mean(errors))


def by_chance(error: Error, confidences: Confidences) -> float:
    """The error that confidences have which are right."""
    random = np.random.default_rng(0)
    draws = [random.random(confidences.shape) < confidences for _ in range(DRAWS)]
    return float(np.mean([error(drawn, confidences) for drawn in draws]))


if __name__ == "__main__":
    main()
