"""How good every model is on real photographs, beside scikit-learn on the same vectors and split.

Of a prepared project: every model and variant is tuned on validation, within a time limit each,
and held against the test set, as it is, with class-wise thresholds, and calibrated; the combined
model takes those of its parts that are there. Then the peers: k nearest neighbors weighted by
distance, and one-vs-rest logistic regression, tuned on validation likewise:

    python -m benchmarks.model_quality PROJECT [--seconds 120] [--trials 100] [--dropped 0.3]
        [--truth TABLE] [--models NAME ...] [--seed 0]

``--dropped`` takes that part of the keywords away from training and validation images, by the
seed; the test set keeps them all. ``--truth`` is a CSV (path, keywords joined by ;) that knows the
keywords of the test images better than the project does, as that of a made-up archive.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.errors import Cancelled, ClipkwError
from core.evaluation.comparison import difference, score
from core.evaluation.curves import calibration_curve, keyword_calibration_error
from core.models.base import Estimator
from core.models.calibration import KeywordCalibration
from core.models.thresholds import best_threshold, class_thresholds
from core.progress import Progress, Silent
from core.tuning.optimise import optimise
from core.types import Confidences, Trial, Vectors
from core.workflows import browse
from core.workflows.dataset import Dataset, Part, prepared_dataset
from core.workflows.model_plans import PLANS, ModelPlan
from core.workflows.project import Project, open_project
from core.workflows.recipes import Materials

NEIGHBORS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200)
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)

MOST_SETTINGS = 8
COMBINED = "combined"

Truth = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Said:
    """Confidences of one model on validation and test (n, C)."""

    name: str
    validation: Confidences
    test: Confidences
    settings: str
    trials: int
    seconds: float
    model: Estimator | None = None


class Deadline(Silent):
    """Stops what is still running after so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._end = time.perf_counter() + seconds

    def checkpoint(self) -> None:
        if time.perf_counter() > self._end:
            raise Cancelled


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("project", type=Path)
    arguments.add_argument("--seconds", type=float, default=120, help="of tuning, a model")
    arguments.add_argument("--trials", type=int, default=100)
    arguments.add_argument("--dropped", type=float, default=0.0, help="part of the keywords")
    arguments.add_argument("--truth", type=Path, help="CSV: path, keywords joined by ;")
    arguments.add_argument("--models", nargs="*", help="only these: NAME or NAME/VARIANT")
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    warnings.simplefilter("ignore")
    with open_project(chosen.project) as project:
        data = prepared_dataset(project)
        truth = true_labels(project, data, chosen.truth) if chosen.truth else data.test.truth
        data = with_dropped_keywords(data, chosen.dropped, chosen.seed)
        describe(data, truth, chosen.dropped)
        heading()
        bench = Bench(project, data, chosen.seconds, chosen.trials, chosen.seed)
        for plan in PLANS:
            name = f"{plan.name}/{plan.variant}"
            if chosen.models and not {plan.name, name} & {*chosen.models, COMBINED}:
                continue
            try:
                show(bench.tuned(plan), data, truth)
            except ClipkwError as error:
                print(f"{plan.name} {plan.variant}: {error}")
        peers = [nearest_neighbors(data), logistic_regression(data)]
        for peer in peers:
            show(peer, data, truth)
        together = bench.said[COMBINED, "as-is"]
        compare(together, [*peers, *(bench.said[part] for part in bench.parts)], data, truth)


