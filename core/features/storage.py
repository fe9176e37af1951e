"""Bytes at fixed places in a file, and large files that appear whole or not at all."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

from core import files
from core.files import sync

_BLOCK = 16 << 20


def storage_errors(path: Path) -> AbstractContextManager[None]:
    """Turn a failing disk into a :class:`StorageError` about ``path``."""
    return files.storage_errors(
        path, "Free some space or check the disk, then start again: what was done is kept."
    )


def write_at(descriptor: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` at ``offset``."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def copy_range(source: int, start: int, end: int, target: int, offset: int) -> None:
    """Copy the bytes from ``start`` to ``end`` of one file to ``offset`` in another, in blocks."""
    while start < end:
        block = os.pread(source, min(_BLOCK, end - start), start)
        if not block:
            raise OSError("the file ended early")
        write_at(target, block, offset)
        start, offset = start + len(block), offset + len(block)


def publish(fresh: Path, path: Path) -> None:
    """Let the finished file ``fresh`` take the place of ``path``, for good."""
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
