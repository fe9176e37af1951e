"""Small pictures on disk, by content hash: made once, thrown away freely, never trusted."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
import zlib
from pathlib import Path

import PIL.Image

from core.images.decode import decode

SIDE = 256
"""Longest side of a thumbnail in pixels."""
QUALITY = 85
_END = b"\xff\xd9"
_COMMENT = b"\xff\xfe\x00\x0a"
"""Start of a comment of eight characters."""
_HASH = re.compile(r"[0-9a-f]{8,128}")


class ThumbnailCache:
    """A folder of JPEG files, spread over 256 sub-folders by the start of the hash.

    Any number of threads and processes may use it at once. Losing it costs only time.
    """

    def __init__(self, folder: Path, max_files: int = 500_000) -> None:
        """Use ``folder``, which need not exist; the oldest beyond ``max_files`` are removed."""
        self._folder = folder
        self._max_files_per_shard = max(1, max_files // 256)

    def path(self, content_hash: str) -> Path | None:
        """Where the thumbnail lies, or None if it has not been made yet."""
        path = self._place(content_hash)
        return path if path.is_file() else None

    def load_or_make(
        self,
        content_hash: str,
        source: Path,
        max_pixels: int,
        noted: tuple[int, int],
    ) -> bytes:
        """JPEG bytes, at most 256 pixels on the long side; made from ``source`` if need be.

        ``noted`` is the size in bytes and the modification time in ns that ``source`` had when
        its content was hashed. If it has others now, it is shown as it is and nothing is kept.

        Raises :class:`core.errors.ImageError` when it has to be made and ``source`` cannot be
        decoded. A cache that cannot be written to is no error.
        """
        cached = self.load(content_hash)
        if cached is not None:
            return cached
        before = _size_and_time(source)
        made = make_thumbnail(source, max_pixels)
        # Asked again afterwards: a file replaced while it was read is noticed too.
        if before == _size_and_time(source) == noted:
            with contextlib.suppress(OSError):
                self._store(self._place(content_hash), made)
        return made

    def load(self, content_hash: str) -> bytes | None:
        """JPEG bytes, or None if there is no sound thumbnail yet."""
        with contextlib.suppress(OSError):
            cached = self._place(content_hash).read_bytes()
            if _is_sound(cached):
                return cached
        return None

    def _place(self, content_hash: str) -> Path:
        if not _HASH.fullmatch(content_hash):
            raise ValueError(f"not a content hash: {content_hash!r}")
        return self._folder / content_hash[:2] / f"{content_hash}.jpg"

    def _store(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(suffix=".new", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink()
            raise
        # Counting a folder costs about a millisecond, so only one store in sixteen does.
        if path.name[2] == "0":
            self._trim(path.parent)

    def _trim(self, shard: Path) -> None:
        with os.scandir(shard) as entries:
            by_age = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
        for _, path in by_age[: max(0, len(by_age) - self._max_files_per_shard)]:
            with contextlib.suppress(FileNotFoundError):
                Path(path).unlink()


def make_thumbnail(source: Path, max_pixels: int) -> bytes:
    """Decode ``source`` and return a JPEG whose long side is at most 256 pixels."""
    image = decode(source, max_pixels, target=SIDE)
    image.thumbnail((SIDE, SIDE), PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return _sealed(buffer.getvalue())


def _size_and_time(source: Path) -> tuple[int, int] | None:
    """Size in bytes and modification time in ns; None if it cannot be asked."""
    try:
        status = source.stat()
    except (OSError, ValueError):  # decoding says why
        return None
    return status.st_size, status.st_mtime_ns


def _sealed(jpeg: bytes) -> bytes:
    """A JPEG with a checksum of itself in a comment at its end."""
    picture = jpeg[: -len(_END)]
    return picture + _COMMENT + f"{zlib.crc32(picture):08x}".encode() + _END


def _is_sound(data: bytes) -> bool:
    """Whether it is as it was made. A decoder would not mind overwritten image data."""
    picture, comment, _ = data.rpartition(_COMMENT)
    return bool(comment) and data == _sealed(picture + _END)
