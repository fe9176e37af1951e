"""Preparing, tuning and comparing that did not end: what was asked for is offered again.

What does this work is imported by whoever looks for it: every window looks, few find something.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Lane
from core.errors import ProjectError
from core.progress import Progress
from core.workflows.project import Project
from core.workflows.records import UNREADABLE

if TYPE_CHECKING:
    from clipkw_gui.actions.experiments import EvaluationSettings, Tuning
    from core.workflows.preparation_settings import PreparationSettings

_OTHER_VERSION = (ProjectError, *UNREADABLE)
"""What notes of another version of ClipKW raise, and damaged ones."""
_tr = partial(QCoreApplication.translate, "Experiments")


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What did not end, as it was asked for; usually one of them, or nothing."""

    tuning: Tuning | None = None
    comparison: EvaluationSettings | None = None
    preparation: PreparationSettings | None = None


def find_interrupted(context: AppContext, on_done: Callable[[Interrupted], None]) -> None:
    """What was going on when the program ended, or was stopped before its end."""
    task = ProjectTask(_tr("Look for unfinished work"), _interrupted, Lane.OVERVIEW)
    context.start_latest("experiments.interrupted", task, on_done)


def forget_interrupted(context: AppContext) -> None:
    """Offer nothing of it again."""
    task = ProjectTask(_tr("Forget unfinished work"), _forget, Lane.WRITE)
    context.start(task, _nothing)


def _forget(session: ProjectSession, _: Progress) -> None:
    from core.workflows import unfinished

    for work in unfinished.Work:
        unfinished.forget(session.project, work)


def _nothing(_: None) -> None:
    return None


def _interrupted(session: ProjectSession, _: Progress) -> Interrupted:
    from core.workflows.evaluate import EvaluationSettings
    from core.workflows.preparation_settings import PreparationSettings
    from core.workflows.unfinished import Work, unfinished_work

    noted = unfinished_work(session.project)
    tuning: Tuning | None = None
    comparison: EvaluationSettings | None = None
    preparation: PreparationSettings | None = None
    with suppress(*_OTHER_VERSION):
        tuning = _interrupted_tuning(session.project, noted.get(Work.TUNING_ALL))
    with suppress(*_OTHER_VERSION):
        comparison = EvaluationSettings.of_record(noted[Work.EVALUATION])
    with suppress(*_OTHER_VERSION):
        preparation = PreparationSettings(**noted[Work.PREPARATION])
    return Interrupted(tuning, comparison, preparation)


def _interrupted_tuning(project: Project, all_of_them: dict[str, Any] | None) -> Tuning | None:
    """All models, or the one that was being tuned."""
    from clipkw_gui.actions.experiments import TuneSettings, Tuning, known_models
    from core.workflows.experiments import interrupted_tuning

    if all_of_them is not None:
        return Tuning(None, TuneSettings.of_record(all_of_them), all_of_them["seconds"])
    row = interrupted_tuning(project)
    if row is None:
        return None
    same = (m for m in known_models() if (m.name, m.variant) == (row.name, row.variant))
    model = next(same, None)
    return None if model is None else Tuning(model, TuneSettings.of_record(row.settings))