def true_labels(project: Project, data: Dataset, table: Path) -> Truth:
    """The keywords (n, C) of the test images that a table knows."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = {row["path"]: row["keywords"].casefold() for row in csv.DictReader(stream)}
    columns = {keyword.no.casefold(): c for c, keyword in enumerate(data.keywords)}
    truth = np.zeros(data.test.labels.shape, dtype=np.bool_)
    for row, image in enumerate(browse.get_images(project, data.test.images.tolist())):
        names = [name.strip() for name in rows[image.path].split(";")]
        truth[row, [columns[name] for name in names if name in columns]] = True
    return truth


def with_dropped_keywords(data: Dataset, part: float, seed: int) -> Dataset:
    """Training and validation without that part of their keywords; none is left without any."""
    random = np.random.default_rng(seed)

    def dropped(images: Part) -> Part:
        dense = images.labels.toarray()
        kept = dense * (random.random(dense.shape) >= part)
        some = kept.any(axis=1)
        return Part(images.images[some], images.vectors[some], csr_array(kept[some]))

    if not part:
        return data
    return replace(data, train=dropped(data.train), validation=dropped(data.validation))


class Bench:
    """Tunes one model after the other; the combined one takes those that are there."""

    def __init__(
        self, project: Project, data: Dataset, seconds: float, trials: int, seed: int
    ) -> None:
        self.said: dict[tuple[str, str], Said] = {}
        self.parts: list[tuple[str, str]] = []
        self._seconds = seconds
        self._trials = trials
        self._seed = seed
        self._materials = Materials(project, data, part=self._part)

    def tuned(self, plan: ModelPlan) -> Said:
        """A model with the settings that are best on validation, its defaults among them."""
        started = time.perf_counter()
        recipe, data = plan.recipe, self._materials.data
        done = self._trials_of(plan) if recipe.space else []
        best = json.loads(max(done, key=lambda trial: trial.value).parameters) if done else {}
        model = recipe.fit(self._materials, best, Silent())
        numbers = [f"{name} {value:.4g}" for name, value in best.items()]
        if plan.name == COMBINED:
            numbers = [
                f"{part[0]} {w:.2f}" for part, w in zip(self.parts, model.weights_, strict=True)
            ]
        many = len(numbers) > MOST_SETTINGS
        said = Said(
            f"{plan.name} {plan.variant}",
            model.predict_confidence(data.validation.vectors),
            model.predict_confidence(data.test.vectors),
            f"{len(numbers)} context weights" if many else ", ".join(numbers),
            len(done),
            time.perf_counter() - started,
            model,
        )
        self.said[plan.name, plan.variant] = said
        return said

    def _trials_of(self, plan: ModelPlan) -> list[Trial]:
        recipe, deadline = plan.recipe, Deadline(self._seconds)
        defaults = {one.name: recipe.defaults[one.name] for one in recipe.space}
        first = recipe.objective(self._materials, Silent())(defaults)
        done = [Trial(0, json.dumps(defaults), first, 0.0)]
        with contextlib.suppress(Cancelled):
            optimise(
                recipe.space,
                recipe.objective(self._materials, deadline),
                trials=self._trials,
                seed=self._seed,
                done=list(done),
                on_trial=done.append,
                progress=deadline,
            )
        return done

    def _part(self, _: Materials, name: str, variant: str, __: Progress) -> Estimator | None:
        found = self.said.get((name, variant))
        if found is None:
            return None
        self.parts.append((name, variant))
        return found.model


def nearest_neighbors(data: Dataset) -> Said:
    """scikit-learn's k nearest neighbors, weighted by distance."""
    from sklearn.neighbors import KNeighborsClassifier

    def fitted(k: int) -> Callable[[Vectors], Confidences]:
        model = KNeighborsClassifier(k, weights="distance", algorithm="brute")
        model.fit(data.train.vectors, data.train.truth)
        return lambda vectors: positive(model.predict_proba(vectors), model.classes_)

    return best_peer("scikit-learn k nearest", "k", NEIGHBORS, fitted, data)


