"""The quick look at a JPEG header says what a decoder says, or nothing."""

from __future__ import annotations

import io
from typing import Any

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encoded, jpeg, noise, orientation

from core.errors import ImageError
from core.images.jpeg_header import plain_jpeg_size
from core.images.verify import verify

LIMIT = 1 << 33
PLAIN: list[tuple[str, dict[str, Any]]] = [
    ("RGB", {}),
    ("RGB", {"quality": 10}),
    ("RGB", {"progressive": True}),
    ("RGB", {"subsampling": 0, "optimize": True}),
    ("RGB", {"comment": b"a comment"}),
    ("RGB", {"restart_marker_rows": 1}),
    ("L", {}),
    ("CMYK", {}),
]


@pytest.mark.parametrize(("mode", "options"), PLAIN)
def test_the_size_of_a_plain_jpeg_is_read(mode: str, options: dict[str, Any]) -> None:
    assert plain_jpeg_size(encoded(noise(51, 37).convert(mode), "JPEG", **options)) == (51, 37)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        encoded(noise(), "PNG"),
        jpeg(exif=orientation(6)),
        jpeg()[:100],
    ],
)
def test_anything_else_is_left_to_a_decoder(data: bytes) -> None:
    assert plain_jpeg_size(data) is None


@settings(max_examples=300)
@given(
    st.sampled_from(PLAIN[:5]),
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), max_size=3),
    st.integers(0, 900),
)
def test_what_is_read_from_damaged_headers_is_what_a_decoder_reads(
    kind: tuple[str, dict[str, Any]], changes: list[tuple[int, int]], length: int
) -> None:
    mode, options = kind
    whole = encoded(noise(20, 12).convert(mode), "JPEG", **options)
    data = bytearray(whole)
    for place, value in changes:
        if place < len(data):
            data[place] = value
    data = data[: max(length, 200)] + b"\xff\xd9"
    size = plain_jpeg_size(bytes(data))
    if size is not None:
        assert size == verify(io.BytesIO(data), LIMIT)


def test_a_decoder_is_asked_about_more_than_the_size() -> None:
    """Twelve bits a value are legal, and not what Pillow reads."""
    data = jpeg()
    frame = data.index(b"\xff\xc0")
    twelve = data[: frame + 4] + b"\x0c" + data[frame + 5 :]
    assert plain_jpeg_size(twelve) is None
    with pytest.raises(ImageError):
        verify(io.BytesIO(twelve), LIMIT)


def test_pillow_still_says_the_same_about_the_files_of_this_test() -> None:
    with PIL.Image.open(io.BytesIO(jpeg())) as image:
        assert image.size == plain_jpeg_size(jpeg())
