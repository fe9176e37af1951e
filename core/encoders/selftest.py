"""Does an encoder give sound vectors, and here the same as where it was made?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import EncoderError
from core.types import Vectors

GOLDEN_FILE = "golden.json"
TOLERANCE = 2e-3
"""Largest difference of a number of a unit vector, between machines and precisions."""
_MAX_BYTES = 1 << 20
_NOT_MEANT = (OSError, ValueError, TypeError, KeyError, RecursionError)
"""A file of that name which means something else is no reason to refuse the encoder."""

Vector: TypeAlias = NDArray[np.float32]


def check_vectors(
    folder: Path, encode: Callable[[NDArray[np.float32]], Vectors], shape: tuple[int, int, int]
) -> None:
    """Encode one made-up image of ``shape``; compare it with ``golden.json``, if there is one.

    ``{"synthetic": {"first8": [...]}}`` there holds the first numbers of the unit vector of the
    input ``((c + y + x) * 7 mod 256) / 127.5 - 1``, fed straight to the image tower. Raises
    :class:`EncoderError` if they differ by more than 2e-3, or if the vector is not sound.
    """
    vector = encode(synthetic_image(shape)[None])[0]
    expected = _expected_image(folder)
    if expected is not None:
        _compare(folder, vector, expected)


def check_texts(folder: Path, encode: Callable[[Sequence[str]], Vectors]) -> None:
    """Encode the texts that ``golden.json`` names, if it names any, and compare their vectors.

    ``{"texts": {"a dog": [...]}}`` holds the first numbers of their unit vectors. Another
    tokenizer gives others. Raises :class:`EncoderError`.
    """
    texts = _expected_texts(folder)
    if texts:
        for vector, expected in zip(encode(list(texts)), texts.values(), strict=True):
            _compare(folder, vector, expected)


def synthetic_image(shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """The made-up image of ``shape`` (channels, height, width), in [-1, 1]."""
    channel, row, column = np.ogrid[: shape[0], : shape[1], : shape[2]]
    return (((channel + row + column) * 7) % 256 / 127.5 - 1).astype(np.float32)


def golden_vectors(image: Vector, texts: Mapping[str, Vector]) -> dict[str, Any]:
    """What ``golden.json`` holds: the first eight numbers of each unit vector (d,)."""
    first = {text: _first(vector) for text, vector in texts.items()}
    return {"synthetic": {"first8": _first(image)}, "texts": first}


def has_golden(folder: Path) -> bool:
    """Whether vectors to compare with came with an encoder."""
    return _expected_image(folder) is not None


def _first(vector: Vector) -> list[float]:
    return [round(float(value), 6) for value in vector[:8]]


def _compare(folder: Path, vector: Vector, expected: Vector) -> None:
    given = vector[: expected.size]
    if given.shape != expected.shape or not np.allclose(given, expected, atol=TOLERANCE, rtol=0):
        raise EncoderError(
            f"The encoder in {folder} does not give the vectors that came with it.",
            "Its weights or its configuration were changed: copy the encoder again.",
        )


def _expected_image(folder: Path) -> Vector | None:
    try:
        return _numbers(_read(folder)["synthetic"]["first8"])
    except _NOT_MEANT:
        return None


def _expected_texts(folder: Path) -> dict[str, Vector]:
    try:
        texts = _read(folder)["texts"]
        return {str(text): _numbers(texts[text]) for text in texts}
    except _NOT_MEANT:
        return {}


def _read(folder: Path) -> Any:
    path = folder / GOLDEN_FILE
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{path} is too large")
    return json.loads(path.read_text(encoding="utf-8"))


def _numbers(values: Any) -> Vector:
    return np.asarray(values, np.float32).reshape(-1)
