"""Looking at folders and tables before they are imported, and what went wrong in them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.exchange.layout import TableLayout
from core.progress import Progress
from core.types import Problem
from core.workflows import browse, ingest
from core.workflows.ingest import Survey, TablePreview

__all__ = ["Survey", "TableLayout", "TablePreview", "list_problems", "preview_table", "survey"]

OnError = Callable[[Exception], None]
_tr = partial(QCoreApplication.translate, "Ingest")


def survey(
    context: AppContext, images: Path, on_done: Callable[[Survey], None], on_error: OnError
) -> Job:
    """Count the photographs in a folder; the job counts up as it goes."""
    task = Task(_tr("Count photographs"), partial(_survey, images), Lane.INTERACTIVE)
    return context.runner.start_latest("ingest.survey", task, on_done, on_error)


def _survey(images: Path, progress: Progress) -> Survey:
    return ingest.survey(images, progress)


def preview_table(
    context: AppContext,
    table: Path,
    images: Path,
    layout: TableLayout | None,
    on_done: Callable[[TablePreview], None],
    on_error: OnError,
) -> None:
    """Read the start of a table as it would be imported; None detects its layout."""
    work = partial(_preview, table, images, layout)
    task = Task(_tr("Read table"), work, Lane.INTERACTIVE)
    context.runner.start_latest("ingest.preview", task, on_done, on_error)


def _preview(
    table: Path, images: Path, layout: TableLayout | None, progress: Progress
) -> TablePreview:
    return ingest.preview_table(table, images, layout, progress)


def list_problems(context: AppContext, on_done: Callable[[list[Problem]], None]) -> None:
    """The files that could not be read, and why."""
    task = ProjectTask(_tr("List problems"), _problems, Lane.INTERACTIVE)
    context.start_latest("ingest.problems", task, on_done)


def _problems(session: ProjectSession, progress: Progress) -> list[Problem]:
    return browse.problems(session.project)
