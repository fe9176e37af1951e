"""Models ready to be compared: as they were tuned, or with the settings of the thesis."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ProjectError
from core.models.base import Estimator
from core.progress import Progress
from core.types import Experiment, ExperimentId
from core.workflows.comparison import CACHE_FOLDER
from core.workflows.dataset import Dataset
from core.workflows.model_files import StoredModel, model_path, read_model, write_model
from core.workflows.model_plans import ModelPlan
from core.workflows.project import Project
from core.workflows.recipes import Materials
from core.workflows.tune import fit_model, tuned_experiment

_FORMAT = 1


@dataclass(frozen=True, eq=False, slots=True)
class FittedModel:
    """A model with its ``parameters``, and the experiment they come from, if it was tuned."""

    plan: ModelPlan
    estimator: Estimator
    parameters: dict[str, Any]
    experiment: ExperimentId | None


def parameters_of(plan: ModelPlan, experiment: Experiment | None) -> dict[str, Any]:
    """Those that tuning found, or those of the thesis."""
    found: dict[str, Any] = {} if experiment is None else json.loads(experiment.result)
    return {**plan.recipe.defaults, **found.get("parameters", {})}


def fitted_model(
    project: Project, materials: Materials, plan: ModelPlan, progress: Progress
) -> FittedModel:
    """The model of the newest tuning on this preparation, else with the settings of the thesis.

    What has learnt for longer is read from its file, or kept in the cache for the next time.
    """
    tuned = tuned_experiment(project, plan, materials.data)
    parameters = parameters_of(plan, tuned)
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
    if plan.recipe.keeps_references or plan.is_text:
        return plan.recipe.fit(materials, parameters, progress)
    version = materials.data.version
    what = json.dumps([_FORMAT, plan.name, plan.variant, parameters])
    digest = hashlib.sha256(what.encode()).hexdigest()[:16]
    folder = project.folder / CACHE_FOLDER
    path = folder / f"fitted-{version}-{digest}.safetensors"
    known = _stored(path, materials.data)
    if known is not None:
        return known
    stored, _ = fit_model(materials, plan, parameters, progress)
    write_model(path, stored)
    for older in folder.glob("fitted-*.safetensors"):
        if not older.name.startswith(f"fitted-{version}-"):
            older.unlink(missing_ok=True)
    assert stored.estimator is not None
    return stored.estimator


def _stored(path: Path, data: Dataset) -> Estimator | None:
    """The model in a file, if it is sound and has the keywords of the data."""
    try:
        found: StoredModel = read_model(path)
    except ProjectError:
        return None
    same = np.array_equal(found.keywords, [one.id for one in data.keywords])
    return found.estimator if same else None
