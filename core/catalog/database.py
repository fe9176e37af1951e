"""One catalog: a database file, and the transactions on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from core.catalog import backups, events, migrate, soundness, sqlite
from core.catalog.decision_log import DecisionLog
from core.catalog.presence import Presence
from core.errors import NoCatalogError, ProjectError, StorageError

_SIGNS_OF_DAMAGE = (
    SQLAlchemyError,
    sqlite3.Error,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What reading impossible values raises; a bug may raise the same."""


class Catalog:
    """The catalog in the file ``path``. Every method may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = sqlite.connect(path)
        self._writer = self._engine.execution_options(**{sqlite.IMMEDIATE: True})
        self._write_lock = Lock()
        self._presence = Presence(path.parent)
        self.log = DecisionLog(path.parent)

    @classmethod
    def create(cls, path: Path) -> Catalog:
        """Make a new, empty catalog.

        Raises :class:`ProjectError` when there is a file already, :class:`StorageError` when
        none can be made. The file appears complete or not at all.
        """
        if path.exists():
            raise ProjectError(f"There is a catalog already: {path}.", "Open it instead.")
        part = path.with_name(f"{path.name}.part")
        part.unlink(missing_ok=True)
        with cls(part) as new, sqlite.clear_errors(path):
            sqlite.use_wal(new._engine)
            with new.write() as connection:
                migrate.upgrade(connection)
        part.replace(path)
        sqlite.sync_folder(path.parent)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """Open a catalog; one of an older version is backed up, then migrated.

        Raises :class:`NoCatalogError` when there is none, :class:`DamagedCatalogError` when it is
        damaged, :class:`ProjectError` when a newer version has written it, and
        :class:`StorageError` when the file cannot be used.
        """
        if not path.is_file():
            raise NoCatalogError(f"There is no catalog {path}.", sqlite.DAMAGE_REMEDY)
        catalog = cls(path)
        try:
            catalog._require_newest_schema()
        except BaseException:
            catalog.close()
            raise
        return catalog

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the catalog, whatever is written meanwhile."""
        with self._clear_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The only connection that writes, in one transaction; durable when left normally.

        An exception undoes all of it. Other threads wait; another program waits for
        ``BUSY_TIMEOUT`` seconds, then raises :class:`StorageError`. Not to be nested.
        """
        with (
            self._write_lock,
            self._clear_errors(),
            self._writer.begin() as connection,
        ):
            try:
                yield connection
                events.write_log(connection, self.log)
            finally:
                events.forget(connection)

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        """Raise what a person can act on; damage is told from a bug by looking at the file."""
        try:
            with sqlite.clear_errors(self.path):
                yield
        except _SIGNS_OF_DAMAGE as error:
            fault = self._fault()
            if not fault:
                raise
            raise sqlite.damaged(self.path, fault) from error

    def _fault(self) -> str:
        """One thing that is wrong with the file; "" if nothing is."""
        try:
            with sqlite.clear_errors(self.path), self._engine.begin() as connection:
                return next(iter(soundness.faults(connection)), "")
        except (SQLAlchemyError, sqlite3.Error):
            return "it is of a kind that this program cannot read"

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()
        self._presence.end()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _require_newest_schema(self) -> None:
        with self.read() as connection:
            found = self._known_revision(connection)
        with self._clear_errors():
            sqlite.use_wal(self._engine)
        if found == migrate.REVISIONS[-1]:
            self._repair_log()
            return
        with self.write() as connection:
            # Another process may have migrated it meanwhile.
            found = self._known_revision(connection)
            if found != migrate.REVISIONS[-1]:
                backups.make_backup(self.path, backups.BackupReason.VERSION)
                migrate.upgrade(connection)
            events.repair_log(connection, self.log)

    def _repair_log(self) -> None:
        """A log that was removed is written again, where it can be."""
        with self.read() as connection:
            is_complete = self.log.last() >= events.newest(connection)
        if not is_complete:
            with suppress(StorageError), self.write() as connection:
                events.repair_log(connection, self.log)

    def _known_revision(self, connection: Connection) -> str:
        found = migrate.revision(connection)
        if found is None:
            raise NoCatalogError(
                f"The file {self.path} is no catalog of ClipKW.", sqlite.DAMAGE_REMEDY
            )
        if found not in migrate.REVISIONS:
            raise ProjectError(
                f"The catalog {self.path} was written by a newer version of ClipKW.",
                "Install that version or a later one; nothing was changed.",
            )
        return found
