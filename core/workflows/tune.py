"""Tuning: hyper-parameters that are best on validation, trial by trial (thesis 2.1.7, 4.2)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from core.catalog import experiments
from core.errors import Cancelled, ProjectError
from core.progress import Progress, Silent
from core.tuning.optimise import Method, best_trial, optimise
from core.tuning.stopping import MOST_TRIALS
from core.types import Changes, Experiment, ExperimentId, ExperimentState, Trial
from core.workflows.dataset import Dataset
from core.workflows.exclusive import exclusive
from core.workflows.fitted_models import (
    TUNING,
    fit_model,
    materials_of,
    starting_parameters,
    tuned_experiment,
)
from core.workflows.model_files import (
    MODELS_FOLDER,
    StoredModel,
    TrainingNotes,
    model_path,
    read_model,
    write_model,
)
from core.workflows.model_plans import ModelPlan, find_plan
from core.workflows.partial_progress import OutOfTimeError, TimeLimit
from core.workflows.project import Project
from core.workflows.ready_dataset import ready_dataset
from core.workflows.recipes import Materials, OnlyStopping
from core.workflows.records import UNREADABLE, reading

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

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Self:
        """Those that an experiment keeps. Raises KeyError, TypeError, ValueError, ProjectError."""
        return cls(Search(record["search"]), int(record["trials"]), int(record["seed"]))


@dataclass(frozen=True, slots=True)
class TunedModel:
    """The result of tuning: ``f2`` in [0, 1] is the best on validation, at ``threshold``.

    ``is_complete`` unless it ended only because its time was over.
    """

    experiment: ExperimentId
    name: str
    variant: str
    parameters: dict[str, Any]
    trials: int
    threshold: float
    f2: float
    class_thresholds_f2: float
    is_complete: bool
    changes: Changes


def tune(
    project: Project,
    name: str,
    variant: str = "",
    settings: TuneSettings | None = None,
    progress: Progress | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    seconds: float | None = None,
) -> TunedModel:
    """Search the hyper-parameters of a model; the result is an experiment, not yet in use.

    Every trial is on the disk before the next one begins: killed, cancelled or failed, the same
    call goes on with the same experiment, as long as nothing that it learns from has changed.
    After ``seconds`` the best trial so far is taken, one at least; the same call later begins with
    these trials. A model that is fine-tuned starts from the tuned settings of its sibling, which
    is tuned first if nobody has. A model without hyper-parameters is measured once. Raises
    :class:`ProjectError` for an unknown model, an archive that cannot be prepared, and a model that
    another program is tuning.
    """
    plan = find_plan(name, variant)
    asked, watched = settings or TuneSettings(), progress or Silent()
    began = time.monotonic()
    data = ready_dataset(project, watched)
    if plan.sibling and tuned_experiment(project, find_plan(name, plan.sibling), data) is None:
        tune(project, name, plan.sibling, asked, watched, seconds=seconds)
    left = None if seconds is None else seconds - (time.monotonic() - began)
    limit = TimeLimit(watched, left)
    lock = project.folder / MODELS_FOLDER / f".{plan.name}.{plan.variant}.lock"
    with exclusive(lock, f"Tuning {plan.title}"):
        start = starting_parameters(project, plan, data)
        experiment, before = _begin(project, plan, asked, data, start)
        notes = TrainingNotes(project.folder / MODELS_FOLDER / f"{experiment}.training")
        search = _Search(project, experiment, before, plan, asked, start, notes, on_trial)
        try:
            result = search.run(materials_of(project, data, notes), limit)
        except Cancelled:
            _end(project, experiment, ExperimentState.CANCELLED, {})
            raise
        except Exception as error:
            _end(project, experiment, ExperimentState.FAILED, {"error": str(error)})
            raise
        notes.clear()
        return result


def complete_tuning(
    project: Project, plan: ModelPlan, settings: TuneSettings, data: Dataset
) -> Experiment | None:
    """The newest tuning on the data of now that was asked for in the same way and is complete."""
    wanted = _wanted(plan, settings, data, starting_parameters(project, plan, data))
    return next((known for known in _done(project, wanted) if _is_complete(known)), None)


def _wanted(
    plan: ModelPlan, settings: TuneSettings, data: Dataset, start: dict[str, Any]
) -> dict[str, Any]:
    """What makes two experiments the same."""
    record: dict[str, Any] = asdict(settings)
    if plan.sibling:
        searched = {one.name for one in find_plan(plan.name, plan.sibling).recipe.space}
        record["start"] = {name: start[name] for name in start if name in searched}
    return {
        "kind": TUNING,
        "model": plan.name,
        "variant": plan.variant,
        "settings": json.dumps(record),
        "seed": settings.seed,
        "preparation": data.preparation,
        "data_version": data.version,
        "encoder": data.encoder,
    }


def _begin(
    project: Project, plan: ModelPlan, settings: TuneSettings, data: Dataset, start: dict[str, Any]
) -> tuple[ExperimentId, Experiment | None]:
    """The experiment that was stopped before its end, or a new one; and the one before it.

    One that ended only because its time was over leaves its trials to the new one.
    """
    wanted = _wanted(plan, settings, data, start)
    done = _done(project, wanted)
    before = done[0] if done and not _is_complete(done[0]) else None
    for known in _same(project, wanted):
        if known.state in _STOPPED:
            experiments.resume_experiment(project.catalog, known.id)
            return known.id, before
    experiment = experiments.add_experiment(project.catalog, **wanted)
    if before is not None:
        for trial in experiments.list_trials(project.catalog, before.id):
            experiments.add_trial(project.catalog, experiment, trial)
    return experiment, before


def _same(project: Project, wanted: dict[str, Any]) -> list[Experiment]:
    """The experiments that were asked for in this way, newest first."""
    return [
        known
        for known in experiments.list_experiments(project.catalog)
        if all(getattr(known, name) == value for name, value in wanted.items())
    ]


def _done(project: Project, wanted: dict[str, Any]) -> list[Experiment]:
    return [one for one in _same(project, wanted) if one.state is ExperimentState.DONE]


def _is_complete(done: Experiment) -> bool:
    with reading(f"Experiment {done.id}", "Tune with another seed, or other settings."):
        return bool(json.loads(done.result).get("is_complete", True))


@dataclass(frozen=True, slots=True)
class _Search:
    """One tuning, from the trials that are there to the model."""

    project: Project
    experiment: ExperimentId
    before: Experiment | None
    plan: ModelPlan
    settings: TuneSettings
    start: dict[str, Any]
    notes: TrainingNotes
    on_trial: Callable[[Trial], None] | None

    def run(self, materials: Materials, limit: TimeLimit) -> TunedModel:
        """Search, fit the model with the best parameters, and store it."""
        done = experiments.list_trials(self.project.catalog, self.experiment)
        if done:
            limit.bind()
        is_complete = self._search(materials, limit, done)
        parameters = {**self.start, **json.loads(best_trial(done).parameters)}
        found = self._model_before(parameters)
        if found is None:
            found = fit_model(materials, self.plan, parameters, OnlyStopping(limit.whole))
        stored, scores = found
        write_model(model_path(self.project, self.experiment), stored)
        result = {
            "parameters": parameters,
            "threshold": stored.threshold,
            "trials": len(done),
            "is_complete": is_complete,
            **scores,
        }
        _end(self.project, self.experiment, ExperimentState.DONE, result)
        return TunedModel(
            self.experiment,
            self.plan.name,
            self.plan.variant,
            parameters,
            len(done),
            stored.threshold,
            scores["f2"],
            scores["class_thresholds_f2"],
            is_complete,
            Changes(experiments_changed=True),
        )

    def _model_before(
        self, parameters: dict[str, Any]
    ) -> tuple[StoredModel, dict[str, float]] | None:
        """The model of the experiment before, if no trial since then was better."""
        if self.before is None:
            return None
        try:
            result = json.loads(self.before.result)
            if result["parameters"] != parameters:
                return None
            stored = read_model(model_path(self.project, self.before.id))
            return stored, {name: float(result[name]) for name in ("f2", "class_thresholds_f2")}
        except (ProjectError, *UNREADABLE):  # its file or its record is missing or damaged
            return None

    def _search(self, materials: Materials, limit: TimeLimit, done: list[Trial]) -> bool:
        """Add trials to ``done``; whether the search ended by itself."""
        recipe = self.plan.recipe

        def note(trial: Trial) -> None:
            experiments.add_trial(self.project.catalog, self.experiment, trial)
            done.append(trial)
            if best_trial(done) is trial:
                self.notes.keep_as_best()
            limit.bind()
            if self.on_trial is not None:
                self.on_trial(trial)

        try:
            objective = recipe.objective(materials, limit)
            optimise(
                recipe.space,
                lambda parameters: objective({**self.start, **parameters}),
                method=_METHODS[self.settings.search],
                trials=self.settings.trials,
                seed=self.settings.seed,
                known={one.name: self.start[one.name] for one in recipe.space},
                done=tuple(done),
                on_trial=note,
                progress=limit,
            )
        except OutOfTimeError:
            return False
        return True


def _end(
    project: Project, experiment: ExperimentId, state: ExperimentState, result: dict[str, Any]
) -> None:
    experiments.finish_experiment(project.catalog, experiment, state, json.dumps(result))
