"""Vectors by row, safe against a kill at any moment.

Which rows are valid is known to the catalog alone, which is told after they are on the disk: a
row without a mark there is free to be written over.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import numpy as np

from core.errors import FeatureError, StorageError
from core.features.layout import Layout, check_size, read_layout, write_skeleton
from core.features.lock import WriterLock
from core.features.storage import copy_range, publish, storage_errors, write_at
from core.types import ImageIds, Vectors


class FeatureFile:
    """The vectors of one encoder.

    Any number of readers, in any process, work beside one writer. A reader that holds a memory
    map keeps seeing the rows it knew when the writer grows the file; :meth:`is_replaced` tells
    that it is time to open it again. The methods of one writer are for one thread.
    """

    def __init__(
        self, path: Path, stream: BinaryIO, layout: Layout, lock: WriterLock | None
    ) -> None:
        self.path = path
        self._stream = stream
        self._layout = layout
        self._lock = lock

    @classmethod
    def create(
        cls, path: Path, identity: str, dimension: int, capacity: int, encoder: str = "{}"
    ) -> Self:
        """Make a new file, open for writing. ``encoder`` says in JSON what ``identity`` hashes.

        Raises :class:`FeatureError` if the file exists or another writer is at work, and
        :class:`StorageError` if the disk does not take it.
        """
        check_size(dimension, capacity)
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        lock = WriterLock(path)
        try:
            if path.exists():
                raise FeatureError(f"{path} exists already.")
            with storage_errors(path):
                fresh = _new_name(path)
                write_skeleton(fresh, identity, dimension, capacity, encoder)
                publish(fresh, path)
            return cls._opened(path, identity, lock)
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(cls, path: Path, identity: str, *, writable: bool = False) -> Self:
        """Open a file and check all of it but its rows.

        Raises :class:`FeatureError` if it is missing, damaged, belongs to another encoder, or is
        wanted for writing while another writer is at work.
        """
        lock = WriterLock(path) if writable else None
        try:
            return cls._opened(path, identity, lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    @classmethod
    def _opened(cls, path: Path, identity: str, lock: WriterLock | None) -> Self:
        try:
            stream = cast(BinaryIO, path.open("rb" if lock is None else "r+b", buffering=0))
        except FileNotFoundError as error:
            raise FeatureError(
                f"There is no feature file {path}.", "Encode the images to make it."
            ) from error
        except OSError as error:
            raise StorageError(f"{path} cannot be opened: {error.strerror}.") from error
        try:
            layout = read_layout(stream, path)
            if layout.identity != identity:
                raise FeatureError(
                    f"{path} holds vectors of another encoder.",
                    "Vectors of two encoders are never mixed: choose the encoder that made it.",
                )
        except BaseException:
            stream.close()
            raise
        return cls(path, stream, layout, lock)

    @property
    def identity(self) -> str:
        """The identity of the encoder that made the vectors."""
        return self._layout.identity

    @property
    def dimension(self) -> int:
        """Numbers in one vector."""
        return self._layout.dimension

    @property
    def capacity(self) -> int:
        """Rows there is room for."""
        return self._layout.capacity

    def vectors(self) -> Vectors:
        """A read-only memory map (capacity, d). Nothing is read before it is looked at."""
        shape = (self._layout.capacity, self._layout.dimension)
        return np.memmap(self._stream, np.float32, "r", self._layout.vectors_offset, shape)

    def image_ids(self) -> ImageIds:
        """A read-only memory map (capacity,): whose vector a row is; 0 where none was written."""
        shape = (self._layout.capacity,)
        return np.memmap(self._stream, np.int64, "r", self._layout.ids_offset, shape)

    def is_replaced(self) -> bool:
        """Whether the path now leads to another file than the one that is open here."""
        try:
            there = self.path.stat()
        except OSError:
            return True
        return not os.path.samestat(there, os.fstat(self._stream.fileno()))

    def write(self, first_row: int, ids: ImageIds, vectors: Vectors) -> None:
        """Write ``vectors`` (n, d) of images ``ids`` (n,) from ``first_row`` on.

        On the disk when it returns. Raises :class:`StorageError` when the disk is full or fails.
        """
        self._check_writable()
        if ids.shape != (len(vectors),) or vectors.shape[1:] != (self.dimension,):
            raise FeatureError(
                f"Vectors of shape {vectors.shape} do not fit a file of dimension {self.dimension}."
            )
        if not 0 <= first_row <= self.capacity - len(ids):
            raise FeatureError(f"Row {first_row} lies outside the feature file.")
        layout, descriptor = self._layout, self._stream.fileno()
        with storage_errors(self.path):
            write_at(
                descriptor,
                np.ascontiguousarray(vectors, "<f4").tobytes(),
                layout.vectors_offset + first_row * layout.vector_bytes,
            )
            write_at(
                descriptor,
                np.ascontiguousarray(ids, "<i8").tobytes(),
                layout.ids_offset + first_row * layout.id_bytes,
            )
            os.fsync(descriptor)

    def ensure_capacity(self, rows: int) -> None:
        """Make room for at least ``rows`` rows; a growing file at least doubles.

        The larger copy takes the old one's place in one atomic step.
        """
        self._check_writable()
        if rows <= self.capacity:
            return
        capacity = max(rows, 2 * self.capacity)
        check_size(self.dimension, capacity)
        with storage_errors(self.path):
            fresh = _new_name(self.path)
            write_skeleton(fresh, self.identity, self.dimension, capacity, self._layout.encoder)
            self._copy_rows(fresh)
            publish(fresh, self.path)
        grown = self._opened(self.path, self.identity, self._lock)
        self._stream.close()
        self._stream, self._layout = grown._stream, grown._layout

    def _copy_rows(self, fresh: Path) -> None:
        with fresh.open("r+b", buffering=0) as stream:
            target = read_layout(cast(BinaryIO, stream), fresh)
            for (start, end), (offset, _) in zip(self._layout.regions, target.regions, strict=True):
                copy_range(self._stream.fileno(), start, end, stream.fileno(), offset)

    def _check_writable(self) -> None:
        if self._lock is None:
            raise FeatureError(f"{self.path.name} is open for reading only.")

    def close(self) -> None:
        """Let go of the file. Memory maps handed out stay valid."""
        self._stream.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _new_name(path: Path) -> Path:
    # One writer at a time: a left-over of a killed one is simply written over.
    return path.with_name(path.name + ".new")
