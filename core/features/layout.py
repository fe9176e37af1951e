"""The HDF5 skeleton of a feature file: written once, checked before anything in it is believed.

``vectors`` (capacity, d) float32 and ``image_ids`` (capacity,) int64 are contiguous, allocated
when the file is made and never filled. From then on the file's metadata never changes, so rows
can be written and mapped as plain bytes at a fixed offset, and a program killed while it writes
leaves a file that every HDF5 reader still opens.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import h5py
import numpy as np

from core.errors import FeatureError

FORMAT = 1
MAX_DIMENSION = 65_536
MAX_CAPACITY = 1 << 36
REMEDY = (
    "Choose Encode again in the window, or run clipkw mend, then clipkw encode: what is sound is"
    " kept, and no keyword is lost."
)

_VECTOR = np.dtype("<f4")
_ID = np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows lie. Offsets and sizes are in bytes from the start of the file."""

    identity: str
    encoder: str
    dimension: int
    capacity: int
    vectors_offset: int
    ids_offset: int

    @property
    def vector_bytes(self) -> int:
        """Bytes of one vector."""
        return self.dimension * _VECTOR.itemsize

    @property
    def id_bytes(self) -> int:
        """Bytes of one image id."""
        return _ID.itemsize

    @property
    def regions(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Start and end of the vectors and of the ids."""
        return (
            (self.vectors_offset, self.vectors_offset + self.capacity * self.vector_bytes),
            (self.ids_offset, self.ids_offset + self.capacity * self.id_bytes),
        )


def write_skeleton(path: Path, identity: str, dimension: int, capacity: int, encoder: str) -> None:
    """Make an empty file at ``path``. The rows take disk space only as they are written."""
    with h5py.File(path, "w", libver="earliest", locking=False) as file:
        file.attrs["format"] = np.int64(FORMAT)
        file.attrs["dimension"] = np.int64(dimension)
        file.attrs["identity"] = np.bytes_(identity.encode("utf-8"))
        file.attrs["encoder"] = np.bytes_(encoder.encode("utf-8"))
        for name, shape, dtype in (
            (b"vectors", (capacity, dimension), _VECTOR),
            (b"image_ids", (capacity,), _ID),
        ):
            plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plan.set_layout(h5py.h5d.CONTIGUOUS)
            plan.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            plan.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
            space = h5py.h5s.create_simple(shape)
            h5py.h5d.create(file.id, name, h5py.h5t.py_create(dtype), space, plan)


def read_layout(stream: BinaryIO, path: Path) -> Layout:
    """Check every assumption and return the layout; :class:`FeatureError` names what is wrong."""
    try:
        with h5py.File(stream, "r") as file:
            layout = _checked(file, path)
    except FeatureError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise FeatureError(f"{path} is not a feature file, or is damaged.", REMEDY) from error
    size = os.fstat(stream.fileno()).st_size
    vectors, ids = layout.regions
    if max(vectors[1], ids[1]) > size:
        raise FeatureError(f"{path} is cut short.", REMEDY)
    if vectors[0] < ids[1] and ids[0] < vectors[1]:
        raise FeatureError(f"{path} is damaged: its parts overlap.", REMEDY)
    return layout


def _checked(file: Any, path: Path) -> Layout:
    if int(file.attrs["format"]) != FORMAT:
        raise FeatureError(
            f"{path} has format {int(file.attrs['format'])}; this program reads {FORMAT}.",
            "Use the version of ClipKW that wrote it, or encode the images again.",
        )
    dimension = int(file.attrs["dimension"])
    vectors, ids = _dataset(file, b"vectors", _VECTOR), _dataset(file, b"image_ids", _ID)
    capacity = int(ids.shape[0])
    if ids.rank != 1 or vectors.shape != (capacity, dimension):
        raise FeatureError(f"{path} is damaged: its shapes do not fit together.", REMEDY)
    check_size(dimension, capacity)
    return Layout(
        identity=_text(file, "identity"),
        encoder=_text(file, "encoder"),
        dimension=dimension,
        capacity=capacity,
        vectors_offset=int(vectors.get_offset()),
        ids_offset=int(ids.get_offset()),
    )


def _text(file: Any, name: str) -> str:
    value = file.attrs[name]
    if not isinstance(value, np.bytes_):
        raise ValueError("not a plain text")
    return value.decode("utf-8")


def _dataset(file: Any, name: bytes, dtype: np.dtype[Any]) -> Any:
    """Open a plain contiguous dataset that lies in this very file."""
    if file.id.links.get_info(name).type != h5py.h5l.TYPE_HARD:
        raise ValueError("a link to somewhere else")
    dataset = h5py.h5d.open(file.id, name)
    plan = dataset.get_create_plist()
    if (
        plan.get_layout() != h5py.h5d.CONTIGUOUS
        or plan.get_nfilters()
        or plan.get_external_count()
        or dataset.dtype != dtype
        or dataset.get_offset() is None
    ):
        raise ValueError("not a plain contiguous dataset of the expected type")
    return dataset


def check_size(dimension: int, capacity: int) -> None:
    """Refuse sizes that no encoder and no archive has."""
    if not 1 <= dimension <= MAX_DIMENSION:
        raise FeatureError(f"A vector cannot have {dimension} dimensions.")
    if not 1 <= capacity <= MAX_CAPACITY:
        raise FeatureError(f"A feature file cannot hold {capacity} rows.")
