"""Quality of suggestions: every model as the program tunes it, beside scikit-learn, on one split.

    python -m benchmarks.model_quality PROJECT [--minutes 40] [--trials 60]
        [--dropped 0.3 --copy FOLDER] [--truth TABLE] [--models NAME ...] [--seed 0]

The project must be encoded and prepared. Every model is tuned by ``clipkw tune --model all``, in
so many minutes in all; killed, the same call goes on. Each is then held against the test set: as it
is, with class-wise thresholds, and calibrated. Then the peers: k nearest neighbors weighted by
distance, and one-vs-rest logistic regression, tuned on validation likewise; and how much better
than each other model the one is that the program recommends, calibrated as it makes suggestions.

``--dropped`` takes that part of the keywords away from training and validation images of a copy of
the project, by the seed; the test set keeps them all. ``--truth`` is a CSV (path, keywords joined
by ;) that knows the keywords of the test images better than the project does, as that of a drawn
archive.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import EncoderError
from core.evaluation.comparison import difference, score
from core.evaluation.curves import calibration_curve, keyword_calibration_error
from core.models.calibration import KeywordCalibration
from core.models.combined import Combined
from core.models.thresholds import best_threshold, class_thresholds
from core.progress import Silent
from core.types import Confidences, Decision, ImageId, Vectors
from core.workflows import browse, label
from core.workflows.dataset import Dataset, prepared_dataset
from core.workflows.evaluate import why_without_names
from core.workflows.experiments import list_experiments
from core.workflows.fitted_models import FittedModel, fitted_model, materials_of
from core.workflows.model_plans import PLANS, ModelPlan
from core.workflows.project import Project, open_project
from core.workflows.recipes import Materials
from core.workflows.recommendation import recommended_model
from core.workflows.tune import TuneSettings, tune
from core.workflows.tune_all import tune_all

NEIGHBORS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200)
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)

MOST_SETTINGS = 8

Truth = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Said:
    """Confidences of one model on validation and test (n, C)."""

    name: str
    validation: Confidences
    test: Confidences
    settings: str
    trials: int


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("project", type=Path)
    arguments.add_argument("--minutes", type=float, default=40, help="of tuning, all models")
    arguments.add_argument("--trials", type=int, default=60)
    arguments.add_argument("--dropped", type=float, default=0.0, help="part of the keywords")
    arguments.add_argument("--copy", type=Path, help="where the project without them is made")
    arguments.add_argument("--truth", type=Path, help="CSV: path, keywords joined by ;")
    arguments.add_argument("--models", nargs="*", help="only these: NAME or NAME/VARIANT")
    arguments.add_argument("--seed", type=int, default=0)
    chosen = arguments.parse_args()
    if bool(chosen.dropped) != bool(chosen.copy):
        arguments.error("--dropped and --copy belong together")
    warnings.simplefilter("ignore")
    if chosen.copy and not chosen.copy.exists():
        make_copy(chosen.project, chosen.copy, chosen.dropped, chosen.seed)
    with open_project(chosen.copy or chosen.project) as project:
        settings = TuneSettings(trials=chosen.trials, seed=chosen.seed)
        plans = wanted_plans(chosen.models)
        if chosen.models:
            for plan in plans:
                seconds = 60 * chosen.minutes / len(plans)
                tune(project, plan.name, plan.variant, settings, seconds=seconds)
        else:
            tune_all(project, settings, 60 * chosen.minutes)
        data = prepared_dataset(project)
        truth = true_labels(project, data, chosen.truth) if chosen.truth else data.test.truth
        describe(data, truth, chosen.dropped)
        heading()
        said = models(project, data, truth, plans)
        peers = [nearest_neighbors(data), logistic_regression(data)]
        for peer in peers:
            show(peer, data, truth)
        wanted = recommended_model(project)
        if wanted is not None and wanted.title in said:
            others = [*peers, *(one for title, one in said.items() if title != wanted.title)]
            compare(said[wanted.title], others, data, truth)


def wanted_plans(names: Sequence[str] | None) -> list[ModelPlan]:
    """Those with one of the names NAME or NAME/VARIANT; all without names."""
    return [
        plan
        for plan in PLANS
        if not names or {plan.name, f"{plan.name}/{plan.variant}"} & set(names)
    ]


def models(
    project: Project, data: Dataset, truth: Truth, plans: Sequence[ModelPlan]
) -> dict[str, Said]:
    """What each model says, by its title; shown at once."""
    materials = materials_of(project, data)
    said: dict[str, Said] = {}
    for plan in plans:
        without = why_without_names(materials, plan)
        if without:
            print(f"{plan.title}: {without}")
            continue
        try:
            fitted = fitted_model(project, materials, plan, Silent())
        except EncoderError as error:
            print(f"{plan.title}: {error}")
            continue
        said[plan.title] = ask(project, fitted, materials)
        show(said[plan.title], data, truth)
    return said


def ask(project: Project, fitted: FittedModel, materials: Materials) -> Said:
    model, data = fitted.estimator, materials.data
    rows = {row.id: row for row in list_experiments(project)}
    trials = 0 if fitted.experiment is None else rows[fitted.experiment].trials
    return Said(
        fitted.plan.title,
        model.predict_confidence(data.validation.vectors),
        model.predict_confidence(data.test.vectors),
        settings_of(fitted),
        trials,
    )


def settings_of(fitted: FittedModel) -> str:
    model = fitted.estimator
    if isinstance(model, Combined):
        parts = zip(model.parts, model.weights_, strict=True)
        return ", ".join(f"{part.name} {weight:.2f}" for part, weight in parts)
    searched = {one.name for one in fitted.plan.recipe.space} | {"temperature"}
    known = {name: value for name, value in fitted.parameters.items() if name in searched}
    if len(known) > MOST_SETTINGS:
        return f"{sum(value > 0 for value in known.values())} of {len(known)} contexts"
    return ", ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in known.items())


def make_copy(folder: Path, copy: Path, part: float, seed: int) -> None:
    """The project without that part of the keywords of its training and validation images."""
    shutil.copytree(folder, copy)
    random = np.random.default_rng(seed)
    with open_project(copy) as project:
        data = prepared_dataset(project)
        cleared = [
            Decision(ImageId(int(images.images[row])), data.keywords[column].id, None)
            for images in (data.train, data.validation)
            for row, column in np.argwhere(images.truth).tolist()
            if random.random() < part
        ]
        label.decide(project, cleared, "Drop keywords")


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
    validation, predict, value = max(
        ((p(data.validation.vectors), p, v) for v, p in ((v, fitted(v)) for v in values)),
        key=lambda one: best_threshold(data.validation.truth, one[0])[1],
    )
    test = predict(data.test.vectors)
    return Said(name, validation, test, f"{setting} {value}", len(values))


def describe(data: Dataset, truth: Truth, dropped: float) -> None:
    print(
        f"{len(data.train)} training, {len(data.validation)} validation, {len(data.test)} test "
        f"images; {len(data.keywords)} keywords, prevalence {truth.mean():.4f} on test; "
        f"{dropped:.0%} of the keywords of training and validation dropped"
    )


COLUMNS = "F2 | precision | recall | macro F2 | micro AP | macro AP | F2 class thresholds | "
COLUMNS += "F2 calibrated | calibration error | per keyword | trials | settings"


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
    print(f"| {one.name} | " + " | ".join([*cells, one.settings]) + " |", flush=True)


def compare(best: Said, others: Sequence[Said], data: Dataset, truth: Truth) -> None:
    """Paired bootstrap: how much better the recommended model is, calibrated, than each other."""
    known = data.validation.truth
    calibration = KeywordCalibration.fit(best.validation, known)
    threshold, _ = best_threshold(known, calibration.calibrate(best.validation))
    ours = score(truth, calibration.calibrate(best.test), threshold)
    for other in others:
        theirs = score(truth, other.test, best_threshold(known, other.validation)[0])
        gap = difference(ours, theirs)
        print(
            f"{best.name}, calibrated, against {other.name}: "
            f"{100 * (ours.micro.f2 - theirs.micro.f2):+.1f} points micro F2 "
            f"(95 % between {100 * gap.low:+.1f} and {100 * gap.high:+.1f}), "
            f"{100 * (ours.macro.average_precision - theirs.macro.average_precision):+.1f} "
            "points macro average precision",
            flush=True,
        )


if __name__ == "__main__":
    main()
