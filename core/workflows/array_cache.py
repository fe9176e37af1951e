"""Arrays that are kept to save time. A damaged file of them is as good as none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files import replacing, storage_errors


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]] | None:
    """The arrays ``names`` of an ``.npz`` file; None if one is missing or damaged."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            found = {name: stored[name] for name in names}
    except Exception:  # a damaged archive can raise anything in its readers
        return None
    # what does not begin like an array is given as bytes
    return found if all(isinstance(array, np.ndarray) for array in found.values()) else None


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a file of arrays; complete or not at all. Raises :class:`StorageError`."""
    with storage_errors(path, "Free some space, and try again."):
        path.parent.mkdir(exist_ok=True)
        with replacing(path) as part, part.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
