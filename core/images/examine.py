"""What one image file is: read once, checked and hashed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from typing import BinaryIO

from core.errors import ImageError
from core.images.decode import reason_of
from core.images.lookers import Lookers
from core.images.plain_file import HASH, plain_size
from core.images.verify import verify
from core.images.walk import ListedFile
from core.types import FileRecord, Problem

_READ_AT_ONCE = 32 << 20
"""Bytes up to which a file is read in one go; a larger one is streamed."""


def examine_files(
    root: str, files: Sequence[ListedFile], max_pixels: int
) -> list[FileRecord | Problem]:
    """Read files below ``root``; for each what it is, or why it cannot be used."""
    return [_examine(f"{root}/{file.path}", file.path, max_pixels) for file in files]


def examine_small_files(
    root: str, files: Sequence[ListedFile], max_pixels: int, lookers: Lookers
) -> list[FileRecord | Problem]:
    """The same, with the help of other processes for the plain ones among them."""
    places = [f"{root}/{file.path}" for file in files]
    return [
        _examine(place, file.path, max_pixels)
        if look is None or look[3] * look[4] > max_pixels
        else FileRecord(file.path, *look)
        for place, file, look in zip(places, files, lookers.look_at(places), strict=True)
    ]


def _examine(place: str, path: str, max_pixels: int) -> FileRecord | Problem:
    try:
        # Unbuffered: half as many calls for a file that is read in one go.
        with open(place, "rb", buffering=0) as stream:  # noqa: PTH123 - a Path costs more
            # The state before reading: a file that is still being written is read again next time.
            status = os.fstat(stream.fileno())
            if status.st_size > _READ_AT_ONCE:
                with io.BufferedReader(stream) as buffered:
                    size, digest = _examine_stream(buffered, max_pixels)
            else:
                size, digest = _examine_bytes(_read_all(stream, status.st_size), max_pixels)
    except ImageError as error:
        return Problem(path, str(error))
    except OSError as error:
        return Problem(path, reason_of(error))
    except MemoryError:
        return Problem(path, "There is not enough memory to decode it.")
    return FileRecord(path, digest, status.st_size, status.st_mtime_ns, *size)


def _read_all(stream: io.FileIO, expected: int) -> bytes:
    """All of a file, with one call if it is as long as expected."""
    data = os.read(stream.fileno(), expected + 1)
    return data if len(data) == expected else data + stream.readall()


def _examine_stream(stream: BinaryIO, max_pixels: int) -> tuple[tuple[int, int], str]:
    size = verify(stream, max_pixels)
    stream.seek(0)
    return size, hashlib.file_digest(stream, HASH).hexdigest()  # type: ignore[arg-type]


def _examine_bytes(data: bytes, max_pixels: int) -> tuple[tuple[int, int], str]:
    size = plain_size(data)
    if size is None or size[0] * size[1] > max_pixels:
        size = verify(io.BytesIO(data), max_pixels)
    return size, HASH(data).hexdigest()
