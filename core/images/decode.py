"""Untrusted bytes to pixels. Originals are opened for reading only."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import PIL.Image
from PIL.Image import Transpose

from core.errors import ImageError
from core.images.free_memory import free_memory
from core.quiet import ignore_warnings_of

Values: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
"""Height by width in pixels, in the range of the file."""

FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP")
"""The decoders that untrusted bytes may reach; Pillow knows many more."""
CUT_OFF = "The file is cut off: its end is missing."
DAMAGED_HEADER = "The file is damaged or cut off near its start."
DAMAGED_DATA = "Its image data is damaged."
ORIENTATION_TAG = 0x0112
_READ_AT_ONCE = 1 << 20
LARGE_BYTES = 512_000_000
"""Memory above which images are decoded one at a time, so that threads do not multiply it:
that of 64 megapixels of RGB."""
_RGB_BYTES = 4
"""Bytes that Pillow takes for a pixel of RGB, RGBA, CMYK, LA, integers or floats."""
_BYTES_OF_MODE = {"1": 1, "L": 1, "P": 1}
_BYTES_OF_DECODER = {"TIFF": 8, "WEBP": 12}
"""Bytes a pixel that a decoder holds beside the image: of TIFF a strip, which may be the whole
image in 16-bit CMYK, of WEBP two canvases and the frame."""
_BLOCK = 1024
"""Side in pixels of the blocks in which wide values and transparency become RGB."""

# Pillow's own limit is process-wide and warns; ours is a setting, checked before any decoding.
PIL.Image.MAX_IMAGE_PIXELS = None

_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_one_large_at_a_time = threading.Lock()


def decode(path: Path, max_pixels: int, target: int | None = None) -> PIL.Image.Image:
    """Read one image as upright 8-bit RGB.

    Of an animation or a multi-page file the first frame is taken; transparency is laid on white;
    16-bit and floating-point values are scaled. With ``target`` a JPEG may come back smaller, but
    never with a side shorter than ``target`` pixels unless it was so before: that saves most of
    the work for a thumbnail. Raises :class:`ImageError` with the reason; before anything is
    decoded if that would take more memory than there is.
    """
    with open_file(path) as stream, open_image(stream, max_pixels) as image:
        stored = image.width * image.height
        if target is not None:
            image.draft("RGB", (target, target))
        with readable_faults(), enough_memory(image, stored):
            image.load()
            turn = _UPRIGHT.get(_orientation(image))
            rgb = _to_rgb(image)
            if turn is None:
                return rgb
            image.close()  # before there is a third copy of the pixels
            return rgb.transpose(turn)


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading; every reason why it cannot be is an :class:`ImageError`."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ImageError(reason_of(error)) from error
    except ValueError as error:  # a NUL in it, from a damaged catalog
        raise ImageError("Its name cannot be that of a file.") from error
    with stream:
        yield stream


def reason_of(error: OSError) -> str:
    """Say in a sentence why a file or folder cannot be read."""
    if isinstance(error, PermissionError):
        return "There is no permission to read it."
    if isinstance(error, FileNotFoundError):
        return "It is no longer there."
    return f"It cannot be read: {error.strerror or error}."


def _reason_if_disk(error: Exception) -> str:
    """Why reading failed, if it was the disk or the share that failed; "" for a damaged file."""
    return reason_of(error) if isinstance(error, OSError) and error.errno else ""


@contextmanager
def open_image(stream: BinaryIO, max_pixels: int) -> Iterator[PIL.Image.Image]:
    """Read the header and check the pixel limit; nothing is decoded yet."""
    ignore_warnings_of("PIL")
    try:
        image = PIL.Image.open(stream, formats=FORMATS)
    except PIL.UnidentifiedImageError as error:
        raise ImageError(_why_not_an_image(stream)) from error
    except Exception as error:  # a broken header can raise anything in a decoder
        raise ImageError(_reason_if_disk(error) or DAMAGED_HEADER) from error
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(
            f"It has {width * height / 1e6:.0f} megapixels; "
            f"the limit of this project is {max_pixels / 1e6:.0f}."
        )
    yield image


def _why_not_an_image(stream: BinaryIO) -> str:
    try:
        stream.seek(0)
        start = stream.read(16)
        while stream.read(_READ_AT_ONCE):  # a decoder may keep an error of the disk to itself
            continue
    except OSError as error:
        return reason_of(error)
    if not start:
        return "The file is empty."
    known = (b"\xff\xd8", b"\x89PNG", b"II*\0", b"MM\0*", b"BM", b"GIF8", b"RIFF")
    if start.startswith(known):
        return DAMAGED_HEADER
    if not start.strip(b"\0"):
        return "The file holds only zeros."
    return "It is not an image of a known format."


@contextmanager
def readable_faults() -> Iterator[None]:
    """Turn whatever a decoder raises on damaged data into an :class:`ImageError`."""
    try:
        yield
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError("There is not enough memory to decode it.") from error
    except Exception as error:  # a decoder given damaged data can raise anything
        if reason := _reason_if_disk(error):
            raise ImageError(reason) from error
        text = str(error).lower()
        if isinstance(error, EOFError) or "truncated" in text or "eof" in text:
            raise ImageError(CUT_OFF) from error
        raise ImageError(DAMAGED_DATA) from error


@contextmanager
def enough_memory(image: PIL.Image.Image, stored_pixels: int) -> Iterator[None]:
    """Decode in this block; of images so large that two could fill the memory, one at a time.

    ``stored_pixels`` are those in the file, of which a JPEG may be about to give fewer. Raises
    :class:`ImageError` if decoding to RGB would take more than three quarters of the memory that
    is free: the rest is for whoever asked, and for other programs.
    """
    needed = _peak_bytes(image, stored_pixels)
    if needed <= LARGE_BYTES:
        yield
        return
    with _one_large_at_a_time:
        free = free_memory()
        if free is not None and needed > free // 4 * 3:
            raise ImageError(
                f"There is not enough memory to decode it, which takes {needed / 1e9:.1f} GB.",
                "Close other programs, and try again.",
            )
        yield


def _peak_bytes(image: PIL.Image.Image, stored_pixels: int) -> int:
    """Bytes that decoding takes at its height: all that is held at once, rounded up."""
    decoder = _BYTES_OF_DECODER.get(image.format or "", 0)
    if image.info.get("progressive"):  # 16 bits of every coefficient, until the last scan is read
        decoder = 2 * len(image.getbands())
    own = _BYTES_OF_MODE.get(image.mode, 2 if image.mode.startswith("I;16") else _RGB_BYTES)
    pixels = image.width * image.height
    # The decoder is done when the image becomes RGB, and the image when that is turned.
    return max(pixels * own + stored_pixels * decoder, pixels * (own + _RGB_BYTES))


def upright_size(image: PIL.Image.Image) -> tuple[int, int]:
    """Width and height in pixels as a person sees the image; works on an undecoded one."""
    width, height = image.size
    return (height, width) if _orientation(image) in _SIDEWAYS else (width, height)


def _orientation(image: PIL.Image.Image) -> int:
    if image.format == "TIFF":  # Pillow has turned it already
        return 1
    if image.format == "PNG" and "exif" not in image.info:  # asking would decode it
        return 1
    try:
        value = image.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # damaged metadata must not hide a good picture
        return 1
    return value if isinstance(value, int) else 1


def _to_rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    if image.mode.startswith("I;16"):
        # A 16-bit value v stands for v / 65535, so 8 bits of it are v / 257.
        return _by_blocks(image, lambda block: _gray(_values(block) / 257.0))
    if image.mode in ("I", "F"):
        low, high = _range(image)
        return _by_blocks(image, lambda block: _gray(_stretch(_values(block), low, high)))
    if image.has_transparency_data:
        return _by_blocks(image, _on_white)
    if image.mode == "RGB":
        return image.copy()  # detached from the file, which is about to be closed
    return image.convert("RGB")


def _by_blocks(
    image: PIL.Image.Image, to_rgb: Callable[[PIL.Image.Image], PIL.Image.Image]
) -> PIL.Image.Image:
    """The same as ``to_rgb(image)``, which is pixel by pixel, without its memory."""
    rgb = PIL.Image.new("RGB", image.size)
    for box in _boxes(image):
        rgb.paste(to_rgb(image.crop(box)), box)
    return rgb


def _boxes(image: PIL.Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right and bottom in pixels of blocks that cover the image."""
    width, height = image.size
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            yield left, top, min(left + _BLOCK, width), min(top + _BLOCK, height)


def _on_white(image: PIL.Image.Image) -> PIL.Image.Image:
    layer = image.convert("RGBA")
    paper = PIL.Image.new("RGBA", layer.size, "white")
    return PIL.Image.alpha_composite(paper, layer).convert("RGB")


def _values(image: PIL.Image.Image) -> Values:
    return np.asarray(image).astype(np.float64)


def _gray(values: Values) -> PIL.Image.Image:
    rounded = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return PIL.Image.fromarray(rounded).convert("RGB")


def _range(image: PIL.Image.Image) -> tuple[float, float]:
    """Least and greatest finite value. Raises :class:`ImageError` if there is none."""
    low, high = math.inf, -math.inf
    for box in _boxes(image):
        values = _values(image.crop(box))
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if low > high:
        raise ImageError(DAMAGED_DATA)
    return low, high


def _stretch(values: Values, low: float, high: float) -> Values:
    """Wide values have no agreed range: 8-bit ones stay, others run from black to white.

    ``low`` and ``high`` are the least and greatest finite value of the whole image.
    """
    if low >= 0 and 1 < high <= 255:
        return np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    stretched = (values - low) * (255.0 / (high - low or 1.0))
    return np.nan_to_num(stretched, nan=0.0, posinf=255.0, neginf=0.0)
