"""Preparing the archive for tuning and evaluation, and the report about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.browser import show_page
from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane
from core.progress import Progress
from core.workflows import preparation_report, prepare
from core.workflows.preparation_settings import PreparationSettings
from core.workflows.prepare import ChosenPreparation, PreparationReport

__all__ = [
    "ChosenPreparation",
    "PreparationReport",
    "PreparationSettings",
    "open_report",
    "prepare_archive",
    "read_preparation",
    "save_report",
]

OnError = Callable[[Exception], None]
_tr = partial(QCoreApplication.translate, "Prepare")


def prepare_archive(
    context: AppContext,
    settings: PreparationSettings,
    on_done: Callable[[PreparationReport], None],
    on_error: OnError,
) -> Job | None:
    """Prepare in the background; using the result is one step that can be undone."""
    work = partial(_prepare, settings)
    task = ProjectTask(_tr("Prepare the archive"), work, Lane.BACKGROUND)
    return context.start(task, partial(_prepared, context, on_done), on_error)


def _prepare(
    settings: PreparationSettings, session: ProjectSession, progress: Progress
) -> PreparationReport:
    report = prepare.prepare(session.project, settings, progress)
    preparation_report.keep_report(session.project)
    return report


def _prepared(
    context: AppContext, on_done: Callable[[PreparationReport], None], report: PreparationReport
) -> None:
    on_done(report)
    context.bus.changed.emit(report.changes, None)


def read_preparation(
    context: AppContext, on_done: Callable[[ChosenPreparation | None], None], on_error: OnError
) -> None:
    """The preparation that is in use, None when there is none."""
    task = ProjectTask(_tr("Read the preparation"), _read, Lane.INTERACTIVE)
    context.start_latest("prepare.read", task, on_done, on_error)


def _read(session: ProjectSession, _: Progress) -> ChosenPreparation | None:
    return prepare.chosen_preparation(session.project)


def open_report(context: AppContext, on_error: OnError) -> None:
    """Show the report of the preparation that is in use in the browser of the system."""
    task = ProjectTask(_tr("Write the report"), _keep, Lane.OVERVIEW)
    context.start_latest("prepare.report", task, show_page, on_error)


def _keep(session: ProjectSession, _: Progress) -> Path:
    return preparation_report.keep_report(session.project)


def save_report(
    context: AppContext, folder: Path, on_done: Callable[[Path], None], on_error: OnError
) -> None:
    """Write the report, a page and its tables, to a folder."""
    task = ProjectTask(_tr("Write the report"), partial(_save, folder), Lane.OVERVIEW)
    context.start_latest("prepare.report", task, on_done, on_error)


def _save(folder: Path, session: ProjectSession, _: Progress) -> Path:
    return preparation_report.write_report(session.project, folder)
