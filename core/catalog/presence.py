"""Who has a catalog open: its file may only be exchanged while nobody has.

The lock is on the folder itself, so that it needs no file and holds where nothing can be written.
The system lets go of it when a process dies.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import ProjectError


class Presence:
    """Held from construction to :meth:`end`, by any number of programs at once."""

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        with suppress(OSError):  # some network shares know no locks
            self._descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def end(self) -> None:
        """The catalog is closed; more than once is once."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else has the catalog in ``folder`` open, nor opens it meanwhile.

    Raises :class:`ProjectError` when somebody has.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise ProjectError(
                    f"{folder} is open in another window or terminal.",
                    "Close the project there and try again.",
                ) from error
        yield
    finally:
        os.close(descriptor)
