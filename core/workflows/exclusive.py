"""Work that only one program at a time may do."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ProjectError, StorageError


@contextmanager
def exclusive(path: Path, work: str) -> Iterator[None]:
    """Hold the lock ``path``; the system lets go of it when a process dies.

    Raises :class:`ProjectError` when another program or thread does the same ``work`` and
    :class:`StorageError` when the file cannot be made.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be made: {error.strerror or error}.",
            "Check that the project's folder may be written.",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ProjectError(
                f"{work} is going on in another window or terminal.", "Wait for it, or stop it."
            ) from error
        yield
    finally:
        os.close(descriptor)
