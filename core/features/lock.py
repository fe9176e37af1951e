"""One writer at a time, across threads and processes."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from core.errors import FeatureError, StorageError


class WriterLock:
    """Held from construction to :meth:`release`; the system lets go of it when a process dies.

    It lies beside the file it guards, because growing replaces that file.
    """

    def __init__(self, path: Path) -> None:
        name = path.with_name(path.name + ".lock")
        try:
            self._descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StorageError(
                f"{name} cannot be made: {error.strerror}.",
                "Check that the project's folder exists and may be written.",
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise FeatureError(
                f"Another program is writing to {path.name}.",
                "Wait until its encoding is done, or stop it; then try again.",
            ) from error

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._descriptor)
