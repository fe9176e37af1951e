"""Backups of a project, made and put back; a project looked through and repaired."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from clipkw_gui.actions.encode import work_off
from clipkw_gui.actions.project import close_project, open_project, project_warning
from clipkw_gui.actions.recent import Steps
from clipkw_gui.context import AppContext, ProjectSession, ProjectTask
from clipkw_gui.jobs.runner import Job, Lane, Task
from core.errors import DamagedCatalogError, DamagedSettingsError, NoCatalogError
from core.progress import Progress
from core.types import Changes
from core.workflows import backups, integrity, recovery
from core.workflows.backups import BackupReason, ListedBackup
from core.workflows.integrity import Damage, DamagedPart
from core.workflows.recovery import Rebuilt

__all__ = ["BackupReason", "Damage", "DamagedPart", "ListedBackup", "Rebuilt"]

REPAIRABLE = (DamagedCatalogError, DamagedSettingsError, NoCatalogError)
"""What is wrong with a project that :func:`repair` puts right."""

OnError = Callable[[Exception], None]
OnStart = Callable[[Job], None]
_tr = partial(QCoreApplication.translate, "Backups")


def project_folder(context: AppContext) -> Path | None:
    """The folder of the open project."""
    return context.session.project.folder if context.session else None


def list_backups(
    context: AppContext,
    folder: Path,
    on_done: Callable[[list[ListedBackup]], None],
    on_error: OnError,
) -> None:
    """The backups in a project's folder, the newest first."""
    task = Task(_tr("List backups"), partial(_list, folder), Lane.INTERACTIVE)
    context.runner.start_latest("backups.list", task, on_done, on_error)


def _list(folder: Path, progress: Progress) -> list[ListedBackup]:
    return backups.list_backups(folder)


def back_up(
    context: AppContext, on_done: Callable[[ListedBackup], None], on_error: OnError
) -> Job | None:
    """Make a backup of the open project."""
    task = ProjectTask(_tr("Back up"), _back_up, Lane.UPKEEP)
    return context.start(task, on_done, on_error)


def _back_up(session: ProjectSession, progress: Progress) -> ListedBackup:
    return backups.back_up(session.project, progress)


def put_back(
    context: AppContext,
    folder: Path,
    name: str,
    on_start: OnStart,
    on_done: Callable[[ListedBackup | None], None],
    on_error: OnError,
) -> None:
    """Put a backup back; the project is closed meanwhile, and opened again."""
    work = partial(_put_back, folder, name)
    _while_closed(
        context, folder, Task(_tr("Put back"), work, Lane.WRITE), on_start, on_done, on_error
    )


def _put_back(folder: Path, name: str, progress: Progress) -> ListedBackup | None:
    return backups.restore_in(folder, name, progress)


def repair(
    context: AppContext,
    folder: Path,
    on_start: OnStart,
    on_done: Callable[[Rebuilt | None], None],
    on_error: OnError,
) -> None:
    """Build a damaged catalog anew, then bring it up to date with the photographs.

    None is told where the settings alone were damaged.
    """
    task = Task(_tr("Repair"), partial(_repair, folder), Lane.WRITE)
    done = partial(_repaired, context, on_done)
    _while_closed(context, folder, task, on_start, done, on_error)


def _repair(folder: Path, progress: Progress) -> Rebuilt | None:
    if recovery.restore_settings_alone(folder):
        return None
    return recovery.rebuild(folder, progress)


def _repaired(
    context: AppContext, on_done: Callable[[Rebuilt | None], None], found: Rebuilt | None
) -> None:
    on_done(found)
    if not project_warning(context):
        work_off(context, Steps(images=True, encode=True))


def _while_closed(
    context: AppContext,
    folder: Path,
    task: Task[Any],
    on_start: OnStart,
    on_done: Callable[[Any], None],
    on_error: OnError,
) -> None:
    """Close the project, do something to its folder, and open it again."""
    close_project(context, partial(_start, context, folder, task, on_start, on_done, on_error))


def _start(
    context: AppContext,
    folder: Path,
    task: Task[Any],
    on_start: OnStart,
    on_done: Callable[[Any], None],
    on_error: OnError,
) -> None:
    done = partial(_open_again, context, folder, on_done, on_error)
    failed = partial(_open_after_error, context, folder, on_error)
    on_start(context.runner.start(task, done, failed))


def _open_again(
    context: AppContext,
    folder: Path,
    on_done: Callable[[Any], None],
    on_error: OnError,
    result: Any,
) -> None:
    open_project(context, folder, partial(on_done, result), on_error)


def _open_after_error(
    context: AppContext, folder: Path, on_error: OnError, error: Exception
) -> None:
    """Nothing was changed: go on with what there is, if it can be opened."""
    tell = partial(on_error, error)
    open_project(context, folder, tell, partial(_tell_first, tell))


def _tell_first(tell: Callable[[], None], _second: Exception) -> None:
    tell()


def look_through(context: AppContext, on_done: Callable[[Damage | None], None]) -> None:
    """Is the open project sound? If so, make the backup of the day."""
    task = ProjectTask(_tr("Look through the project"), _look_through, Lane.UPKEEP)
    context.start_latest("backups.look", task, on_done)


def _look_through(session: ProjectSession, progress: Progress) -> Damage | None:
    project = session.project
    found = integrity.find_damage(project, progress)
    if found is None or found.part is not DamagedPart.CATALOG:
        backups.back_up_daily(project, progress)
    return found


def mend_vectors(context: AppContext) -> None:
    """Let go of damaged vectors, and encode those images again."""
    task = ProjectTask(_tr("Mend vectors"), _mend, Lane.WRITE)
    context.start(task, partial(_mended, context))


def _mend(session: ProjectSession, progress: Progress) -> int:
    return integrity.mend_vectors(session.project, progress)


def _mended(context: AppContext, count: int) -> None:
    context.bus.changed.emit(Changes(vectors_changed=True), None)
    if count:
        work_off(context, Steps(encode=True))
