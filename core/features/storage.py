"""Bytes at fixed places in a file, and files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageError

_BLOCK = 16 << 20


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn a failing disk into a :class:`StorageError` about ``path``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(
            f"{path} cannot be written: {reason}.",
            "Free some space or check the disk, then start again: what was done is kept.",
        ) from error


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
    _sync(fresh)
    fresh.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
