"""Image files of the archive, and what was wrong with some."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.types.ids import ImageId


class ImageState(StrEnum):
    """What is known about the file behind an image."""

    PRESENT = "present"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Image:
    """One image file of the archive. ``path`` is relative to the archive's root, POSIX style."""

    id: ImageId
    path: str
    content_hash: str
    size: int
    width: int
    height: int
    state: ImageState


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A readable image file as it was found: upright size in pixels, modification time in ns."""

    path: str
    content_hash: str
    size: int
    mtime_ns: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the catalog remembers about the file behind an image, without its path."""

    id: ImageId
    content_hash: str
    size: int
    mtime_ns: int
    state: ImageState


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be used, and why, in one clear sentence."""

    path: str
    reason: str
    at: datetime | None = field(default=None, compare=False)
