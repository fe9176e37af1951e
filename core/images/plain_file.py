"""What a plain image file is, found without a decoder: read once, its header looked at, hashed.

Runs in a process of its own too, see :mod:`core.images.lookers`, and imports only what starts at
once.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from typing import IO, Any, TypeAlias

from core.images.jpeg_header import plain_jpeg_size

Look: TypeAlias = tuple[str, int, int, int, int]
"""Content hash, size in bytes, modification time in ns, width and height in pixels."""

_LARGEST = 8 << 20
"""Bytes; of a larger file it would be the reading that takes the time."""
END_OF_JPEG = b"\xff\xd9"
HASH = partial(hashlib.blake2b, digest_size=20)
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)


def look_at(place: str) -> Look | None:
    """What the file is; None if only a closer look can tell, or say why not."""
    try:
        descriptor = os.open(place, _FLAGS)
        try:
            # The state before reading: a file still being written is read again next time.
            status = os.fstat(descriptor)
            expected = status.st_size
            data = os.read(descriptor, expected + 1) if expected <= _LARGEST else b""
        finally:
            os.close(descriptor)
    except (OSError, MemoryError):
        return None
    size = plain_size(data) if len(data) == expected else None
    return size and (HASH(data).hexdigest(), expected, status.st_mtime_ns, *size)


def plain_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a plain and whole JPEG; None for anything else."""
    return plain_jpeg_size(data) if data.endswith(END_OF_JPEG) else None


def send(stream: IO[bytes], value: list[Any]) -> None:
    """Write plain values for :func:`receive`."""
    stream.write(json.dumps(value).encode() + b"\n")
    stream.flush()


def receive(stream: IO[bytes]) -> list[Any]:
    """What was sent by this program. Raises EOFError when nothing more comes."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    value: list[Any] = json.loads(line)
    return value


def _answer() -> None:
    """Answer each list of places on standard input with a list of looks, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asked
    with suppress(EOFError, BrokenPipeError):
        while True:
            places = receive(sys.stdin.buffer)
            send(sys.stdout.buffer, [look_at(place) for place in places])


if __name__ == "__main__":
    _answer()
