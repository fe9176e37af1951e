"""Does an encoder give sound vectors, and here the same as where it was made?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import EncoderError
from core.types import Vectors

GOLDEN_FILE = "golden.json"
TOLERANCE = 2e-3
"""Largest difference of a number of a unit vector, between machines and precisions."""
_MAX_BYTES = 1 << 20


def check_vectors(
    folder: Path, encode: Callable[[NDArray[np.float32]], Vectors], shape: tuple[int, int, int]
) -> None:
    """Encode one made-up image of ``shape``; compare it with ``golden.json``, if there is one.

    ``{"synthetic": {"first8": [...]}}`` there holds the first numbers of the unit vector of the
    input ``((c + y + x) * 7 mod 256) / 127.5 - 1``, fed straight to the image tower. Raises
    :class:`EncoderError` if they differ by more than 2e-3, or if the vector is not sound.
    """
    channel, row, column = np.ogrid[: shape[0], : shape[1], : shape[2]]
    image = (((channel + row + column) * 7) % 256 / 127.5 - 1).astype(np.float32)
    vector = encode(image[None])[0]
    expected = _expected(folder / GOLDEN_FILE)
    if expected is None:
        return
    given = vector[: expected.size]
    if given.shape != expected.shape or not np.allclose(given, expected, atol=TOLERANCE, rtol=0):
        raise EncoderError(
            f"The encoder in {folder} does not give the vectors that came with it.",
            "Its weights or its configuration were changed: copy the encoder again.",
        )


def _expected(path: Path) -> NDArray[np.float32] | None:
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        golden = json.loads(path.read_text(encoding="utf-8"))
        return np.asarray(golden["synthetic"]["first8"], np.float32).reshape(-1)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        # A file of that name which means something else is no reason to refuse the encoder.
        return None
