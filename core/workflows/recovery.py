"""A catalog built anew: from the newest sound backup and the decisions since, or from these alone.

The decision log has every decision; a backup has what else there is: images without a keyword,
which vectors there are, preparations and experiments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Text, cast, delete, exists, select

from core.catalog import backups, events, overview, replacement
from core.catalog.backups import BackupReason
from core.catalog.choices import EXPERIMENT, PREPARATION, PREPARATION_SETTINGS
from core.catalog.database import Catalog
from core.catalog.decision_log import DecisionLog, LoggedEvent
from core.catalog.history import History
from core.catalog.replay import replay
from core.catalog.schema import choices, experiments, preparations
from core.catalog.schema import events as event_table
from core.errors import DamagedCatalogError, NoCatalogError, ProjectError, StorageError
from core.progress import Progress
from core.workflows.backups import ready_copy, workshop
from core.workflows.preparation_settings import settings_in_words
from core.workflows.project import CATALOG_FILE, restore_settings

NOT_IN_THE_LOG = (
    "Preparations (the split and which duplicates were left out), tuned models and evaluations are"
    " in backups only: prepare and tune again; your answers about duplicates are there"
)
LOG_ENDS_BEFORE = (
    "The decision log ends before the backup was made: whatever was decided after it is lost."
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a catalog was built from.

    ``backup`` is the name of the one it began with, "" for none; ``events`` of the log were done
    again; ``lost`` ones could not be read, or did not fit without those that could not.
    ``left_out`` tells what is in no log, "" when nothing is missing.
    """

    backup: str
    events: int
    lost: int
    left_out: str = ""


def rebuild(folder: Path, progress: Progress) -> Rebuilt:
    """Build the catalog from the newest sound backup and all that the decision log has since.

    A sound catalog is backed up first, and so is built on; a damaged one is laid aside in
    ``damaged/``. A log that ends before the backup, or lacks lines, adds what it has. Without a
    sound backup the catalog is built from the log alone. Settings that cannot be read are taken
    from the backup. Others who have a sound catalog open wait, and lose no decision. Raises
    :class:`ProjectError` when there is neither backup nor log, and :class:`StorageError` when the
    disk is full: then nothing was changed.
    """
    with workshop(folder) as shop, _place(folder, progress) as take:
        history = _history(folder, progress)
        for backup in backups.list_backups(folder / CATALOG_FILE):
            try:
                copy = ready_copy(backup, shop, progress)
            except StorageError:
                continue
            made = _replay_on(copy, backup.name, folder, history, progress)
            if made is not None:
                take(copy)
                break
        else:
            new, made = _from_the_log(shop, folder, history, progress)
            take(new)
    restore_settings(folder)
    return made


def rebuild_from_log(folder: Path, progress: Progress) -> Rebuilt:
    """Build the catalog from the decision log alone; import the images afterwards.

    Images that nobody has said anything about come with the import, and all are encoded anew.
    Raises what :func:`rebuild` raises.
    """
    with workshop(folder) as shop, _place(folder, progress) as take:
        new, made = _from_the_log(shop, folder, _history(folder, progress), progress)
        take(new)
    restore_settings(folder)
    return made


def restore_settings_alone(folder: Path) -> bool:
    """Take the settings from a backup if they are damaged and the catalog is not; whether so."""
    return _is_sound(folder / CATALOG_FILE) and restore_settings(folder)


@contextmanager
def _place(folder: Path, progress: Progress) -> Iterator[Callable[[Path], None]]:
    """What lets a catalog that is ready take its place; nobody decides anything meanwhile."""
    path = folder / CATALOG_FILE
    if not _is_sound(path):
        yield partial(replacement.take_place, catalog=path)
        return
    backups.make_backup(path, BackupReason.RESTORE, progress)
    with Catalog.open(path) as catalog, catalog.write() as connection:
        yield partial(replacement.replace_contents, connection, progress=progress)


def _is_sound(path: Path) -> bool:
    try:
        with Catalog.open(path) as catalog:
            return not overview.faults(catalog)
    except (DamagedCatalogError, NoCatalogError):
        return False


def _history(folder: Path, progress: Progress) -> History:
    return History.of(_watched(DecisionLog(folder), progress))


def _from_the_log(
    shop: Path, folder: Path, history: History, progress: Progress
) -> tuple[Path, Rebuilt]:
    """A new catalog, and what it was built from."""
    if not history.last:
        raise ProjectError(
            f"{folder} has neither a sound backup nor a decision log.",
            "Copy the project's folder from a backup of your own, or make a new project.",
        )
    new = shop / CATALOG_FILE
    new.unlink(missing_ok=True)
    Catalog.create(new).close()
    made = _replay_on(new, "", folder, history, progress)
    assert made is not None
    return new, made


def _replay_on(
    path: Path, backup: str, folder: Path, history: History, progress: Progress
) -> Rebuilt | None:
    """Do again what the log has since; None if that is another history than the catalog's."""
    log, counting = DecisionLog(folder), history.counting()
    with Catalog.open(path) as catalog:
        with catalog.read() as connection:
            there = events.newest(connection)
            shared = max((number for number in counting if number <= there), default=0)
            is_same = history.leads_through(there) and _is_same_event(connection, log, shared)
        if not is_same:
            return None
        wanted = {number for number in counting if number > there}
        found = replay(catalog, _wanted(log, wanted, progress))
        with catalog.write() as connection:
            left_out = [_forget_what_is_in_no_log(connection)]
        if there > history.last:
            left_out.append(LOG_ENDS_BEFORE)
    lost = history.missing_after(there) + found.skipped
    return Rebuilt(backup, found.events, lost, " ".join(filter(None, left_out)))


def _is_same_event(connection: Connection, log: DecisionLog, number: int) -> bool:
    """Whether catalog and log mean the same by a number: a backup may be of another project."""
    if not number:
        return True
    moment = connection.scalar(select(event_table.c.at).where(event_table.c.id == number))
    logged = next(event for event in log.read() if event.number == number)
    try:
        return moment == datetime.fromisoformat(logged.lines[0]["at"])
    except (LookupError, TypeError, ValueError):
        return False


def _forget_what_is_in_no_log(connection: Connection) -> str:
    """Choose nothing that is not there; a sentence about it, "" where all is there."""
    gone = [
        name
        for name, table in ((PREPARATION, preparations), (EXPERIMENT, experiments))
        if (value := connection.scalar(select(choices.c.value).where(choices.c.name == name)))
        and not connection.scalar(select(exists().where(cast(table.c.id, Text) == value)))
    ]
    if not gone:
        return ""
    kept = select(choices.c.value).where(choices.c.name == PREPARATION_SETTINGS)
    settings = settings_in_words(connection.scalar(kept) or "") if PREPARATION in gone else ""
    connection.execute(delete(choices).where(choices.c.name.in_(gone)))
    return (
        f"{NOT_IN_THE_LOG} (the settings were: {settings})." if settings else f"{NOT_IN_THE_LOG}."
    )


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
