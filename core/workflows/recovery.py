"""A catalog built anew: from the newest sound backup and the decisions since, or from these alone.

The decision log has every decision; a backup has what else there is: images without a keyword,
which vectors there are, preparations and experiments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select

from core.catalog import backups, events, replacement
from core.catalog.backups import BackupReason
from core.catalog.choices import EXPERIMENT, PREPARATION, PREPARATION_SETTINGS
from core.catalog.database import Catalog
from core.catalog.decision_log import DecisionLog, LoggedEvent
from core.catalog.history import History
from core.catalog.replay import Replayed, replay
from core.catalog.schema import choice_changes, choices
from core.errors import DamagedCatalogError, NoCatalogError, ProjectError, StorageError
from core.progress import Progress
from core.workflows.backups import ready_copy, workshop
from core.workflows.preparation_settings import settings_in_words
from core.workflows.project import CATALOG_FILE, restore_settings

NOT_IN_THE_LOG = (
    "Preparations (the split and which duplicates were left out), tuned models and evaluations are"
    " in backups only: prepare and tune again; your answers about duplicates are there"
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a catalog was built from.

    ``backup`` is the name of the one it began with, "" for none; ``events`` of the log were done
    again; ``lost`` ones could not be read, or did not fit without those that could not.
    ``left_out`` says in one sentence what is in no log, "" when nothing is missing.
    """

    backup: str
    events: int
    lost: int
    left_out: str = ""


def rebuild(folder: Path, progress: Progress) -> Rebuilt:
    """Build the catalog from the newest sound backup and all that the decision log has since.

    Without such a backup it is built from the log alone. A sound catalog is backed up first, a
    damaged one laid aside in ``damaged/``. Settings that cannot be read are taken from the backup.
    Raises :class:`ProjectError` when there is neither backup nor log, and :class:`StorageError`
    when the disk is full: then nothing was changed.
    """
    log = DecisionLog(folder)
    history = History.of(_watched(log, progress))
    with workshop(folder) as shop:
        for backup in backups.list_backups(folder / CATALOG_FILE):
            try:
                copy = ready_copy(backup, shop, progress)
            except StorageError:
                continue
            found = _replay_on(copy, log, history, progress)
            if found is not None:
                _put_in_place(copy, folder, progress)
                restore_settings(folder)
                return Rebuilt(backup.name, found.events, history.missing + found.skipped)
    return rebuild_from_log(folder, progress)


def rebuild_from_log(folder: Path, progress: Progress) -> Rebuilt:
    """Build the catalog from the decision log alone; import the images afterwards.

    Images that nobody has said anything about come with the import, and all are encoded anew.
    Raises what :func:`rebuild` raises.
    """
    log = DecisionLog(folder)
    history = History.of(_watched(log, progress))
    if not history.last:
        raise ProjectError(
            f"{folder} has neither a sound backup nor a decision log.",
            "Copy the project's folder from a backup of your own, or make a new project.",
        )
    with workshop(folder) as shop:
        new = shop / CATALOG_FILE
        Catalog.create(new).close()
        found = _replay_on(new, log, history, progress)
        assert found is not None
        with Catalog.open(new) as catalog, catalog.write() as connection:
            left_out = _left_out(connection)
            gone = (PREPARATION, EXPERIMENT)  # they are in no log
            connection.execute(delete(choices).where(choices.c.name.in_(gone)))
        _put_in_place(new, folder, progress)
        restore_settings(folder)
    lost = history.missing + found.skipped
    return Rebuilt("", found.events, lost, left_out)


def _left_out(connection: Connection) -> str:
    """What to tell about preparations; "" where there were none."""
    was_prepared = choice_changes.c.name == PREPARATION
    if connection.execute(select(choice_changes).where(was_prepared)).first() is None:
        return ""
    kept = select(choices.c.value).where(choices.c.name == PREPARATION_SETTINGS)
    settings = settings_in_words(connection.scalar(kept) or "")
    return (
        f"{NOT_IN_THE_LOG} (the settings were: {settings})." if settings else f"{NOT_IN_THE_LOG}."
    )


def _replay_on(
    path: Path, log: DecisionLog, history: History, progress: Progress
) -> Replayed | None:
    """Do again what the log has since; None if that is another history than the catalog's."""
    counting = history.counting()
    with Catalog.open(path) as catalog:
        with catalog.read() as connection:
            there = events.newest(connection)
        if there and there not in counting:
            return None
        wanted = {number for number in counting if number > there}
        return replay(catalog, _wanted(log, wanted, progress))


def _wanted(log: DecisionLog, numbers: set[int], progress: Progress) -> Iterator[LoggedEvent]:
    total = len(numbers)
    for event in log.read():
        if event.number in numbers:
            numbers.remove(event.number)
            progress.checkpoint()
            yield event
            progress.report(total - len(numbers), total, "Doing decisions again")


def _watched(log: DecisionLog, progress: Progress) -> Iterator[LoggedEvent]:
    for event in log.read():
        progress.checkpoint()
        yield event


def _put_in_place(new: Path, folder: Path, progress: Progress) -> None:
    path = folder / CATALOG_FILE
    try:
        with Catalog.open(path) as catalog:
            backups.make_backup(path, BackupReason.RESTORE, progress)
            with catalog.write() as connection:
                replacement.replace_contents(connection, new, progress)
    except (DamagedCatalogError, NoCatalogError):
        replacement.take_place(new, path)
