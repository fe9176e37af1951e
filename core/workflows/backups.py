"""Backups of a project's catalog: made by themselves, listed, and put back.

Photographs, vectors and thumbnails are not in them: the first are never written to, the others
can be made again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.catalog import backups, events, overview, replacement, sqlite
from core.catalog.backups import Backup, BackupReason
from core.catalog.database import Catalog
from core.errors import DamagedCatalogError, NoCatalogError, StorageError
from core.progress import Progress
from core.workflows.person import person
from core.workflows.project import CATALOG_FILE, Project, restore_settings

__all__ = ["Backup", "BackupReason"]

MANY = 100
"""A change of so many labels is preceded by a backup."""


@dataclass(frozen=True, slots=True)
class ListedBackup:
    """A backup as it is offered. ``size`` is in bytes."""

    name: str
    made: datetime
    reason: BackupReason
    size: int


def list_backups(folder: Path) -> list[ListedBackup]:
    """The backups in a project's folder, the newest first."""
    found = backups.list_backups(folder / CATALOG_FILE)
    return [ListedBackup(one.name, one.made, one.reason, one.size) for one in found]


def back_up(project: Project, progress: Progress) -> ListedBackup:
    """Make a backup that is kept until somebody removes it."""
    made = backups.make_backup(project.catalog.path, BackupReason.REQUEST, progress)
    return ListedBackup(made.name, made.made, made.reason, made.size)


def back_up_daily(project: Project, progress: Progress) -> None:
    """Make the first backup of the day; where nothing can be written, nothing can be lost."""
    if os.access(project.folder, os.W_OK | os.X_OK):
        backups.make_daily_backup(project.catalog.path, progress)


def back_up_before_many(project: Project, changes: int = MANY) -> None:
    """Make a backup if that many labels are about to change.

    Raises :class:`StorageError` when none can be made: then they are better not changed.
    """
    if changes >= MANY:
        backups.make_backup(project.catalog.path, BackupReason.MANY)


def restore(project: Project, name: str, progress: Progress) -> ListedBackup:
    """Put the catalog back to what it was when the backup ``name`` was made.

    The present state is backed up first; that backup is returned. Others that have the project
    open see the change as one step. Raises :class:`core.errors.ProjectError` when there is no
    such backup, :class:`StorageError` when it is damaged or the disk is full: then nothing was
    changed.
    """
    return _restore(project.catalog, backups.find_backup(project.catalog.path, name), progress)


def restore_in(folder: Path, name: str, progress: Progress) -> ListedBackup | None:
    """:func:`restore` in a project that need not be open, nor sound.

    A damaged catalog is laid aside in ``damaged/``; then nobody may have the project open, and
    there is no backup of the present state: None is returned.
    """
    path = folder / CATALOG_FILE
    chosen = backups.find_backup(path, name)
    try:
        with Catalog.open(path) as catalog:
            return _restore(catalog, chosen, progress)
    except (DamagedCatalogError, NoCatalogError):
        with workshop(folder) as shop:
            replacement.take_place(ready_copy(chosen, shop, progress), path)
        with Catalog.open(path) as catalog, catalog.write() as connection:
            events.note_reset(connection, catalog.log.last(), person())
        restore_settings(folder)
        return None


def _restore(catalog: Catalog, chosen: Backup, progress: Progress) -> ListedBackup:
    with workshop(catalog.path.parent) as shop:
        ready = ready_copy(chosen, shop, progress)
        with catalog.write() as connection:
            # Under the lock: what others decide until then is in it, or comes after all this.
            made = backups.make_backup(catalog.path, BackupReason.RESTORE, progress)
            last = events.newest(connection)
            replacement.replace_contents(connection, ready, progress)
            events.note_reset(connection, last, person())
    return ListedBackup(made.name, made.made, made.reason, made.size)


def ready_copy(chosen: Backup, shop: Path, progress: Progress) -> Path:
    """A copy of a backup, of the present version and sound."""
    copy = shop / CATALOG_FILE
    try:
        sqlite.copy(chosen.path, copy, progress)
        with Catalog.open(copy) as opened:
            found = overview.faults(opened)
    except (DamagedCatalogError, NoCatalogError) as error:
        raise _unfit(chosen) from error
    if found:
        raise _unfit(chosen)
    return copy


def _unfit(backup: Backup) -> StorageError:
    return StorageError(
        f"The backup {backup.name} is damaged.", "Nothing was changed. Choose another one."
    )


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """A folder to make a catalog ready in; one that a killed program has left is removed."""
    for left in folder.glob(f"{sqlite.WORKSHOP}*"):
        shutil.rmtree(left, ignore_errors=True)
    made = folder / f"{sqlite.WORKSHOP}{os.getpid()}"
    try:
        try:
            made.mkdir()
        except OSError as error:
            raise StorageError(
                f"{folder} cannot be written to: {error.strerror or error}.",
                "Free some space, or make the folder writable.",
            ) from error
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
