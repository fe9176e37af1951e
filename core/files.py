"""Files that appear complete or not at all, and a failing disk told in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write beside ``path``, whose place it takes at the end; after an error it is gone.

    Whoever needs it to survive a failing machine calls :func:`sync` on it.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Put the content of a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def storage_errors(path: Path, remedy: str) -> Iterator[None]:
    """Turn a disk that does not take ``path`` into a :class:`StorageError`."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}.", remedy
        ) from error
