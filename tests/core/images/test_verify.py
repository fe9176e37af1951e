"""A cut-off file is always found; damage never raises anything but an ImageError."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pictures import encoded, jpeg, noise, png_claiming

from core.errors import ImageError
from core.images.decode import decode
from core.images.verify import verify

LIMIT = 1_000_000
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("BMP", {}),
    ("GIF", {}),
    ("WEBP", {}),
]


@pytest.mark.parametrize(("image_format", "options"), KINDS)
def test_a_whole_file_is_whole_and_a_shorter_one_is_not(
    image_format: str, options: dict[str, Any]
) -> None:
    data = encoded(noise(), image_format, **options)
    assert verify(io.BytesIO(data), LIMIT) == (48, 32)
    for length in np.linspace(1, len(data) - 20, 40).astype(int):
        with pytest.raises(ImageError):
            verify(io.BytesIO(data[:length]), LIMIT)


def test_the_preview_inside_a_cut_off_jpeg_does_not_hide_it() -> None:
    preview = jpeg(seed=1)
    data = jpeg(comment=preview)
    assert verify(io.BytesIO(data), LIMIT) == (48, 32)
    with pytest.raises(ImageError, match="cut off"):
        verify(io.BytesIO(data[:-200]), LIMIT)


def test_a_jpeg_with_a_zeroed_tail_is_cut_off_and_one_with_an_appendix_is_not() -> None:
    data = jpeg()
    with pytest.raises(ImageError, match="cut off"):
        verify(io.BytesIO(data[:-500] + bytes(500)), LIMIT)
    assert verify(io.BytesIO(data + b"notes of a camera"), LIMIT) == (48, 32)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(ImageError, match="It has 3600 megapixels; the limit of this project is 1"):
        verify(io.BytesIO(png_claiming(60_000, 60_000)), LIMIT)


@pytest.mark.parametrize(("image_format", "options"), KINDS)
def test_random_damage_raises_nothing_but_image_errors(
    tmp_path: Path, image_format: str, options: dict[str, Any]
) -> None:
    data = encoded(noise(), image_format, **options)
    random = np.random.default_rng(3)
    path = tmp_path / "damaged"
    for _ in range(60):
        damaged = np.frombuffer(data, dtype=np.uint8).copy()
        places = random.integers(0, len(damaged), random.integers(1, 12))
        damaged[places] = random.integers(0, 256, len(places))
        path.write_bytes(damaged.tobytes())
        for use in (_verify, _decode):
            try:
                use(path)
            except ImageError as error:
                assert str(error).endswith(".")  # noqa: PT017


def _verify(path: Path) -> None:
    with path.open("rb") as stream:
        verify(stream, LIMIT)


def _decode(path: Path) -> None:
    decode(path, LIMIT, target=16)
