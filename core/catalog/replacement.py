"""Another catalog in the place of one: all that is in a sound one, or the file of a damaged one."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Table, delete

from core.catalog import sqlite
from core.catalog.presence import alone
from core.catalog.schema import metadata
from core.files import storage_errors
from core.progress import Progress

DAMAGED_FOLDER = "damaged"
_ROWS_AT_ONCE = 20_000
_MAKE_ROOM = "Make room on the disk, or make the folder writable, and try again: nothing was lost."


def replace_contents(connection: Connection, source: Path, progress: Progress) -> None:
    """Fill the catalog from ``source``, a sound one of the same schema that nobody writes to.

    The file stays, so that other programs that have it open go on with it, and a kill at any
    moment leaves all of the one state or all of the other. Numbers that were given to keywords,
    steps and experiments are not given again.
    """
    tables = metadata.sorted_tables
    with sqlite.clear_errors(source), closing(sqlite3.connect(source)) as other:
        for table in reversed(tables):
            progress.checkpoint()
            connection.execute(delete(table))
        for done, table in enumerate(tables):
            progress.report(done, len(tables), "Putting it back")
            _fill(connection, other, table, progress)


def take_place(ready: Path, catalog: Path) -> None:
    """Let the file ``ready`` be the catalog; the damaged one before is kept in ``damaged/``.

    Killed anywhere, the same can be done again. Raises :class:`core.errors.ProjectError` when
    somebody has the catalog open, and :class:`StorageError` when the disk does not take it.
    """
    log = catalog.with_name(f"{catalog.name}-wal")
    with alone(catalog.parent), storage_errors(catalog.parent, _MAKE_ROOM):
        _lay_aside(catalog, log)
        # A log that belongs to another file would be taken for this one's.
        log.unlink(missing_ok=True)
        catalog.with_name(f"{catalog.name}-shm").unlink(missing_ok=True)
        sqlite.sync_folder(catalog.parent)
        ready.replace(catalog)
        sqlite.sync_folder(catalog.parent)


def _lay_aside(catalog: Path, log: Path) -> None:
    folder = catalog.parent / DAMAGED_FOLDER
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    for path in (catalog, log):
        if path.is_file():
            folder.mkdir(exist_ok=True)
            shutil.copyfile(path, folder / f"{moment}-{path.name}")


def _fill(
    connection: Connection, other: sqlite3.Connection, table: Table, progress: Progress
) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    places = ", ".join("?" * len(table.columns))
    insert = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'
    rows = other.execute(f'SELECT {names} FROM "{table.name}"')
    while block := rows.fetchmany(_ROWS_AT_ONCE):
        progress.checkpoint()
        connection.exec_driver_sql(insert, block)
