"""All that is particular to SQLite: connections, transactions, errors, copies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from core.errors import ClipkwError, DamagedCatalogError, ProjectError, StorageError
from core.files import sync
from core.progress import Progress

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another program that is writing to the same catalog."""

DAMAGE_REMEDY = "Use clipkw rebuild: a backup takes its place, with every decision since."

WORKSHOP = ".restoring-"
"""How the names of folders begin in which a catalog is made ready to take this one's place."""

_PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    f"journal_size_limit = {64 * 2**20}",  # A large import would leave as large a file behind.
)

_PAGES_AT_ONCE = 4096
"""Of a copy, so that it can be stopped: 16 MiB."""

_SIGNS_OF_DAMAGE = ("Could not decode to UTF-8", "unsupported file format")
"""How errors begin that SQLite gives no code of their own."""

IMMEDIATE = "sqlite_begin_immediate"
"""Execution option of connections that are going to write."""


def connect(path: Path) -> Engine:
    """An engine for the database at ``path``; nothing is opened yet."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT},
        max_overflow=-1,
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # sqlite3 would otherwise begin transactions itself, later than told and not before DDL.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def use_wal(engine: Engine) -> None:
    """Let many read while one writes; the file remembers it.

    Not done on every connection: a file that is no catalog is to stay as it is.
    """
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail when another one wrote between.
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Turn what can go wrong with the file at ``path`` into errors a person can act on."""
    try:
        yield
    except UnicodeDecodeError as error:  # of a name in a message of SQLite
        raise damaged(path, "a text in it is not UTF-8") from error
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        clear = _explain(path, getattr(cause, "sqlite_errorname", ""))
        if clear is None and str(cause).startswith(_SIGNS_OF_DAMAGE):
            clear = damaged(path, str(cause))
        if clear is None:
            raise
        raise clear from error


def _explain(path: Path, code: str) -> ClipkwError | None:
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return _locked(path)
    if code == "SQLITE_FULL":
        return StorageError(
            f"The disk with the catalog {path} is full.",
            "Nothing was changed. Make room on it and try again.",
        )
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StorageError(
            f"The catalog {path} cannot be written.",
            "Nothing was changed. Make the file and its folder writable and try again.",
        )
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return DamagedCatalogError(
            f"The catalog {path} is damaged, or is no catalog.", DAMAGE_REMEDY
        )
    if code.startswith("SQLITE_IOERR"):
        return StorageError(
            f"The disk with the catalog {path} cannot be read or written.",
            "Nothing was changed. Check the disk and try again.",
        )
    if code == "SQLITE_CONSTRAINT_UNIQUE":
        return ProjectError(
            f"Another program has changed the catalog {path} at the same time.",
            "Nothing was changed. Repeat the step.",
        )
    if code == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return ProjectError(
            f"An image or a keyword is no longer in the catalog {path}.",
            "Nothing was changed. Open the project again and repeat the step.",
        )
    return None


def _locked(path: Path) -> StorageError:
    """Who holds it, as far as the project's folder tells."""
    if any(path.parent.glob(f"{WORKSHOP}*")):
        return StorageError(
            f"The catalog {path} is being put back in another window or terminal.",
            "Nothing was changed. Wait until that has finished and repeat the step.",
        )
    return StorageError(
        f"The catalog {path} is locked by another program.",
        "Nothing was changed. Another window, a command or a backup program is writing to it: wait"
        " until it has finished and repeat the step.",
    )


def damaged(path: Path, what: str) -> DamagedCatalogError:
    """The error about a catalog with a fault in it."""
    return DamagedCatalogError(f"The catalog {path} is damaged: {what}.", DAMAGE_REMEDY)


def quick_faults(connection: Connection) -> list[str]:
    """What SQLite's quick check finds wrong; indexes are not compared with their tables."""
    return _faults(connection, "quick_check")


def faults(connection: Connection) -> list[str]:
    """What SQLite's own full check of the file finds wrong, a few faults at most."""
    return _faults(connection, "integrity_check")


def _faults(connection: Connection, check: str) -> list[str]:
    found = connection.exec_driver_sql(f"PRAGMA {check}(5)").scalars().all()
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
    broken = [str(fault) for fault in found if fault != "ok"]
    return broken + [f"a row of {row[0]} refers to a missing one of {row[2]}" for row in orphans]


def copy(source: Path, target: Path, progress: Progress) -> None:
    """Write a consistent copy of the database ``source``, also while it is in use.

    ``target`` is replaced when the copy is complete and on the disk; it is one file, without a
    log beside it. Progress counts pages. Raises :class:`StorageError` when ``source`` is damaged:
    a copy of that is no backup.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)

    def tell(_status: int, left: int, total: int) -> None:
        progress.checkpoint()
        progress.report(total - left, total)

    try:
        with (
            clear_errors(target),
            closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT)) as reader,
            closing(sqlite3.connect(part, isolation_level=None)) as writer,
        ):
            # What is read stays one state, so that a write meanwhile does not start it anew.
            reader.execute("BEGIN")
            reader.execute("SELECT 1 FROM sqlite_schema").fetchone()
            reader.backup(writer, pages=_PAGES_AT_ONCE, progress=tell)
            writer.execute("PRAGMA journal_mode = DELETE").close()
            fault = str(writer.execute("PRAGMA quick_check(1)").fetchone()[0])
        if fault != "ok":
            raise damaged(source, fault)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the names of the files in ``folder`` durable, where the system can."""
    with suppress(OSError):
        sync(folder)
