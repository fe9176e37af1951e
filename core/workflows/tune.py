"""Tuning: hyper-parameters that are best on validation, trial by trial (thesis 2.1.7, 4.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.catalog import experiments
from core.errors import Cancelled, ProjectError
from core.progress import Progress, Silent
from core.tuning.optimise import Method, optimise
from core.tuning.stopping import MOST_TRIALS
from core.types import Changes, ExperimentId, ExperimentState, Trial
from core.workflows.dataset import Dataset
from core.workflows.exclusive import exclusive
from core.workflows.fitted_models import TUNING, fit_model, materials_of
from core.workflows.model_files import (
    MODELS_FOLDER,
    TrainingNotes,
    model_path,
    write_model,
)
from core.workflows.model_plans import ModelPlan, find_plan
from core.workflows.project import Project
from core.workflows.ready_dataset import ready_dataset
from core.workflows.recipes import Materials

_STOPPED = (ExperimentState.RUNNING, ExperimentState.CANCELLED, ExperimentState.FAILED)


class Search(StrEnum):
    """How hyper-parameters are proposed."""

    GAUSSIAN_PROCESS = "gaussian-process"
    RANDOM = "random"
    GRID = "grid"


_METHODS: dict[Search, Method] = {
    Search.GAUSSIAN_PROCESS: "bayesian",
    Search.RANDOM: "random",
    Search.GRID: "grid",
}


@dataclass(frozen=True, slots=True)
class TuneSettings:
    """How to search; it ends before ``trials`` when the ten best lie within 0.1 points of F2."""

    search: Search = Search.GAUSSIAN_PROCESS
    trials: int = MOST_TRIALS
    seed: int = 0

    def __post_init__(self) -> None:
        if self.trials < 1:
            raise ProjectError("Tuning needs at least one trial.")
        if not 0 <= self.seed < 2**32:
            raise ProjectError("The seed must lie between 0 and 4294967295.")


@dataclass(frozen=True, slots=True)
class TunedModel:
    """The result of tuning: ``f2`` in [0, 1] is the best on validation, at ``threshold``."""

    experiment: ExperimentId
    name: str
    variant: str
    parameters: dict[str, Any]
    trials: int
    threshold: float
    f2: float
    class_thresholds_f2: float
    changes: Changes


def tune(
    project: Project,
    name: str,
    variant: str = "",
    settings: TuneSettings | None = None,
    progress: Progress | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> TunedModel:
    """Search the hyper-parameters of a model; the result is an experiment, not yet in use.

    Every trial is on the disk before the next one begins: killed, cancelled or failed, the same
    call goes on with the same experiment, as long as nothing that it learns from has changed.
    A model without hyper-parameters is measured once. Raises :class:`ProjectError` for an unknown
    model, an archive that cannot be prepared, and a model that another program is tuning.
    """
    plan = find_plan(name, variant)
    asked, watched = settings or TuneSettings(), progress or Silent()
    data = ready_dataset(project, watched)
    lock = project.folder / MODELS_FOLDER / f".{plan.name}.{plan.variant}.lock"
    with exclusive(lock, f"Tuning {plan.title}"):
        experiment = _begin(project, plan, asked, data)
        notes = TrainingNotes(project.folder / MODELS_FOLDER / f"{experiment}.training")
        try:
            materials = materials_of(project, data, notes)
            result = _search(project, experiment, materials, plan, asked, watched, on_trial)
        except Cancelled:
            _end(project, experiment, ExperimentState.CANCELLED, {})
            raise
        except Exception as error:
            _end(project, experiment, ExperimentState.FAILED, {"error": str(error)})
            raise
        notes.clear()
        return result


def _begin(
    project: Project, plan: ModelPlan, settings: TuneSettings, data: Dataset
) -> ExperimentId:
    """The experiment that was stopped before its end, or a new one."""
    wanted: dict[str, Any] = {
        "kind": TUNING,
        "model": plan.name,
        "variant": plan.variant,
        "settings": json.dumps(asdict(settings)),
        "seed": settings.seed,
        "preparation": data.preparation,
        "data_version": data.version,
        "encoder": data.encoder,
    }
    for known in experiments.list_experiments(project.catalog):
        same = all(getattr(known, name) == value for name, value in wanted.items())
        if same and known.state in _STOPPED:
            experiments.resume_experiment(project.catalog, known.id)
            return known.id
    return experiments.add_experiment(project.catalog, **wanted)


def _search(
    project: Project,
    experiment: ExperimentId,
    materials: Materials,
    plan: ModelPlan,
    settings: TuneSettings,
    progress: Progress,
    on_trial: Callable[[Trial], None] | None,
) -> TunedModel:
    catalog = project.catalog
    done = experiments.list_trials(catalog, experiment)

    def note(trial: Trial) -> None:
        experiments.add_trial(catalog, experiment, trial)
        done.append(trial)
        if on_trial is not None:
            on_trial(trial)

    best = optimise(
        plan.recipe.space,
        plan.recipe.objective(materials, progress),
        method=_METHODS[settings.search],
        trials=settings.trials,
        seed=settings.seed,
        known={one.name: plan.recipe.defaults[one.name] for one in plan.recipe.space},
        done=tuple(done),
        on_trial=note,
        progress=progress,
    )
    parameters = {**plan.recipe.defaults, **json.loads(best.parameters)}
    stored, scores = fit_model(materials, plan, parameters, progress)
    write_model(model_path(project, experiment), stored)
    _end(
        project,
        experiment,
        ExperimentState.DONE,
        {"parameters": parameters, "threshold": stored.threshold, "trials": len(done), **scores},
    )
    return TunedModel(
        experiment,
        plan.name,
        plan.variant,
        parameters,
        len(done),
        stored.threshold,
        scores["f2"],
        scores["class_thresholds_f2"],
        Changes(experiments_changed=True),
    )


def _end(
    project: Project, experiment: ExperimentId, state: ExperimentState, result: dict[str, Any]
) -> None:
    experiments.finish_experiment(project.catalog, experiment, state, json.dumps(result))
