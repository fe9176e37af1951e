"""The decision log: a file of JSON lines beside the catalog, appended to and never changed.

Every event of the journal stands in it, numbered, with paths, content hashes and names, so that a
catalog can be rebuilt from it and a person can read it. An event is in the log, and on the disk,
before the catalog's transaction commits: no decision that was acknowledged is missing.

A line that a power cut has torn ends where the next one begins; what it was about is written
again. A large event takes several lines, each but the last with ``"more": true``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.catalog import sqlite
from core.errors import StorageError

LOG_FILE = "decisions.jsonl"
_TAIL = 4096
_HIGHEST = 1 << 53
"""Numbers from here on are damage: a database could not count on from them."""
_BUFFER = 1 << 20

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as it was logged: its number, and the objects of its lines."""

    number: int
    lines: tuple[JsonObject, ...]


class DecisionLog:
    """The log in ``folder``. Only who holds the catalog's write lock may append."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG_FILE

    def last(self) -> int:
        """The number of the last event that is there completely, 0 if there is none.

        Raises :class:`StorageError` when the file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                return _last_number(file.fileno())
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._cannot("read", error) from error

    def append(self, lines: Iterable[JsonObject]) -> None:
        """Write lines; on the disk when this returns.

        Raises :class:`StorageError` when the disk does not take them: then none is there.
        """
        is_new = not self.path.exists()
        try:
            descriptor = os.open(
                self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644
            )
        except OSError as error:
            raise self._cannot("written", error) from error
        try:
            size = os.fstat(descriptor).st_size
            try:
                _write(descriptor, lines, b"\n" if _is_torn(descriptor, size) else b"")
                os.fdatasync(descriptor)
            except OSError as error:
                with suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise self._cannot("written", error) from error
        finally:
            os.close(descriptor)
        if is_new:
            sqlite.sync_folder(self.path.parent)

    def read(self) -> Iterator[LoggedEvent]:
        """Every event that is there completely, in the order of the file.

        Lines that cannot be read are left out; their events show as gaps between the numbers.
        Raises :class:`StorageError` when the file itself cannot be read.
        """
        collected: list[JsonObject] = []
        try:
            with self.path.open("rb") as file:
                for raw in file:
                    line = _parsed(raw)
                    if line is None:
                        continue
                    if line.get("part", 0) == 0:
                        collected = []
                    if len(collected) == line.get("part", 0):
                        collected.append(line)
                        if not line.get("more"):
                            yield LoggedEvent(line["n"], tuple(collected))
                            collected = []
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._cannot("read", error) from error

    def _cannot(self, verb: str, error: OSError) -> StorageError:
        return StorageError(
            f"The decision log {self.path} cannot be {verb}: {error.strerror or error}.",
            "Nothing was changed. Make room on the disk, or make the file and its folder writable,"
            " and try again.",
        )


def _write(descriptor: int, lines: Iterable[JsonObject], waiting: bytes) -> None:
    buffer = bytearray(waiting)
    for line in lines:
        buffer += json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()
        buffer += b"\n"
        if len(buffer) >= _BUFFER:
            _write_all(descriptor, buffer)
            buffer.clear()
    _write_all(descriptor, buffer)


def _write_all(descriptor: int, data: bytes | bytearray) -> None:
    view = memoryview(bytes(data))
    while view:
        view = view[os.write(descriptor, view) :]


def _is_torn(descriptor: int, size: int) -> bool:
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _last_number(descriptor: int) -> int:
    """Looks at the end of the file only, at ever more of it until there is a line to be read."""
    size, length = os.fstat(descriptor).st_size, _TAIL
    while True:
        start = max(0, size - length)
        whole = os.pread(descriptor, size - start, start).split(b"\n")
        for raw in reversed(whole[1:] if start else whole):
            line = _parsed(raw)
            if line is not None:
                return line["n"] - 1 if line.get("more") else int(line["n"])
        if start == 0:
            return 0
        length *= 16


def _parsed(raw: bytes) -> JsonObject | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    is_sound = isinstance(line, dict) and isinstance(line.get("n"), int)
    return line if is_sound and 0 < line["n"] < _HIGHEST else None
