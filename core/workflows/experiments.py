"""Experiments as a page or a terminal shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.catalog import choices, experiments
from core.errors import ProjectError
from core.types import Experiment, ExperimentId, ExperimentState, PreparationId
from core.workflows.dataset import prepared_dataset
from core.workflows.evaluate import EVALUATION
from core.workflows.fitted_models import TUNING
from core.workflows.model_plans import find_plan
from core.workflows.project import Project
from core.workflows.records import UNREADABLE, reading


@dataclass(frozen=True, slots=True)
class ExperimentRow:
    """One run of tuning or evaluation. ``kind`` is "tuning" or "evaluation".

    ``settings`` are those of the run, ``parameters`` those that tuning found; ``f2`` in [0, 1] is
    on validation (tuning) or on the test set (evaluation, of the model that is best on validation),
    None before the end.
    ``is_chosen``: its model makes the suggestions. ``is_stale``: labels, vectors or the
    preparation have changed since. ``error`` says why it failed.
    """

    id: ExperimentId
    kind: str
    name: str
    variant: str
    title: str
    state: ExperimentState
    trials: int
    f2: float | None
    settings: dict[str, Any]
    parameters: dict[str, Any]
    seed: int
    preparation: PreparationId | None
    data_version: str
    encoder: str
    is_chosen: bool
    is_stale: bool
    error: str
    started: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial, and the ``best`` value up to it; values are micro F2 on validation in [0, 1]."""

    number: int
    parameters: dict[str, float]
    value: float
    best: float
    seconds: float


def list_experiments(project: Project) -> list[ExperimentRow]:
    """Every experiment, newest first."""
    chosen = choices.chosen(project.catalog, choices.EXPERIMENT)
    version = _present_version(project)
    counts = experiments.count_trials(project.catalog)
    return [
        _row(known, counts.get(known.id, 0), chosen, version)
        for known in experiments.list_experiments(project.catalog)
    ]


def interrupted_tuning(project: Project) -> ExperimentRow | None:
    """The newest tuning that neither ended nor was stopped: it was killed, or it runs elsewhere."""
    for known in experiments.list_experiments(project.catalog):
        if known.kind == TUNING and known.state is ExperimentState.RUNNING:
            return _row(known, experiments.count_trials(project.catalog).get(known.id, 0), "", "")
    return None


def list_trials(project: Project, experiment: ExperimentId) -> list[TrialRow]:
    """The trials of an experiment so far, in order; empty for one that has none."""
    rows: list[TrialRow] = []
    best = 0.0
    for trial in experiments.list_trials(project.catalog, experiment):
        best = max(best, trial.value)
        with reading(f"Trial {trial.number} of experiment {experiment}", "Tune the model again."):
            parameters = dict(json.loads(trial.parameters))
        rows.append(TrialRow(trial.number, parameters, trial.value, best, trial.seconds))
    return rows


def _row(known: Experiment, trials: int, chosen: str, version: str) -> ExperimentRow:
    result, settings, f2 = _record(known)
    return ExperimentRow(
        id=known.id,
        kind=known.kind,
        name=known.model,
        variant=known.variant,
        title=_title(known),
        state=known.state,
        trials=trials,
        f2=f2,
        settings=settings,
        parameters=result.get("parameters", {}),
        seed=known.seed,
        preparation=known.preparation,
        data_version=known.data_version,
        encoder=known.encoder,
        is_chosen=str(known.id) == chosen,
        is_stale=known.data_version != version,
        error=result.get("error", ""),
        started=known.started,
        finished=known.finished,
    )


def _record(known: Experiment) -> tuple[dict[str, Any], dict[str, Any], float | None]:
    """Result, settings and F2; a damaged record is told as the experiment's error.

    One of them must not hide all the others.
    """
    try:
        result, settings = dict(json.loads(known.result)), dict(json.loads(known.settings))
        result["parameters"] = dict(result.get("parameters", {}))
        result["error"] = str(result.get("error", ""))
        return result, settings, _f2(known, result)
    except UNREADABLE:
        return {"error": "Its record in the catalog is damaged."}, {}, None


def _title(known: Experiment) -> str:
    if known.kind == EVALUATION:
        return f"Evaluation of {known.model}" if known.model else "Evaluation of all models"
    try:
        return find_plan(known.model, known.variant).title
    except ProjectError:  # of another version of ClipKW
        return f"{known.model} {known.variant}"


def _f2(known: Experiment, result: dict[str, Any]) -> float | None:
    if known.state is not ExperimentState.DONE:
        return None
    if known.kind == TUNING:
        return float(result["f2"])
    best = max((result["models"][at] for at in result["best"]), key=_on_validation)
    return float(best["micro"]["f2"])


def _on_validation(model: dict[str, Any]) -> float:
    return float(model["validation_f2"])


def _present_version(project: Project) -> str:
    """The version of the data that an experiment would see now; "" if there is none."""
    try:
        return prepared_dataset(project).version
    except ProjectError:
        return ""
