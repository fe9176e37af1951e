"""A damaged feature file: what is sound in it is kept.

A vector has length one, and its row tells whose it is: what a broken disk or an interrupted copy
leaves has neither.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.features.feature_file import FeatureFile
from core.progress import Progress
from core.types import ImageIds, Vectors

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_END_ADDRESS = 40
"""Where a file of the earliest HDF5 format says how long it is."""
_BLOCK = 4_096
_LONGEST = 1 << 44
_TOLERANCE = 1e-2


def stretch(path: Path) -> bool:
    """Give a file that was cut short its length again, so that it can be opened.

    What was lost reads as zeros. False if nothing was to be done, or the start is lost too.
    """
    with path.open("r+b") as file:
        start = file.read(_END_ADDRESS + 8)
        length = int.from_bytes(start[_END_ADDRESS:], "little")
        size = os.fstat(file.fileno()).st_size
        if not start.startswith(_SIGNATURE) or not size < length <= _LONGEST:
            return False
        file.truncate(length)
        os.fsync(file.fileno())
    return True


def mend(
    features: FeatureFile, images: ImageIds, rows: NDArray[np.int64], progress: Progress
) -> ImageIds:
    """The images of ``images`` (n,) whose vector in ``rows`` (n,) is damaged.

    A sound vector that no longer tells whose it is is told so again. ``features`` is open for
    writing.
    """
    damaged = [np.empty(0, np.int64)]
    for part in _parts(rows, progress):
        whole, told = _look_at(features, rows[part])
        nameless = whole & (told == 0)
        _tell_again(features, images[part], rows[part], nameless)
        damaged.append(images[part][~(whole & ((told == images[part]) | nameless))])
    return np.concatenate(damaged)


def count_damaged(
    features: FeatureFile, images: ImageIds, rows: NDArray[np.int64], progress: Progress
) -> int:
    """How many of ``images`` (n,) have no sound vector of theirs in ``rows`` (n,)."""
    sound = 0
    for part in _parts(rows, progress):
        whole, told = _look_at(features, rows[part])
        sound += int(np.count_nonzero(whole & (told == images[part])))
    return len(rows) - sound


def of_length_one(vectors: Vectors) -> NDArray[np.bool_]:
    """Which of the vectors (n, d) have length one, as all have that an encoder made."""
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
        whole: NDArray[np.bool_] = np.abs(lengths - 1) < _TOLERANCE  # NaN is none
    return whole


def _parts(rows: NDArray[np.int64], progress: Progress) -> Iterator[NDArray[np.int64]]:
    """Places in ``rows`` (n,), a block at a time, from the front of the file to its end."""
    order = np.argsort(rows)
    for start in range(0, len(rows), _BLOCK):
        progress.checkpoint()
        progress.report(start, len(rows))
        yield order[start : start + _BLOCK]


def _look_at(
    features: FeatureFile, rows: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which rows (n,) hold a vector, and whose they say that it is; 0 beyond the file's end."""
    whole, told = np.zeros(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.int64)
    inside = rows < features.capacity
    whole[inside] = of_length_one(features.vectors()[rows[inside]])
    told[inside] = features.image_ids()[rows[inside]]
    return whole, told


def _tell_again(
    features: FeatureFile,
    images: ImageIds,
    rows: NDArray[np.int64],
    nameless: NDArray[np.bool_],
) -> None:
    places = np.flatnonzero(nameless)
    runs = np.split(places, np.flatnonzero(np.diff(rows[places]) != 1) + 1)
    for run in runs:
        if len(run):
            first = int(rows[run[0]])
            vectors = np.array(features.vectors()[first : first + len(run)])
            features.write(first, images[run], vectors)
