"""Copies of a catalog in ``backups/`` beside it: made while it is in use, kept by a simple rule.

Their order is that of the number in their names: a clock that was put back misplaces none.
``project.toml`` is copied along.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from core.catalog import sqlite
from core.errors import ProjectError, StorageError
from core.progress import Progress, Silent
from core.settings import SETTINGS_FILE

BACKUPS_FOLDER = "backups"


class BackupReason(StrEnum):
    """Why a backup was made."""

    DAILY = "daily"
    MANY = "many"
    """Before a change of many labels or keywords."""
    VERSION = "version"
    """Before the catalog of an older version was migrated."""
    RESTORE = "restore"
    """Before another backup took the catalog's place."""
    REQUEST = "request"
    """Somebody asked for it."""


KEPT = {
    BackupReason.DAILY: 7,
    BackupReason.MANY: 10,
    BackupReason.VERSION: 3,
    BackupReason.RESTORE: 5,
}
"""How many of a reason are kept, the newest; those that somebody asked for all are."""

_NAME = re.compile(r"(\d{6})-(\d{8}T\d{6}Z)-([a-z]+)")
_TIME = "%Y%m%dT%H%M%SZ"
_DATABASE = ".sqlite"
_SETTINGS = ".toml"
_PART = ".part"


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the catalog. ``size`` is in bytes."""

    path: Path
    number: int
    made: datetime
    reason: BackupReason
    size: int

    @property
    def name(self) -> str:
        """What it is called where it is chosen."""
        return self.path.stem

    @property
    def settings(self) -> Path:
        """The copy of ``project.toml`` that was made with it; there may be none."""
        return self.path.with_suffix(_SETTINGS)


def list_backups(catalog: Path) -> list[Backup]:
    """The backups of the catalog at ``catalog``, the newest first; other files are left out."""
    found = []
    with _storage_errors(catalog.parent / BACKUPS_FOLDER, "read"):
        for path in _files(catalog.parent / BACKUPS_FOLDER):
            parts = _NAME.fullmatch(path.stem)
            if path.suffix != _DATABASE or parts is None:
                continue
            with suppress(ValueError, FileNotFoundError):
                made = datetime.strptime(parts[2], _TIME).replace(tzinfo=UTC)
                reason, size = BackupReason(parts[3]), path.stat().st_size
                found.append(Backup(path, int(parts[1]), made, reason, size))
    return sorted(found, key=_number, reverse=True)


def find_backup(catalog: Path, name: str) -> Backup:
    """The backup called ``name``; :class:`ProjectError` if there is none."""
    for backup in list_backups(catalog):
        if backup.name == name:
            return backup
    raise ProjectError(
        f"There is no backup {name} of this project.", "Choose one of those that are listed."
    )


def make_backup(catalog: Path, reason: BackupReason, progress: Progress | None = None) -> Backup:
    """Copy the catalog as it is at this moment; others may go on writing to it.

    The copy appears whole or not at all, and older ones that are no longer kept are removed.
    Raises :class:`StorageError` when the disk does not take it.
    """
    folder = catalog.parent / BACKUPS_FOLDER
    with _storage_errors(folder, "written"):
        folder.mkdir(exist_ok=True)
        with _one_at_a_time(folder):
            _remove_unfinished(folder)
            number = max((one.number for one in list_backups(catalog)), default=0) + 1
            made = datetime.now(UTC).replace(microsecond=0)
            path = folder / f"{number:06}-{made.strftime(_TIME)}-{reason}{_DATABASE}"
            _copy_settings(catalog.parent / SETTINGS_FILE, path.with_suffix(_SETTINGS))
            sqlite.copy(catalog, path, progress or Silent())
            _forget_old(catalog)
    return Backup(path, number, made, reason, path.stat().st_size)


def make_daily_backup(catalog: Path, progress: Progress | None = None) -> Backup | None:
    """The first backup of a day; None when the last daily one was made on this very day."""
    daily = [one for one in list_backups(catalog) if one.reason is BackupReason.DAILY]
    if daily and daily[0].made.date() == datetime.now(UTC).date():
        return None
    return make_backup(catalog, BackupReason.DAILY, progress)


def _forget_old(catalog: Path) -> None:
    backups = list_backups(catalog)
    for reason, kept in KEPT.items():
        for old in [one for one in backups if one.reason is reason][kept:]:
            old.path.unlink(missing_ok=True)
            old.settings.unlink(missing_ok=True)


def _copy_settings(settings: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        part = target.with_name(target.name + _PART)
        shutil.copyfile(settings, part)
        part.replace(target)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove_unfinished(folder: Path) -> None:
    """What a backup that was killed has left."""
    for path in _files(folder):
        if _PART in path.name:
            path.unlink(missing_ok=True)


def _number(backup: Backup) -> tuple[int, datetime]:
    return backup.number, backup.made


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other program makes a backup here; the system lets go of what dies."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _storage_errors(folder: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"The backups in {folder} cannot be {verb}: {error.strerror or error}.",
            "Nothing was changed. Make room on the disk, or make the folder writable, and try"
            " again.",
        ) from error
