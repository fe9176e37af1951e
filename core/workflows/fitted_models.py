"""Models ready to be compared: as they were tuned, or as they are before any tuning."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.catalog import experiments
from core.errors import EncoderError, ProjectError
from core.models.base import Estimator
from core.models.calibration import KeywordCalibration
from core.models.thresholds import best_threshold, class_thresholds
from core.progress import Progress
from core.types import Experiment, ExperimentId, ExperimentState
from core.workflows.comparison import CACHE_FOLDER
from core.workflows.dataset import Dataset
from core.workflows.model_files import StoredModel, model_path, read_estimator, write_estimator
from core.workflows.model_plans import ModelPlan, find_plan
from core.workflows.project import Project
from core.workflows.recipes import Checkpoint, Materials
from core.workflows.records import reading

TUNING = "tuning"
_FORMAT = 4
LONGEST_TRAINING = 300.0
"""Seconds: what an evaluation would wait for longer than this has to be tuned first."""


@dataclass(frozen=True, eq=False, slots=True)
class FittedModel:
    """A model with its ``parameters``, and the experiment they come from, if it was tuned."""

    plan: ModelPlan
    estimator: Estimator
    parameters: dict[str, Any]
    experiment: ExperimentId | None


def tuned_experiment(project: Project, plan: ModelPlan, data: Dataset) -> Experiment | None:
    """The newest finished tuning of a model on this preparation, with this encoder."""
    for known in experiments.list_experiments(project.catalog):
        if (
            (known.kind, known.model, known.variant) == (TUNING, plan.name, plan.variant)
            and known.state is ExperimentState.DONE
            and (known.preparation, known.encoder) == (data.preparation, data.encoder)
        ):
            return known
    return None


def materials_of(
    project: Project, data: Dataset, checkpoint: Checkpoint | None = None
) -> Materials:
    """What models of a project are made of."""
    return Materials(project, data, checkpoint, partial(_part, project))


def is_too_slow(materials: Materials, plan: ModelPlan, tuned: Experiment | None) -> bool:
    """Whether an evaluation would wait long for a model that nobody has tuned."""
    seconds = plan.recipe.expected_seconds(materials, plan.recipe.defaults)
    return tuned is None and seconds > LONGEST_TRAINING


def _part(
    project: Project, materials: Materials, name: str, variant: str, progress: Progress
) -> Estimator | None:
    """A model as a part of another one, if there is what it needs."""
    plan = find_plan(name, variant)
    tuned = tuned_experiment(project, plan, materials.data)
    if plan.names is not None and not materials.has_names(plan.names):
        return None
    if is_too_slow(materials, plan, tuned):
        return None
    try:
        return fitted_model(project, materials, plan, progress).estimator
    except EncoderError:  # without it no caption can be encoded
        return None


def starting_parameters(project: Project, plan: ModelPlan, data: Dataset) -> dict[str, Any]:
    """Settings before any tuning: those of the thesis, and what tuning found for the sibling.

    Fine-tuning thus begins with a model that is already as good as it can be without (thesis
    section 4.2).
    """
    settings = dict(plan.recipe.defaults)
    if plan.sibling:
        sibling = find_plan(plan.name, plan.sibling)
        tuned = tuned_experiment(project, sibling, data)
        found = {} if tuned is None else tuned_parameters(tuned)
        settings |= {one.name: found[one.name] for one in sibling.recipe.space if found}
    return settings


def tuned_parameters(tuned: Experiment) -> dict[str, Any]:
    """The best settings of a finished tuning; :class:`ProjectError` if its record is damaged."""
    with reading(f"Experiment {tuned.id}", "Tune the model again, or choose another one."):
        return dict(json.loads(tuned.result)["parameters"])


def _parameters(
    project: Project, plan: ModelPlan, data: Dataset, tuned: Experiment | None
) -> dict[str, Any]:
    """Those that tuning found, or those to start from."""
    found = {} if tuned is None else tuned_parameters(tuned)
    return {**starting_parameters(project, plan, data), **found}


def fitted_model(
    project: Project, materials: Materials, plan: ModelPlan, progress: Progress
) -> FittedModel:
    """The model of the newest tuning on this preparation, else as it is before any tuning.

    What has learnt for longer is read from its file, or kept in the cache for the next time.
    """
    tuned = tuned_experiment(project, plan, materials.data)
    parameters = _parameters(project, plan, materials.data, tuned)
    experiment = None if tuned is None else tuned.id
    estimator = None
    if tuned is not None and tuned.data_version == materials.data.version:
        estimator = _stored(model_path(project, tuned.id), materials.data)
    if estimator is None:
        estimator = _kept_or_fitted(project, materials, plan, parameters, progress)
    return FittedModel(plan, estimator, parameters, experiment)


def _kept_or_fitted(
    project: Project,
    materials: Materials,
    plan: ModelPlan,
    parameters: dict[str, Any],
    progress: Progress,
) -> Estimator:
    if not plan.recipe.is_worth_keeping:
        return plan.recipe.fit(materials, parameters, progress)
    version = materials.data.version
    what = json.dumps([_FORMAT, plan.name, plan.variant, parameters])
    digest = hashlib.sha256(what.encode()).hexdigest()[:16]
    folder = project.folder / CACHE_FOLDER
    path = folder / f"fitted-{version}-{digest}.safetensors"
    known = _stored(path, materials.data)
    if known is not None:
        return known
    estimator = plan.recipe.fit(materials, parameters, progress)
    write_estimator(path, estimator, materials.data.keyword_ids)
    for older in folder.glob("fitted-*.safetensors"):
        if not older.name.startswith(f"fitted-{version}-"):
            older.unlink(missing_ok=True)
    return estimator


def _stored(path: Path, data: Dataset) -> Estimator | None:
    """The model in a file, if it is sound and has the keywords of the data."""
    try:
        estimator, keywords = read_estimator(path)
    except ProjectError:
        return None
    return estimator if np.array_equal(keywords, data.keyword_ids) else None


def fit_model(
    materials: Materials, plan: ModelPlan, parameters: dict[str, Any], progress: Progress
) -> tuple[StoredModel, dict[str, float]]:
    """A model with its thresholds on validation, and micro F2 there with either kind."""
    data = materials.data
    estimator = plan.recipe.fit(materials, parameters, progress)
    confidences = estimator.predict_confidence(data.validation.vectors)
    truth = data.validation.truth
    threshold, f2 = best_threshold(truth, confidences)
    of_class = class_thresholds(truth, confidences)
    calibration = KeywordCalibration.fit(confidences, truth)
    stored = StoredModel(
        None if plan.recipe.keeps_references else estimator,
        data.keyword_ids,
        data.train.images,
        threshold,
        of_class,
        calibration,
        best_threshold(truth, calibration.calibrate(confidences))[0],
    )
    found = confidences >= of_class
    hits, taken, positives = (int(part.sum()) for part in (found & truth, found, truth))
    own_f2 = 5 * hits / max(1, 4 * positives + taken)
    return stored, {"f2": f2, "class_thresholds_f2": own_f2}
