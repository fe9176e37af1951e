"""Text files that appear complete or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.files import replacing, storage_errors


@contextmanager
def writing(path: Path, encoding: str = "utf-8", newline: str | None = None) -> Iterator[TextIO]:
    """A text file to write to, put in place at the end. Raises :class:`StorageError`."""
    remedy = "Free some space, or choose a folder you may write to."
    with (
        storage_errors(path, remedy),
        replacing(path) as part,
        part.open("w", encoding=encoding, newline=newline) as stream,
    ):
        yield stream
