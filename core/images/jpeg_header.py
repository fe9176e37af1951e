"""The size of a JPEG from its header, many times quicker than asking a decoder.

It pays for archives of small files, where reading and hashing take hardly longer than a decoder's
look at the header.
"""

from __future__ import annotations

_START = b"\xff\xd8\xff"
_FRAMES = frozenset({b"\xc0", b"\xc1", b"\xc2"})
"""Baseline, extended and progressive."""
_FRAME_FIELDS = 6
_COMPONENTS = frozenset({1, 3, 4})
_QUANTIZATION, _TABLE_SIZE = b"\xdb", 65
_SCAN = b"\xda"
_JFIF, _JFIF_SIZE = b"\xe0", 14
_PASSED_OVER = frozenset({b"\xc4", b"\xdd", b"\xee", b"\xfe"})
"""Huffman tables, restart interval, Adobe's transform, comments."""


def plain_jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of the JPEG file ``data``, which needs no turning.

    None when anything about its header is unusual: then a decoder must say what it is.
    """
    if not data.startswith(_START):
        return None
    size: tuple[int, int] | None = None
    place = 2
    while data[place : place + 1] == b"\xff":
        code = data[place + 1 : place + 2]
        start, length = place + 4, int.from_bytes(data[place + 2 : place + 4]) - 2
        place = start + length
        if length < 0 or place > len(data):
            return None
        if code == _SCAN:
            return size
        if code in _FRAMES:
            if size is not None or (size := _frame_size(data[start:place])) is None:
                return None
        elif code == _QUANTIZATION:
            # Only tables of 8-bit values, whose number is in the lower half of their first byte.
            if not length or length % _TABLE_SIZE or data[start] > 3:
                return None
        elif code not in _PASSED_OVER and (code, length) != (_JFIF, _JFIF_SIZE):
            return None
    return None


def _frame_size(fields: bytes) -> tuple[int, int] | None:
    if len(fields) < _FRAME_FIELDS or fields[0] != 8 or fields[5] not in _COMPONENTS:
        return None
    if len(fields) != _FRAME_FIELDS + 3 * fields[5]:
        return None
    width, height = int.from_bytes(fields[3:5]), int.from_bytes(fields[1:3])
    return (width, height) if width and height else None
