"""Tuning and comparing models, and choosing the one that makes the suggestions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.browser import show_page
from clipkw_gui.actions.writes import Written, announce, refresh_suggestions
from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane
from core.evaluation.comparison import RESAMPLES
from core.progress import Progress
from core.tuning.stopping import MOST_TRIALS
from core.types import Changes, ExperimentId
from core.workflows import (
    active_model,
    evaluate,
    experiments,
    recommendation,
    tune,
    tune_all,
)
from core.workflows.evaluate import EVALUATION, EvaluationSettings
from core.workflows.evaluation_record import (
    CALIBRATION,
    LEARNING,
    PRECISION_RECALL,
    Curve,
    Evaluation,
    ModelResult,
)
from core.workflows.evaluation_report import write_html
from core.workflows.evaluation_tables import write_json, write_tables
from core.workflows.experiments import ExperimentRow, TrialRow
from core.workflows.model_plans import PLANS
from core.workflows.project import Project
from core.workflows.recommendation import Recommendation
from core.workflows.tune import Search, TuneSettings

__all__ = [
    "CALIBRATION",
    "EVALUATION",
    "LEARNING",
    "MOST_TRIALS",
    "PRECISION_RECALL",
    "RESAMPLES",
    "Curve",
    "Evaluation",
    "EvaluationSettings",
    "ExperimentRow",
    "KnownModel",
    "ModelResult",
    "Recommendation",
    "Search",
    "TrialRow",
    "TuneSettings",
    "Tuning",
    "compare_models",
    "find_recommended",
    "known_models",
    "list_experiments",
    "list_trials",
    "open_report",
    "read_evaluation",
    "save_report",
    "tune_models",
    "use_model",
    "use_recommended",
]

OnError = Callable[[Exception], None]
REPORTS_FOLDER = "reports"
_tr = partial(QCoreApplication.translate, "Experiments")


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that can be tuned and compared."""

    name: str
    variant: str
    title: str


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is to be tuned, and how: one model, or all if ``model`` is None.

    ``seconds`` are the most it may take; None: as many as it needs.
    """

    model: KnownModel | None
    settings: TuneSettings
    seconds: float | None = None


def known_models() -> list[KnownModel]:
    """Every model, in the order of the reports."""
    return [KnownModel(plan.name, plan.variant, plan.title) for plan in PLANS]


# starting -------------------------------------------------------------------------------------


def tune_models(context: AppContext, wanted: Tuning, on_error: OnError) -> Job | None:
    """Search hyper-parameters in the background; what was stopped goes on."""
    title = _tr("Tune all models")
    if wanted.model is not None:
        title = _tr("Tune {model}").format(model=wanted.model.title)
    task = ProjectTask(title, partial(_tune, wanted), Lane.BACKGROUND)
    return context.start(task, partial(_announce, context), on_error)


def _tune(wanted: Tuning, session: ProjectSession, progress: Progress) -> Changes:
    project, model, settings = session.project, wanted.model, wanted.settings
    if model is None:
        return tune_all.tune_all(project, settings, wanted.seconds, progress).changes
    return tune.tune(
        project, model.name, model.variant, settings, progress, seconds=wanted.seconds
    ).changes


def compare_models(
    context: AppContext, settings: EvaluationSettings, on_error: OnError
) -> Job | None:
    """Compare models on the test set in the background, and keep the report."""
    task = ProjectTask(_tr("Compare models"), partial(_compare, settings), Lane.BACKGROUND)
    return context.start(task, partial(_announce, context), on_error)


def _compare(settings: EvaluationSettings, session: ProjectSession, progress: Progress) -> Changes:
    found = evaluate.evaluate(session.project, settings, progress)
    _keep(session.project, found)
    return Changes(experiments_changed=True)


def _announce(context: AppContext, changes: Changes) -> None:
    context.bus.changed.emit(changes, None)


# reading --------------------------------------------------------------------------------------


def list_experiments(
    context: AppContext, on_done: Callable[[list[ExperimentRow]], None], on_error: OnError
) -> None:
    """Every experiment, newest first."""
    task = ProjectTask(_tr("List experiments"), _list, Lane.OVERVIEW)
    context.start_latest("experiments.list", task, on_done, on_error)


def _list(session: ProjectSession, _: Progress) -> list[ExperimentRow]:
    return experiments.list_experiments(session.project)


def list_trials(
    context: AppContext,
    experiment: ExperimentId,
    on_done: Callable[[list[TrialRow]], None],
    on_error: OnError,
) -> None:
    """The trials of an experiment so far."""
    task = ProjectTask(_tr("Read trials"), partial(_trials, experiment), Lane.INTERACTIVE)
    context.start_latest("experiments.trials", task, on_done, on_error)


def _trials(experiment: ExperimentId, session: ProjectSession, _: Progress) -> list[TrialRow]:
    return experiments.list_trials(session.project, experiment)


def read_evaluation(
    context: AppContext,
    experiment: ExperimentId,
    on_done: Callable[[Evaluation], None],
    on_error: OnError,
) -> None:
    """What an evaluation found."""
    work = partial(_evaluation, experiment)
    task = ProjectTask(_tr("Read the comparison"), work, Lane.INTERACTIVE)
    context.start_latest("experiments.evaluation", task, on_done, on_error)


def _evaluation(experiment: ExperimentId, session: ProjectSession, _: Progress) -> Evaluation:
    return evaluate.read_evaluation(session.project, experiment)


# choosing -------------------------------------------------------------------------------------


def use_model(context: AppContext, experiment: ExperimentId | None, on_error: OnError) -> None:
    """Let a tuned model, None: the one of the start, make the suggestions; can be undone."""
    task = ProjectTask(_tr("Use a model"), partial(_use, experiment), Lane.WRITE)
    context.start(task, partial(announce, context, _nothing), on_error)


def _use(experiment: ExperimentId | None, session: ProjectSession, _: Progress) -> Written:
    changes = active_model.choose_model(session.project, experiment)
    return refresh_suggestions(session, changes, None)


def find_recommended(
    context: AppContext, on_done: Callable[[Recommendation | None], None], on_error: OnError
) -> None:
    """The model that the project should use, None as long as nothing says so."""
    task = ProjectTask(_tr("Compare results"), _recommended, Lane.OVERVIEW)
    context.start_latest("experiments.recommended", task, on_done, on_error)


def _recommended(session: ProjectSession, _: Progress) -> Recommendation | None:
    return recommendation.recommended_model(session.project)


def use_recommended(context: AppContext, on_error: OnError) -> Job | None:
    """Let the recommended model make the suggestions; it is made first if it was only compared."""
    title = _tr("Use the recommended model")
    task = ProjectTask(title, _use_recommended, Lane.BACKGROUND)
    return context.start(task, partial(announce, context, _nothing), on_error)


def _use_recommended(session: ProjectSession, progress: Progress) -> Written:
    changes = recommendation.use_recommended(session.project, progress)
    return refresh_suggestions(session, changes, None)


def _nothing(_: None) -> None:
    """The page hears of it with everybody else."""


# reports --------------------------------------------------------------------------------------


def open_report(context: AppContext, experiment: ExperimentId, on_error: OnError) -> None:
    """Show the report of an evaluation in the browser of the system."""
    task = ProjectTask(_tr("Write the report"), partial(_page, experiment), Lane.OVERVIEW)
    context.start_latest("experiments.report", task, show_page, on_error)


def _page(experiment: ExperimentId, session: ProjectSession, progress: Progress) -> Path:
    return _keep(session.project, _evaluation(experiment, session, progress))


def save_report(
    context: AppContext,
    experiment: ExperimentId,
    folder: Path,
    on_done: Callable[[Path], None],
    on_error: OnError,
) -> None:
    """Write the report of an evaluation to a folder: a page, tables, and JSON."""
    work = partial(_save, experiment, folder)
    task = ProjectTask(_tr("Write the report"), work, Lane.OVERVIEW)
    context.start_latest("experiments.report", task, on_done, on_error)


def _save(
    experiment: ExperimentId, folder: Path, session: ProjectSession, progress: Progress
) -> Path:
    found = _evaluation(experiment, session, progress)
    return _write(session.project, found, folder)


def _keep(project: Project, found: Evaluation) -> Path:
    return _write(
        project, found, project.folder / REPORTS_FOLDER / f"evaluation-{found.experiment}"
    )


def _write(project: Project, found: Evaluation, folder: Path) -> Path:
    write_tables(found, folder)
    write_json(found, folder / "evaluation.json")
    page = folder / "evaluation.html"
    write_html(found, project.folder.stem, page)
    return page
