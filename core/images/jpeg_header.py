"""The size of a JPEG from its header, many times quicker than asking a decoder.

It pays for archives of small files, where reading and hashing take hardly longer than a decoder's
look at the header.
"""

from __future__ import annotations

from struct import Struct

_START = b"\xff\xd8\xff"
_SEGMENT = Struct(">BBH").unpack_from
"""0xff, code, length with its own two bytes."""
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive."""
_FRAME = Struct(">BHHB").unpack_from
"""Bits of a value, height, width, components."""
_FRAME_SIZE = 6
_COMPONENTS = frozenset({1, 3, 4})
_QUANTIZATION, _TABLE_SIZE = 0xDB, 65
_SCAN = 0xDA
_JFIF, _JFIF_SIZE = 0xE0, 14
_PASSED_OVER = frozenset({0xC4, 0xDD, 0xEE, 0xFE})
"""Huffman tables, restart interval, Adobe's transform, comments."""


def plain_jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of the JPEG file ``data``, which needs no turning.

    None when anything about its header is unusual: then a decoder must say what it is.
    """
    if not data.startswith(_START):
        return None
    size: tuple[int, int] | None = None
    place, end = 2, len(data)
    while place + 4 <= end:
        lead, code, length = _SEGMENT(data, place)
        start, place = place + 4, place + 2 + length
        if lead != 0xFF or start > place or place > end:
            return None
        if code in _PASSED_OVER:
            continue
        if code == _QUANTIZATION:
            # Only tables of 8-bit values, whose number is in the lower half of their first byte.
            if start == place or (place - start) % _TABLE_SIZE or data[start] > 3:
                return None
        elif code in _FRAMES:
            if size is not None or (size := _frame_size(data, start, place)) is None:
                return None
        elif code == _SCAN:
            return size
        elif (code, place - start) != (_JFIF, _JFIF_SIZE):
            return None
    return None


def _frame_size(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    if end - start < _FRAME_SIZE:
        return None
    bits, height, width, components = _FRAME(data, start)
    if bits != 8 or components not in _COMPONENTS or end - start != _FRAME_SIZE + 3 * components:
        return None
    return (width, height) if width and height else None
