"""A damaged feature file: what is sound in it is kept.

A vector has length one, and its row tells whose it is: what a broken disk or an interrupted copy
leaves has neither.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.features.feature_file import FeatureFile
from core.progress import Progress
from core.types import ImageIds

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_END_ADDRESS = 40
"""Where a file of the earliest HDF5 format says how long it is."""
_BLOCK = 65_536
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
    order = np.argsort(rows)
    damaged = []
    for start in range(0, len(rows), _BLOCK):
        progress.checkpoint()
        progress.report(start, len(rows))
        part = order[start : start + _BLOCK]
        damaged.append(images[part][~_is_sound(features, images[part], rows[part])])
    return np.concatenate([np.empty(0, np.int64), *damaged])


def _is_sound(
    features: FeatureFile, images: ImageIds, rows: NDArray[np.int64]
) -> NDArray[np.bool_]:
    sound = np.zeros(len(rows), dtype=np.bool_)
    inside = np.flatnonzero(rows < features.capacity)
    vectors = np.asarray(features.vectors()[rows[inside]], dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    told = features.image_ids()[rows[inside]]
    of_length_one = np.abs(lengths - 1) < _TOLERANCE  # NaN is none
    sound[inside] = of_length_one & ((told == images[inside]) | (told == 0))
    _tell_again(features, images[inside], rows[inside], of_length_one & (told == 0))
    return sound


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
