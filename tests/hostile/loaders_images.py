"""Images of every format, as they are imported, shown and encoded."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from loader import Loader, Refused

from core.errors import ImageError
from core.images.decode import decode
from core.images.examine import examine_files
from core.images.thumbnails import ThumbnailCache
from core.images.walk import ListedFile
from core.types import Problem

MAX_PIXELS = 1_000_000
_OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("RGB", "JPEG", {}),
    ("RGB", "JPEG", {"progressive": True, "quality": 30}),
    ("CMYK", "JPEG", {}),
    ("L", "JPEG", {"comment": b"a comment"}),
    ("RGB", "PNG", {}),
    ("RGBA", "PNG", {}),
    ("P", "PNG", {}),
    ("I;16", "PNG", {}),
    ("RGB", "TIFF", {}),
    ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    ("RGB", "TIFF", {"compression": "jpeg"}),
    ("1", "TIFF", {"compression": "group4"}),
    ("F", "TIFF", {}),
    ("I;16", "TIFF", {"compression": "tiff_adobe_deflate"}),
    ("RGB", "BMP", {}),
    ("P", "GIF", {}),
    ("RGB", "WEBP", {}),
    ("RGBA", "WEBP", {"lossless": True}),
)


def _image_seeds(_folder: Path) -> list[bytes]:
    noise = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    plain = PIL.Image.fromarray(noise)
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "description"
    found = []
    for mode, image_format, options in _OPTIONS:
        image = plain if mode == "RGB" else plain.convert("L").convert(mode)
        buffer = io.BytesIO()
        image.save(buffer, image_format, **options)
        found.append(buffer.getvalue())
    for image_format in ("JPEG", "PNG", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        plain.save(buffer, image_format, exif=exif, icc_profile=bytes(range(256)))
        found.append(buffer.getvalue())
    buffer = io.BytesIO()
    frames = [plain.convert("P"), plain.rotate(90).convert("P")]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], transparency=3)
    return [*found, buffer.getvalue()]


def _import(folder: Path, data: bytes) -> None:
    (folder / "a.jpg").write_bytes(data)
    found = examine_files(str(folder), [ListedFile("a.jpg", len(data), 1)], MAX_PIXELS)[0]
    if isinstance(found, Problem):
        raise Refused(found.reason)
    assert 0 < found.width * found.height <= MAX_PIXELS


def _show(folder: Path, data: bytes) -> None:
    path = folder / "a.jpg"
    path.write_bytes(data)
    status = path.stat()
    noted = status.st_size, status.st_mtime_ns
    cache = ThumbnailCache(folder / "thumbnails")
    shown = None
    try:
        shown = cache.load_or_make("0" * 8, path, MAX_PIXELS, noted)
    finally:
        if (made := cache.path("0" * 8)) is not None:
            made.unlink()
    with PIL.Image.open(io.BytesIO(shown)) as small:
        assert max(small.size) <= 256


def _decode(folder: Path, data: bytes) -> None:
    path = folder / "a.jpg"
    path.write_bytes(data)
    image = decode(path, MAX_PIXELS)
    assert image.mode == "RGB"
    assert image.width * image.height <= MAX_PIXELS


def _damaged_thumbnail(folder: Path, data: bytes) -> None:
    """A cache that is damaged never keeps an image from being shown, nor shows another file."""
    place = folder / "damaged" / "00" / f"{'0' * 8}.jpg"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    try:
        cache, absent = ThumbnailCache(folder / "damaged"), folder / "none.jpg"
        cache.load_or_make("0" * 8, absent, MAX_PIXELS, (0, 0))
    except ImageError as error:
        raise Refused(error.message) from error


LOADERS = (
    Loader("image: import", 14, _image_seeds, _import),
    Loader("image: decode", 14, _image_seeds, _decode),
    Loader("image: thumbnail", 6, _image_seeds, _show),
    Loader("image: cached thumbnail", 1, _image_seeds, _damaged_thumbnail),
)