def positive(found: Sequence[NDArray[np.float64]], classes: Sequence[Truth]) -> Confidences:
    """The columns for "has the keyword" (n, C); 0 where training knows no image with it."""
    columns = [
        one[:, list(known).index(True)] if True in known else np.zeros(len(one))
        for one, known in zip(found, classes, strict=True)
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def logistic_regression(data: Dataset) -> Said:
    """scikit-learn's logistic regression, one against the rest."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    def fitted(strength: float) -> Callable[[Vectors], Confidences]:
        model = OneVsRestClassifier(LogisticRegression(C=strength, max_iter=1000))
        model.fit(data.train.vectors, data.train.truth.astype(int))
        return lambda vectors: model.predict_proba(vectors).astype(np.float32)

    return best_peer("scikit-learn logistic", "C", STRENGTHS, fitted, data)


def best_peer(
    name: str,
    setting: str,
    values: Sequence[Any],
    fitted: Callable[[Any], Callable[[Vectors], Confidences]],
    data: Dataset,
) -> Said:
    started = time.perf_counter()
    validation, predict, value = max(
        ((p(data.validation.vectors), p, v) for v, p in ((v, fitted(v)) for v in values)),
        key=lambda one: best_threshold(data.validation.truth, one[0])[1],
    )
    test = predict(data.test.vectors)
    seconds = time.perf_counter() - started
    return Said(name, validation, test, f"{setting} {value}", len(values), seconds)


def describe(data: Dataset, truth: Truth, dropped: float) -> None:
    print(
        f"{len(data.train)} training, {len(data.validation)} validation, {len(data.test)} test "
        f"images; {len(data.keywords)} keywords, prevalence {truth.mean():.4f} on test; "
        f"{dropped:.0%} of the keywords of training and validation dropped"
    )


COLUMNS = "F2 | precision | recall | macro F2 | micro AP | macro AP | F2 class thresholds | "
COLUMNS += "F2 calibrated | calibration error | per keyword | trials | s | settings"


def heading() -> None:
    print("| model | " + COLUMNS + " |")
    print("|---" * (COLUMNS.count("|") + 2) + "|", flush=True)


def show(one: Said, data: Dataset, truth: Truth) -> None:
    known = data.validation.truth
    common, _ = best_threshold(known, one.validation)
    plain = score(truth, one.test, common, resamples=0)
    of_class = score(truth, one.test, class_thresholds(known, one.validation), resamples=0)
    calibration = KeywordCalibration.fit(one.validation, known)
    validation, test = (calibration.calibrate(part) for part in (one.validation, one.test))
    calibrated = score(truth, test, best_threshold(known, validation)[0], resamples=0)
    errors = (
        calibration_curve(truth, one.test).error,
        calibration_curve(truth, test).error,
        keyword_calibration_error(truth, test),
    )
    numbers = (
        plain.micro.f2,
        plain.micro.precision,
        plain.micro.recall,
        plain.macro.f2,
        plain.micro.average_precision,
        plain.macro.average_precision,
        of_class.micro.f2,
        calibrated.micro.f2,
    )
    cells = [f"{100 * value:.1f}" for value in numbers]
    cells += [f"{errors[0]:.3f} → {errors[1]:.3f}", f"{errors[2]:.3f}", str(one.trials)]
    print(f"| {one.name} | " + " | ".join([*cells, f"{one.seconds:.0f}", one.settings]) + " |")


def compare(best: Said, others: Sequence[Said], data: Dataset, truth: Truth) -> None:
    """Paired bootstrap: how much better the combined model is, calibrated, than each other."""
    known = data.validation.truth
    calibration = KeywordCalibration.fit(best.validation, known)
    threshold, _ = best_threshold(known, calibration.calibrate(best.validation))
    ours = score(truth, calibration.calibrate(best.test), threshold)
    for other in others:
        theirs = score(truth, other.test, best_threshold(known, other.validation)[0])
        gap = difference(ours, theirs)
        print(
            f"combined, calibrated, against {other.name}: "
            f"{100 * (ours.micro.f2 - theirs.micro.f2):+.1f} points micro F2 "
            f"(95 % between {100 * gap.low:+.1f} and {100 * gap.high:+.1f}), "
            f"{100 * (ours.macro.average_precision - theirs.macro.average_precision):+.1f} "
            "points macro average precision",
            flush=True,
        )


if __name__ == "__main__":
    main()
