"""Is an image file whole? A quick check for the import; decoding everything comes later.

A JPEG is not decoded: that takes some ten times as long as reading and hashing it, and libjpeg
accepts most damage silently. A file that was cut off, or whose tail was never written, lacks the
end-of-image marker, which cannot occur inside the compressed data. The chunks of a PNG carry
checksums. The other formats are decoded.
"""

from __future__ import annotations

import os
from typing import BinaryIO

import PIL.Image

from core.errors import ImageError
from core.images.decode import (
    CUT_OFF,
    DAMAGED_DATA,
    DAMAGED_HEADER,
    enough_memory,
    open_image,
    readable_faults,
    upright_size,
)
from core.images.plain_file import END_OF_JPEG

_BLOCK = 1 << 20
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN = 0xDA


def verify(stream: BinaryIO, max_pixels: int) -> tuple[int, int]:
    """Check the image in ``stream``; returns its upright width and height in pixels.

    Raises :class:`ImageError` with the reason when it cannot be used.
    """
    stream.seek(0)
    with open_image(stream, max_pixels) as image:
        size = upright_size(image)
        if image.format in ("JPEG", "MPO"):
            _require_end_of_jpeg(stream)
            return size
        if image.format == "PNG":  # its checksums tell, without a pixel
            with readable_faults():
                _verify_png(image)
            return size
        with readable_faults(), enough_memory(image, image.width * image.height):
            image.load()
        return size


def _verify_png(image: PIL.Image.Image) -> None:
    try:
        image.verify()
    except (OSError, EOFError, SyntaxError) as error:
        wrong_sum = "bad header checksum" in str(error)
        raise ImageError(DAMAGED_DATA if wrong_sum else CUT_OFF) from error


def _require_end_of_jpeg(stream: BinaryIO) -> None:
    stream.seek(-2, os.SEEK_END)
    if stream.read(2) == END_OF_JPEG:
        return
    # Some devices append data of their own: look for an end anywhere behind the header.
    _seek_scan(stream)
    tail = b""
    while block := stream.read(_BLOCK):
        if END_OF_JPEG in tail + block:
            return
        tail = block[-1:]
    raise ImageError(CUT_OFF)


def _seek_scan(stream: BinaryIO) -> None:
    """Move behind the header segments: an embedded preview in them has an end of its own."""
    stream.seek(2)
    while True:
        lead = stream.read(1)
        while lead not in (b"\xff", b""):
            lead = stream.read(1)
        code = stream.read(1)
        while code == b"\xff":
            code = stream.read(1)
        if not code:
            raise ImageError(CUT_OFF)
        if code[0] == _START_OF_SCAN:
            return
        if code[0] in _STANDALONE or code == b"\0":
            continue
        length = int.from_bytes(stream.read(2), "big")
        if length < 2:
            raise ImageError(DAMAGED_HEADER)
        stream.seek(length - 2, os.SEEK_CUR)
